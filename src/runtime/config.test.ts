import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  ENVIRONMENT,
  readConfig,
  redactedConfig,
  type ServiceConfig,
  serviceConfig,
} from "./config.ts";

const KEY = Buffer.alloc(32, 7).toString("base64");

function configOf(json: unknown, env: Record<string, string> = {}): ServiceConfig {
  const read = readConfig(serviceConfig, { name: "config.json", text: JSON.stringify(json) }, env);
  if (!read.ok) throw new Error(read.refusal.message);
  return read.value;
}

function refusalOf(text: string, env: Record<string, string> = {}) {
  const read = readConfig(serviceConfig, { name: "config.json", text }, env);
  return read.ok ? "accepted" : read.refusal;
}

describe("the settings", () => {
  it("are whole without a word from anybody, on this machine only", () => {
    const read = readConfig(serviceConfig, null, {});
    expect(read).toMatchObject({
      ok: true,
      value: {
        data: "straitway-data",
        http: { host: "127.0.0.1", port: 8420 },
        leadership: { leaseMs: 5000 },
        banks: [],
      },
    });
  });

  it("come from the file, and the environment wins", () => {
    const file = { http: { port: 1000, host: "0.0.0.0" }, log: { level: "warn" } };
    const config = configOf(file, { STRAITWAY_PORT: "2000", DATABASE_URL: "postgres://u@h/d" });
    expect(config.http).toEqual({ host: "0.0.0.0", port: 2000 });
    expect(config.log.level).toBe("warn");
    expect(config.databaseUrl).toBe("postgres://u@h/d");
  });

  it("refuse what nobody knows, at any depth, and name it", () => {
    expect(refusalOf('{"dataDir":"x"}')).toMatchObject({
      code: "config-invalid",
      message: expect.stringContaining("dataDir"),
    });
    expect(refusalOf('{"http":{"prt":1}}')).toMatchObject({
      message: expect.stringContaining("config.json: http: "),
    });
  });

  it("name the variable that is wrong, and never repeat a value", () => {
    const refusal = refusalOf("{}", { STRAITWAY_PORT: "secret-by-mistake" });
    expect(refusal).toMatchObject({
      code: "config-invalid",
      message: expect.stringContaining("STRAITWAY_PORT: http.port"),
    });
    expect(JSON.stringify(refusal)).not.toContain("secret-by-mistake");
  });

  it("refuse a file that is not JSON without repeating it", () => {
    const refusal = refusalOf('{"secretKey": hunter2}');
    expect(refusal).toMatchObject({ code: "config-not-json" });
    expect(JSON.stringify(refusal)).not.toContain("hunter2");
    expect(refusalOf("[]")).toMatchObject({ code: "config-not-json" });
  });

  it("are shown without their secrets", () => {
    const config = configOf({
      databaseUrl: "postgres://straitway:hunter2@db:5432/straitway?sslpassword=hunter3",
      secretKey: KEY,
      metrics: { token: "hunter4-hunter4-hunter4" },
      access: {
        sso: [
          {
            id: "corp",
            name: "Corp",
            issuer: "https://id.example.com",
            clientId: "straitway",
            clientSecret: "hunter5",
            emailDomains: ["example.com"],
          },
        ],
      },
    });
    const shown = JSON.stringify(redactedConfig(config));
    expect(shown).not.toMatch(/hunter/);
    expect(shown).not.toContain(KEY);
    expect(shown).toContain("postgres://straitway:hidden@db:5432/straitway");
    expect(shown).toContain('"clientId":"straitway"');
  });
});

describe("the reference of the settings", () => {
  const text = readFileSync(
    join(import.meta.dirname, "../../docs/reference/configuration.md"),
    "utf8",
  );

  it("names every setting and every variable", () => {
    const names = [...Object.keys(readableDefaults()), ...Object.keys(ENVIRONMENT)];
    expect(names.filter((name) => !text.includes(`\`${name}\``))).toEqual([]);
  });
});

/** Every setting with a default, by its path. */
function readableDefaults(): Record<string, unknown> {
  const paths: Record<string, unknown> = {};
  const walk = (value: unknown, path: string): void => {
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      for (const [name, inner] of Object.entries(value))
        walk(inner, path === "" ? name : `${path}.${name}`);
    } else paths[path] = value;
  };
  walk(configOf({ secretKey: KEY, policy: "p", databaseUrl: "postgres://u@h/d" }), "");
  return paths;
}
