// The sandbox marketplace: a stateful stand-in for the part of Amazon's Selling Partner API that settlements and
// payouts come from. One HTTP application plays Login with Amazon, the API and the storage of report documents, on
// one address. What is faithful and what is not: docs/reference/sandbox-marketplace.md.

import type { Context } from "hono";
import { Hono } from "hono";
import type { Clock } from "../../time/clock.ts";
import type { Instant } from "../../time/instant.ts";
import type { SandboxClock } from "../sandbox-clock.ts";
import { drawUuid } from "../seeded-draw.ts";
import type { Reply } from "./answers.ts";
import { error, invalidInput, writeJson } from "./answers.ts";
import type { Operation } from "./calls.ts";
import type { Application } from "./consents.ts";
import { addControlRoutes } from "./control-routes.ts";
import { type MarketplaceControls, makeControls } from "./controls.ts";
import { answerCall } from "./gate.ts";
import { addLoginRoutes } from "./login-routes.ts";
import { FINANCE_OPERATIONS } from "./operations/finances.ts";
import { FINANCE_V0_OPERATIONS } from "./operations/finances-v0.ts";
import { downloadDocument, REPORT_OPERATIONS } from "./operations/reports.ts";
import { SELLER_OPERATIONS } from "./operations/sellers.ts";
import { TRANSFER_OPERATIONS } from "./operations/transfers.ts";
import { nextDueAt, passTime } from "./pass-time.ts";
import type { MarketplaceState } from "./state.ts";
import { newMarketplaceState } from "./state.ts";
import type { StaticPair } from "./static-sandbox.ts";
import { answerStatic, STATIC_HOST_PREFIX, STATIC_PATH_PREFIX } from "./static-sandbox.ts";

/** Bytes of a request's body at most: no operation here takes more than a few fields. */
const BODY_BYTES_MAX = 65_536;

export const SANDBOX_APPLICATION: Application = {
  applicationId: "amzn1.sellerapps.app.straitway-sandbox",
  clientId: "amzn1.application-oa2-client.straitway-sandbox",
  clientSecret: "amzn1.oa2-cs.v1.straitway-sandbox",
  redirectUris: [],
};

export type SandboxMarketplaceOptions = {
  readonly clock: Clock | SandboxClock;
  /** The same seed and the same acts at the same times give the same ids, amounts and bytes. */
  readonly seed?: number;
  /** A state from an earlier run: the marketplace goes on where that one was. The seed is its own. */
  readonly state?: MarketplaceState;
  readonly application?: Application;
  /** Pairs of Amazon's static sandbox, where a folder with them is at hand (`readStaticPairs`). */
  readonly staticPairs?: readonly StaticPair[];
  /** Called after a change, before the answer goes out: the moment to note that the state must be saved. */
  readonly onChange?: (state: MarketplaceState) => void;
};

export type SandboxMarketplace = {
  readonly app: Hono;
  /** The HTTP interface without a network: a client's `fetch`. */
  readonly fetch: (request: Request) => Promise<Response>;
  readonly controls: MarketplaceControls;
  readonly application: Application;
  /** When something happens next by itself; null: nothing is planned. */
  readonly nextAt: () => Instant | null;
  /** Everything it knows, up to now: plain data for saved-state.ts. */
  readonly state: () => MarketplaceState;
};

export const SANDBOX_OPERATIONS: readonly Operation[] = [
  ...REPORT_OPERATIONS,
  ...TRANSFER_OPERATIONS,
  ...FINANCE_OPERATIONS,
  ...FINANCE_V0_OPERATIONS,
  ...SELLER_OPERATIONS,
];

export function createSandboxMarketplace(options: SandboxMarketplaceOptions): SandboxMarketplace {
  const state = options.state ?? newMarketplaceState(options.seed ?? 1);
  const application = options.application ?? SANDBOX_APPLICATION;
  const changed = (): void => options.onChange?.(state);
  const catchUp = (): Instant => {
    const now = options.clock.now();
    if (passTime(state, now) > 0) changed();
    return now;
  };
  // Not part of the state: how often somebody asked changes nothing in the marketplace.
  let requestCount = 0;
  const requestId = (): string => {
    requestCount += 1;
    return drawUuid(state.seed, "request", requestCount);
  };
  const controls = makeControls({ state, application, catchUp, changed });
  const app = new Hono();
  app.use(async (c, next) => {
    const request = staticRequestOf(c);
    if (request === null) return next();
    const body = await bodyOf(c);
    const reply = answerStatic(options.staticPairs ?? [], { ...request, body: body ?? null });
    return respond(reply, requestId());
  });
  addLoginRoutes(app, { state, application, catchUp, changed });
  for (const operation of SANDBOX_OPERATIONS) {
    app.on(operation.method, operation.path, async (c) => {
      const now = catchUp();
      const body = await bodyOf(c);
      const faultsBefore = pendingFaults(state);
      const reply =
        body === undefined
          ? invalidInput("The request body cannot be read")
          : answerCall(state, operation, incomingOf(c, body), now);
      // Asking empties a bucket a little: not worth saving. A fault that was used up and a payout are.
      if (operation.method === "POST" || pendingFaults(state) !== faultsBefore) changed();
      return respond(reply, requestId());
    });
  }
  addControlRoutes(app, controls, "advanceMs" in options.clock ? options.clock : null);
  app.get("/documents/:documentId", (c) => download(c, state, catchUp()));
  app.notFound(() =>
    respond(error(404, "NotFound", "The sandbox marketplace has no such operation"), requestId()),
  );
  return {
    app,
    fetch: async (request) => app.fetch(request),
    controls,
    application,
    nextAt: () => {
      catchUp();
      return nextDueAt(state);
    },
    state: () => {
      catchUp();
      return state;
    },
  };
}

function pendingFaults({ faults }: MarketplaceState): number {
  return faults.reduce((sum, { times }) => sum + times, 0);
}

function incomingOf(c: Context, body: unknown): Parameters<typeof answerCall>[2] {
  const url = new URL(c.req.url);
  return {
    accessToken: c.req.header("x-amz-access-token") ?? null,
    query: url.searchParams,
    path: c.req.param(),
    body,
    origin: url.origin,
  };
}

/** What a request to the static sandbox asks; null when it is for the stateful one. */
function staticRequestOf(c: Context): Omit<Parameters<typeof answerStatic>[1], "body"> | null {
  const { pathname, searchParams } = new URL(c.req.url);
  const isUnderPath = pathname.startsWith(`${STATIC_PATH_PREFIX}/`);
  const host = c.req.header("host") ?? "";
  if (!isUnderPath && !host.startsWith(STATIC_HOST_PREFIX)) return null;
  return {
    method: c.req.method,
    path: isUnderPath ? pathname.slice(STATIC_PATH_PREFIX.length) : pathname,
    query: searchParams,
    hasToken: (c.req.header("x-amz-access-token") ?? "") !== "",
  };
}

/** The JSON of the body, null when there is none, undefined when it cannot be read. */
async function bodyOf(c: Context): Promise<unknown> {
  const text = await c.req.text();
  if (text === "") return null;
  if (text.length > BODY_BYTES_MAX) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function respond({ status, body, headers }: Reply, requestId: string): Response {
  return new Response(writeJson(body), {
    status,
    headers: { "content-type": "application/json", "x-amzn-RequestId": requestId, ...headers },
  });
}

function download(c: Context, state: MarketplaceState, now: Instant): Response {
  // Signed addresses answer no request with headers of the API: they were not signed.
  if (c.req.header("x-amz-access-token") !== undefined) {
    const message = "There were headers present in the request which were not signed";
    return xmlError("AccessDenied", message);
  }
  const search = new URL(c.req.url).searchParams;
  const found = downloadDocument(state, c.req.param("documentId") ?? "", search, now);
  if (!found.ok) return xmlError(found.code, found.message);
  const encoding = found.contentEncoding;
  return new Response(Buffer.from(found.bytes), {
    headers: {
      "content-type": found.contentType,
      ...(encoding === null ? {} : { "content-encoding": encoding }),
    },
  });
}

function xmlError(code: string, message: string): Response {
  const status = code === "NoSuchKey" ? 404 : 403;
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message></Error>`;
  return new Response(body, { status, headers: { "content-type": "application/xml" } });
}
