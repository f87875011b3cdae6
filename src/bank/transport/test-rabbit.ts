// RabbitMQ for tests: this machine's, with its AMQP 1.0 plugin, as a child process on loopback ports in a temporary
// folder. Absent binaries are a reason to skip, said aloud.

import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AmqpAccess } from "./amqp-access.ts";
import { answering, freePort } from "./test-sshd.ts";

export type TestBroker = {
  readonly access: AmqpAccess;
  /** An address of this broker for a queue of the test. */
  readonly address: (queue: string) => string;
  readonly stop: () => Promise<void>;
};

const LIBRARY = "/usr/lib/rabbitmq";

function pluginMissing(): boolean {
  const versions = existsSync(`${LIBRARY}/lib`) ? readdirSync(`${LIBRARY}/lib`) : [];
  return !versions.some((version) => {
    const plugins = `${LIBRARY}/lib/${version}/plugins`;
    return (
      existsSync(plugins) &&
      readdirSync(plugins).some((name) => name.startsWith("rabbitmq_amqp1_0"))
    );
  });
}

export function rabbitMissing(): string | null {
  if (!existsSync(`${LIBRARY}/bin/rabbitmq-server`)) {
    return "no RabbitMQ on this machine (Debian: rabbitmq-server)";
  }
  if (pluginMissing()) return "RabbitMQ without its AMQP 1.0 plugin";
  return spawnSync("epmd", ["-names"], { stdio: "ignore" }).error === undefined
    ? null
    : "no Erlang port mapper (epmd)";
}

function rabbitEnvironment(folder: string, ports: { amqp: number; epmd: number; node: number }) {
  const plugins = join(folder, "enabled_plugins");
  writeFileSync(plugins, "[rabbitmq_amqp1_0].\n");
  writeFileSync(
    join(folder, "rabbitmq.conf"),
    `listeners.tcp.default = 127.0.0.1:${ports.amqp}\nlog.console = true\nlog.file = false\n`,
  );
  return {
    PATH: process.env["PATH"],
    HOME: folder,
    LANG: "C.UTF-8",
    ERL_EPMD_PORT: String(ports.epmd),
    ERL_EPMD_ADDRESS: "127.0.0.1",
    // No core of a small machine is for waiting busily.
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: "+S 1:1 +sbwt none",
    RABBITMQ_NODENAME: `straitway-${ports.amqp}@localhost`,
    RABBITMQ_NODE_IP_ADDRESS: "127.0.0.1",
    RABBITMQ_NODE_PORT: String(ports.amqp),
    RABBITMQ_DIST_PORT: String(ports.node),
    RABBITMQ_MNESIA_BASE: join(folder, "mnesia"),
    RABBITMQ_LOG_BASE: join(folder, "log"),
    RABBITMQ_ENABLED_PLUGINS_FILE: plugins,
    RABBITMQ_CONFIG_FILE: join(folder, "rabbitmq"),
    RABBITMQ_ADVANCED_CONFIG_FILE: join(folder, "advanced"),
    RABBITMQ_CONF_ENV_FILE: join(folder, "env"),
    RABBITMQ_PID_FILE: join(folder, "pid"),
  };
}

export async function startRabbit(): Promise<TestBroker> {
  const folder = mkdtempSync(join(tmpdir(), "rabbit-"));
  const ports = { amqp: await freePort(), epmd: await freePort(), node: await freePort() };
  const env = rabbitEnvironment(folder, ports);
  // In the foreground, so that it is ours to end: the one that Erlang starts by itself would stay.
  const epmd = spawn("epmd", ["-port", String(ports.epmd), "-address", "127.0.0.1"], {
    stdio: "ignore",
  });
  await answering(ports.epmd, epmd, () => "epmd");
  let log = "";
  const server = spawn(`${LIBRARY}/bin/rabbitmq-server`, [], {
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  for (const stream of [server.stdout, server.stderr]) {
    stream.on("data", (chunk: Buffer) => {
      log = (log + chunk.toString("utf8")).slice(-4000);
    });
  }
  const ended = new Promise<void>((resolve) => server.once("exit", () => resolve()));
  await answering(ports.amqp, server, () => log);
  return {
    access: {
      host: "127.0.0.1",
      port: ports.amqp,
      tls: false,
      authority: null,
      username: "guest",
      password: "guest",
    },
    address: (queue) => `/queue/${queue}`,
    stop: async () => {
      server.kill("SIGTERM");
      await ended;
      epmd.kill("SIGKILL");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
