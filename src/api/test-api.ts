// An API on a channel of its own, asked as callers that the test makes up; every answer is held to the schema that the
// route declares. Used by tests only; the program never imports it.

import { z } from "@hono/zod-openapi";
import type { AccessDeps } from "../identity/access-deps.ts";
import type { Caller } from "../identity/caller.ts";
import { permissionsOf, type Role } from "../identity/roles.ts";
import type { SellerRegistration } from "../identity/sellers.ts";
import { openSso } from "../identity/sessions/sso.ts";
import { accessSettings, accessSettingsOf } from "../identity/settings.ts";
import type { Accept } from "../inbox/inbound.ts";
import { DEFAULT_SUPERVISION } from "../report/supervision/default-supervision.ts";
import { openTestChannel, type TestChannel } from "../report/verify/test-channel.ts";
import { DEFAULT_PARTITION, DEFAULT_TENANT } from "../runtime/channel.ts";
import { openReceiver } from "../runtime/receiver.ts";
import { newSealingKey, readKeyRing, sealer } from "../secret/seal.ts";
import { secureRows } from "../storage/row-security.ts";
import type { Store } from "../storage/store.ts";
import type { Clock } from "../time/clock.ts";
import { webhookSettings } from "../webhook/settings.ts";
import { type Api, createApi } from "./app.ts";
import type { AnsweredRequest, ApiDeps } from "./deps.ts";
import { readAs } from "./read-as.ts";
import { DEFAULT_API_SETTINGS } from "./settings.ts";

/** Where the browsers of tests reach the API. */
export const TEST_ORIGIN = "http://localhost";

export type TestAnswer = {
  readonly status: number;
  readonly headers: Headers;
  // What a test looks into is whatever came.
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly body: any;
  readonly text: string;
};

export type TestApi = {
  readonly api: Api;
  readonly channel: TestChannel;
  readonly deps: ApiDeps;
  /** What the observer was told, in order. */
  readonly seen: AnsweredRequest[];
  /** Asks as the caller (null: nobody); `init` as of `fetch`, a plain object in `json` becomes the body. */
  readonly ask: (caller: Caller | null, path: string, init?: TestRequest) => Promise<TestAnswer>;
  readonly close: () => Promise<void>;
};

export type TestRequest = {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  readonly body?: string | Uint8Array | FormData;
};

/** A made-up caller: what its role may do it may; bound to the seller, if one is named. */
export function testCaller(role: Role, sellerId: string | null = null): Caller {
  return {
    kind: "key",
    id: `key_test-${role}-${sellerId ?? "all"}`,
    personId: `user_test-${role}-${sellerId ?? "all"}`,
    sellerId,
    role,
    scopes: permissionsOf(role),
    steppedUpAt: null,
    sessionId: null,
  };
}

const CALLER_HEADER = "x-test-caller";

/** Access on the channel's own database, with cheap password hashes. */
function accessOf(store: Store, clock: Clock): AccessDeps {
  const keys = readKeyRing(newSealingKey());
  if (!keys.ok) throw new Error(keys.refusal.message);
  return {
    database: store.database,
    tenantId: DEFAULT_TENANT,
    clock,
    channelClock: clock,
    sealer: sealer(keys.value),
    settings: accessSettingsOf(accessSettings.parse({}), () => TEST_ORIGIN),
    scryptCost: { n: 1024, r: 8, p: 1 },
  };
}

export async function openTestApi(
  sellers: readonly SellerRegistration[],
  changed: (deps: ApiDeps) => Partial<ApiDeps> = () => ({}),
): Promise<TestApi> {
  const channel = await openTestChannel(sellers);
  const receiver = openReceiver(channel.channel);
  const callers = new Map<string, Caller>();
  const seen: AnsweredRequest[] = [];
  const intake: Accept = async ({ name, bytes, sellerId }) =>
    receiver.receive(name, bytes, sellerId);
  const access = accessOf(channel.channel.store, channel.channel.clock);
  const base: ApiDeps = {
    tenantId: DEFAULT_TENANT,
    partition: DEFAULT_PARTITION,
    store: channel.channel.store,
    channel: () => channel.channel,
    policy: channel.channel.policy,
    clock: channel.channel.clock,
    intake,
    bankConnections: [],
    supervision: DEFAULT_SUPERVISION,
    bankNotices: () => null,
    amazon: null,
    access,
    sso: openSso(access),
    authenticate: async (c) => callers.get(c.req.header(CALLER_HEADER) ?? "") ?? null,
    read: readAs(channel.database, DEFAULT_TENANT, await secureRows(channel.database)),
    sandbox: null,
    lookAround: null,
    hasConsole: false,
    settings: DEFAULT_API_SETTINGS,
    webhooks: webhookSettings.parse({ allowLoopback: true }),
    stopping: new AbortController().signal,
    observe: (request) => seen.push(request),
  };
  const deps = { ...base, ...changed(base) };
  const api = createApi(deps);
  return {
    api,
    channel,
    deps,
    seen,
    ask: async (caller, path, { method = "GET", headers = {}, json, body } = {}) => {
      if (caller !== null) callers.set(caller.id, caller);
      const answer = await api.app.request(path, {
        method,
        headers: {
          ...headers,
          ...(caller === null ? {} : { [CALLER_HEADER]: caller.id }),
          ...(json === undefined ? {} : { "content-type": "application/json" }),
        },
        ...(json === undefined ? {} : { body: JSON.stringify(json) }),
        ...(body === undefined ? {} : { body }),
      });
      const text = await answer.text();
      const isJson = /json/.test(answer.headers.get("content-type") ?? "");
      const parsed: unknown = isJson ? JSON.parse(text) : null;
      if (isJson) checkAnswer(api, method, path, answer.status, parsed);
      return { status: answer.status, headers: answer.headers, body: parsed, text };
    },
    close: async () => {
      await receiver.close();
      await channel.close();
    },
  };
}

/** Throws when the answer of a declared route is not what it declares for this status. */
function checkAnswer(api: Api, method: string, path: string, status: number, body: unknown): void {
  const { pathname } = new URL(path, "http://test.invalid");
  for (const definition of api.app.openAPIRegistry.definitions) {
    if (definition.type !== "route" || definition.route.method !== method.toLowerCase()) continue;
    const pattern = definition.route.path.replace(/\{[^}]+\}/g, "[^/]+");
    if (!new RegExp(`^${pattern}$`).test(pathname)) continue;
    const declared = definition.route.responses[status];
    if (declared === undefined) throw new Error(`${method} ${path} does not declare ${status}`);
    if (!("content" in declared)) return;
    for (const media of Object.values(declared.content ?? {})) {
      const schema = (media as { schema?: unknown }).schema;
      if (!(schema instanceof z.ZodType)) continue;
      const checked = schema.safeParse(body);
      if (!checked.success) throw new Error(`${method} ${path}: ${z.prettifyError(checked.error)}`);
    }
    checkCode(`${method} ${path}`, declared.content ?? {}, body);
    return;
  }
}

/** A problem's code must be one of those that the route declares for the status. */
function checkCode(asked: string, content: object, body: unknown): void {
  const problems = (content as Record<string, { examples?: object }>)["application/problem+json"];
  if (problems === undefined) return;
  const { code } = body as { code: string };
  if (!Object.hasOwn(problems.examples ?? {}, code))
    throw new Error(`${asked} does not declare the problem ${code}`);
}
