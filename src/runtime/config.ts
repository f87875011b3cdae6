// The settings of the service: one description, put together from the pieces that stand beside their users, read from
// a JSON file and the environment, checked once before anything starts. Unknown names are refused: a setting that is
// spelt wrong must not be a setting that is silently not there. Reference: docs/reference/configuration.md.

import { z } from "zod";
import { bankConnections } from "../bank/transport/settings.ts";
import { accepted, type Outcome, refused } from "../errors/refusal.ts";
import { accessSettings } from "../identity/settings.ts";
import { amazonSettings } from "../marketplace/amazon/sp-api/settings.ts";
import { webhookSettings } from "../webhook/settings.ts";

/** Where the API listens unless told: this machine only. */
export const HOST_DEFAULT = "127.0.0.1";
export const PORT_DEFAULT = 8420;

const secretText = z.string().min(1).max(4096);

export const serviceConfig = z.strictObject({
  /** Folder for the embedded PostgreSQL, the raw files and the key that seals secrets, where they are kept here. */
  data: z.string().min(1).max(4096).default("straitway-data"),
  /** A PostgreSQL 15 or later to use instead of the embedded one; several processes may share it. */
  databaseUrl: secretText.optional(),
  /** Connections of this process at most. */
  databaseConnections: z.int().min(5).max(200).default(16),
  /** Where raw files are kept; with `databaseUrl` in the database unless told, so that every process can read them. */
  rawStore: z.enum(["folder", "database"]).optional(),
  /** Keys that seal secrets at rest, base64 of 32 bytes each, separated by commas; the first one seals. */
  secretKey: secretText.optional(),
  /** File with the settings of matching and release (docs/reference/policy.md). */
  policy: z.string().min(1).max(4096).optional(),
  /** True: a bank file for a seller binds the accounts in it. False: that takes two people's approval. */
  filesBindAccounts: z.boolean().default(false),
  http: z
    .strictObject({
      host: z.string().min(1).max(253).default(HOST_DEFAULT),
      /** 0: any free port. */
      port: z.int().min(0).max(65_535).default(PORT_DEFAULT),
    })
    .prefault({}),
  access: accessSettings.prefault({}),
  banks: bankConnections,
  /** The connection to Amazon; absent: files alone. */
  amazon: amazonSettings.optional(),
  webhooks: webhookSettings.prefault({}),
  leadership: z
    .strictObject({
      /** How long a process that died keeps the others from taking the ledger over. */
      leaseMs: z.int().min(1_000).max(300_000).default(5_000),
      /** Pause between two looks at the ledger's lease, and at what other processes have stored. */
      pollMs: z.int().min(10).max(60_000).default(250),
    })
    .prefault({}),
  jobs: z
    .strictObject({
      /** Jobs that run at once in this process; 0: others run them. */
      runningMax: z.int().min(0).max(64).default(4),
      /** Without renewal a job is another process's after this long. */
      leaseMs: z.int().min(1_000).max(600_000).default(15_000),
    })
    .prefault({}),
  /** How long a stop may take before what still runs is cut off; it is carried on at the next start. */
  stopSeconds: z.int().min(1).max(600).default(20),
  log: z
    .strictObject({ level: z.enum(["debug", "info", "warn", "error", "silent"]).default("info") })
    .prefault({}),
  metrics: z
    .strictObject({
      /** Who asks for /metrics must name it as bearer; without one only this machine is answered. */
      token: z.string().min(16).max(200).optional(),
    })
    .prefault({}),
});

export type ServiceConfig = z.infer<typeof serviceConfig>;

type Environment = Readonly<Record<string, string | undefined>>;

/** Environment variables and the settings that they stand for; they win over the file. */
export const ENVIRONMENT: Readonly<Record<string, { path: readonly string[]; isNumber?: true }>> = {
  STRAITWAY_DATA: { path: ["data"] },
  DATABASE_URL: { path: ["databaseUrl"] },
  STRAITWAY_DATABASE_CONNECTIONS: { path: ["databaseConnections"], isNumber: true },
  STRAITWAY_RAW_STORE: { path: ["rawStore"] },
  STRAITWAY_SECRET_KEY: { path: ["secretKey"] },
  STRAITWAY_AMAZON_CLIENT_SECRET: { path: ["amazon", "clientSecret"] },
  STRAITWAY_POLICY: { path: ["policy"] },
  STRAITWAY_HOST: { path: ["http", "host"] },
  STRAITWAY_PORT: { path: ["http", "port"], isNumber: true },
  STRAITWAY_PUBLIC_URL: { path: ["access", "publicUrl"] },
  STRAITWAY_STOP_SECONDS: { path: ["stopSeconds"], isNumber: true },
  STRAITWAY_LOG_LEVEL: { path: ["log", "level"] },
  STRAITWAY_METRICS_TOKEN: { path: ["metrics", "token"] },
};

/** The text of a settings file, under the name that people know it by. */
export type ConfigFile = { readonly name: string; readonly text: string };

/** Settings by a schema that holds those of the service and, at the edges, more. */
export type ConfigSchema<Config extends ServiceConfig> = z.ZodType<Config>;

/**
 * The settings of a file (null: none) with the environment over them. Refused: `config-not-json`, `config-invalid`,
 * which names the setting and never repeats its value.
 */
export function readConfig<Config extends ServiceConfig>(
  schema: ConfigSchema<Config>,
  file: ConfigFile | null,
  env: Environment,
): Outcome<Config> {
  const parsed = file === null ? accepted({}) : parseFile(file);
  if (!parsed.ok) return parsed;
  const { values, sources } = withEnvironment(parsed.value, env);
  const checked = schema.safeParse(values);
  if (checked.success) return accepted(checked.data);
  const reasons = checked.error.issues.slice(0, ISSUES_SHOWN_MAX).map((issue) => {
    const path = issue.path.join(".");
    const source = sources.get(path) ?? file?.name ?? "the settings";
    return `${source}: ${path === "" ? "" : `${path}: `}${issue.message}`;
  });
  return refused("config-invalid", `${reasons.join("; ")}. Nothing was started.`);
}

const ISSUES_SHOWN_MAX = 10;

function parseFile({ name, text }: ConfigFile): Outcome<Record<string, unknown>> {
  try {
    const json: unknown = JSON.parse(text);
    if (typeof json === "object" && json !== null && !Array.isArray(json))
      return accepted(json as Record<string, unknown>);
    return refused("config-not-json", `${name} is not a JSON object.`);
  } catch {
    // The parser's own words would repeat a piece of the text, which may be a secret.
    return refused("config-not-json", `${name} is not JSON.`);
  }
}

function withEnvironment(
  file: Record<string, unknown>,
  env: Environment,
): { values: Record<string, unknown>; sources: ReadonlyMap<string, string> } {
  const values = structuredClone(file);
  const sources = new Map<string, string>();
  for (const [name, { path, isNumber }] of Object.entries(ENVIRONMENT)) {
    const text = env[name];
    if (text === undefined || text === "") continue;
    let place = values;
    for (const step of path.slice(0, -1)) {
      const next = place[step];
      place[step] = typeof next === "object" && next !== null ? next : {};
      place = place[step] as Record<string, unknown>;
    }
    place[path.at(-1)!] = isNumber === true && /^\d+$/.test(text) ? Number(text) : text;
    sources.set(path.join("."), name);
  }
  return { values, sources };
}

/** Names of settings that hold a secret themselves. */
const SECRET_NAMES = /^(secretKey|clientSecret|token|password|passphrase|refreshToken|apiKey)$/;

/** The settings as they may be shown: secrets are left out, and so are passwords in URLs. */
export function redactedConfig(config: ServiceConfig): unknown {
  return redacted(config);
}

function redacted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => redacted(item));
  if (typeof value === "string") return withoutPassword(value);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name,
      SECRET_NAMES.test(name) && typeof inner === "string" ? "(hidden)" : redacted(inner),
    ]),
  );
}

function withoutPassword(text: string): string {
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(text) || !URL.canParse(text)) return text;
  const url = new URL(text);
  if (url.password === "" && url.search === "") return text;
  if (url.password !== "") url.password = "hidden";
  // A database's URL may carry its password as a parameter too.
  url.search = "";
  return url.href;
}
