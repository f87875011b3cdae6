// A sandbox marketplace on a port of this machine, and a way to it for clients that know Amazon's own hosts only: an
// HTTPS agent whose every connection is a plain one to that port. No name is looked up and nothing leaves the machine.

import { Agent } from "node:https";
import { type AddressInfo, connect } from "node:net";
import type { Duplex } from "node:stream";
import { createAdaptorServer } from "@hono/node-server";
import type { SandboxMarketplace } from "./sandbox-marketplace.ts";

export type Loopback = {
  readonly baseUrl: string;
  readonly agent: Agent;
  readonly close: () => Promise<void>;
};

export async function onLoopback(marketplace: SandboxMarketplace): Promise<Loopback> {
  const server = createAdaptorServer({ fetch: marketplace.fetch });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  const agent = loopbackAgent(port);
  return {
    baseUrl: `http://127.0.0.1:${port}`,
    agent,
    close: async () => {
      agent.destroy();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
    },
  };
}

/**
 * A class that knows its port without being told: a client that asks for no agent gets a new one of the global
 * agent's class (superagent does).
 */
function loopbackAgent(port: number): Agent {
  class LoopbackAgent extends Agent {
    override createConnection(): Duplex {
      return connect(port, "127.0.0.1");
    }
  }
  return new LoopbackAgent({ keepAlive: false });
}
