// The controls over HTTP, for demonstrations and for tests in other languages: POST a few JSON fields, get what was
// made. Amounts are whole minor units in decimal texts ("amountMinor": "-2500"). These routes are the sandbox's own:
// nothing like them exists at Amazon.

import type { Context, Hono } from "hono";
import { z } from "zod";
import { currencyOf } from "../../money/currency.ts";
import { parseInstant } from "../../time/instant.ts";
import type { SandboxClock } from "../sandbox-clock.ts";
import { stateText } from "../saved-state.ts";
import { UnknownInSandbox } from "./controls/upkeep.ts";
import type { MarketplaceControls } from "./controls.ts";
import { FEES } from "./sales.ts";

/** A year and a bit at once: longer leaps would make more orders than anyone asked for. */
const MOVE_MAX_MS = 400 * 86_400_000;
const ORDERS_MAX = 1_000;

const minor = z
  .string()
  .regex(/^-?\d{1,15}$/)
  .transform(BigInt);
const count = z.int().min(0);
const form = z.enum(["whole", "reordered", "broken"]);
const reason = z.enum(["cancelled", "unexpected", "minimum", "bank-account"]);
const currency = z.string().transform((code, context) => {
  const known = currencyOf(code);
  if (known === null) context.addIssue("no currency of ISO 4217");
  return known ?? z.NEVER;
});

const plan = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.enum(["paid", "cancelled", "joined", "carried", "split"]) }),
  z.strictObject({ kind: z.literal("failed"), reason }),
]);

const settings = z.strictObject({
  periodDays: z.int().min(1).max(60).nullable().optional(),
  deferral: z.enum(["DD7", "none"]).optional(),
  reserveMinor: minor.optional(),
  minimumPayoutMinor: minor.optional(),
  negativeTotals: z.enum(["charged", "netted"]).optional(),
  inTransitAfterMs: count.optional(),
  paidAfterMs: count.optional(),
  reportAfterMs: count.optional(),
  ordersPerDay: z.number().min(0).max(ORDERS_MAX).optional(),
  transferWord: z.enum(["Succeeded", "Successful", "TRANSFERED", "Unknown"]).optional(),
  namesEverySettlement: z.boolean().optional(),
});

const deposit = z
  .strictObject({
    accountNumber: z.string().regex(/^[A-Za-z0-9]{4,34}$/),
    holderName: z.string().min(1).max(140).optional(),
    countryCode: z.string().length(2).optional(),
    bankBic: z.string().optional(),
    currency: currency.optional(),
    rate: z
      .string()
      .regex(/^\d{1,9}(\.\d{1,9})?$/)
      .optional(),
  })
  .nullable();

const BODIES = {
  seller: z.strictObject({
    legalName: z.string().min(1).max(140),
    nonLatinName: z.string().optional(),
    region: z.enum(["na", "eu", "fe"]).optional(),
  }),
  store: z.strictObject({
    marketplace: z.string(),
    accountType: z.enum(["Standard Orders", "Invoiced Orders"]).optional(),
    storeName: z.string().optional(),
    deposit: deposit.optional(),
    settings: settings.optional(),
  }),
  sale: z.strictObject({
    orders: z.int().min(1).max(ORDERS_MAX).optional(),
    priceMinor: minor.optional(),
    quantity: z.int().min(1).max(1_000).optional(),
    deferral: z.enum(["DD7", "B2B", "none"]).optional(),
  }),
  refund: z.strictObject({ orderId: z.string() }),
  charge: z.strictObject({
    fee: z.enum(Object.keys(FEES) as [keyof typeof FEES, ...(keyof typeof FEES)[]]),
    amountMinor: minor,
  }),
  debt: z.strictObject({ toStoreId: z.string(), amountMinor: minor }),
  close: z.strictObject({
    plan: plan.optional(),
    type: z.enum(["SCHEDULED", "ON_DEMAND"]).optional(),
  }),
  failure: z.strictObject({ reason: reason.optional() }),
  report: z.strictObject({ form: form.optional(), afterMs: count.optional() }),
  disturbance: z.strictObject({
    operation: z.string(),
    kind: z.enum(["throttled", "unavailable", "internal", "empty-page", "lost-answer"]),
    times: z.int().min(1).max(1_000).optional(),
  }),
  pageSize: z.strictObject({ operation: z.string(), size: z.int().min(1).max(500) }),
  throttling: z.strictObject({ throttling: z.enum(["published", "off"]) }),
  move: z.strictObject({
    byMs: z.int().min(0).max(MOVE_MAX_MS).optional(),
    to: z.string().optional(),
  }),
} as const;

type Given<Schema extends z.ZodType> = z.output<Schema>;

/** Adds the routes under /sandbox. Without a movable clock, time cannot be moved. */
export function addControlRoutes(
  app: Hono,
  controls: MarketplaceControls,
  clock: SandboxClock | null,
): void {
  const on = <Schema extends z.ZodType>(
    path: string,
    schema: Schema,
    act: (body: Given<Schema>, parameter: (name: string) => string) => unknown,
  ): void => {
    app.post(`/sandbox${path}`, async (c) => perform(c, schema, act));
  };
  addStoreRoutes(on, controls);
  addPayoutRoutes(on, controls);
  on("/disturbances", BODIES.disturbance, ({ operation, kind, times }) => {
    controls.disturb(operation, kind, times);
    return {};
  });
  on("/page-sizes", BODIES.pageSize, ({ operation, size }) => {
    controls.setPageSize(operation, size);
    return {};
  });
  on("/throttling", BODIES.throttling, ({ throttling }) => {
    controls.setThrottling(throttling);
    return {};
  });
  app.get("/sandbox/transfers", (c) => {
    const after = Number(c.req.query("after") ?? 0);
    return json(c, 200, { transfers: controls.transfers(Number.isInteger(after) ? after : 0) });
  });
  if (clock === null) return;
  app.get("/sandbox/clock", (c) => json(c, 200, { now: clock.now(), offsetMs: clock.offsetMs() }));
  on("/clock", BODIES.move, ({ byMs, to }) => {
    const at = to === undefined ? null : parseInstant(to);
    if (to !== undefined && at === null) throw new UnknownInSandbox(`instant ${to}`);
    if (byMs !== undefined) clock.advanceMs(byMs);
    return { now: at === null ? clock.now() : clock.advanceTo(at), offsetMs: clock.offsetMs() };
  });
}

type On = <Schema extends z.ZodType>(
  path: string,
  schema: Schema,
  act: (body: Given<Schema>, parameter: (name: string) => string) => unknown,
) => void;

function addStoreRoutes(on: On, controls: MarketplaceControls): void {
  const none = z.strictObject({});
  on("/sellers", BODIES.seller, (body) => controls.addSeller(plain(body)));
  on(
    "/sellers/:sellerId/stores",
    BODIES.store,
    ({ settings: own, deposit: to, ...body }, parameter) =>
      controls.addStore(parameter("sellerId"), {
        ...plain(body),
        ...(own === undefined ? {} : { settings: plain(own) }),
        ...(to === undefined ? {} : { deposit: to === null ? null : plain(to) }),
      }),
  );
  on("/sellers/:sellerId/consent", none, (_body, parameter) =>
    controls.consent(parameter("sellerId")),
  );
  on("/sellers/:sellerId/consent/withdraw", none, (_body, parameter) => ({
    withdrawn: controls.revokeConsents(parameter("sellerId")),
  }));
  on("/stores/:storeId/settings", settings, (body, parameter) =>
    controls.changeSettings(parameter("storeId"), plain(body)),
  );
  on("/stores/:storeId/deposit", z.strictObject({ deposit }), ({ deposit: own }, parameter) =>
    controls.setDeposit(parameter("storeId"), own === null ? null : plain(own)),
  );
  on("/stores/:storeId/sales", BODIES.sale, (body, parameter) => ({
    orders: controls.sell(parameter("storeId"), plain(body)),
  }));
  on("/stores/:storeId/refunds", BODIES.refund, ({ orderId }, parameter) =>
    controls.refund(parameter("storeId"), orderId),
  );
  on("/stores/:storeId/charges", BODIES.charge, ({ fee, amountMinor }, parameter) =>
    controls.charge(parameter("storeId"), fee, amountMinor),
  );
  on("/stores/:storeId/debt", BODIES.debt, ({ toStoreId, amountMinor }, parameter) => {
    controls.moveDebt(parameter("storeId"), toStoreId, amountMinor);
    return {};
  });
  on("/stores/:storeId/release", none, (_body, parameter) => ({
    released: controls.releaseDeferred(parameter("storeId")),
  }));
}

function addPayoutRoutes(on: On, controls: MarketplaceControls): void {
  on("/stores/:storeId/close", BODIES.close, (body, parameter) =>
    controls.closeSettlement(parameter("storeId"), plain(body)),
  );
  on("/stores/:storeId/plans", plan, (body, parameter) => {
    controls.planPayout(parameter("storeId"), body);
    return {};
  });
  on("/payouts/:payoutId/fail", BODIES.failure, ({ reason: why }, parameter) =>
    controls.failPayout(parameter("payoutId"), why),
  );
  on("/payouts/:payoutId/hurry", z.strictObject({}), (_body, parameter) =>
    controls.hurryPayout(parameter("payoutId")),
  );
  on("/settlements/:settlementId/reports", BODIES.report, (body, parameter) =>
    controls.reissueReport(parameter("settlementId"), plain(body)),
  );
  on("/settlements/:settlementId/break", z.strictObject({}), (_body, parameter) =>
    controls.breakReport(parameter("settlementId")),
  );
}

async function perform<Schema extends z.ZodType>(
  c: Context,
  schema: Schema,
  act: (body: Given<Schema>, parameter: (name: string) => string) => unknown,
): Promise<Response> {
  const text = await c.req.text();
  let given: unknown;
  try {
    given = text === "" ? {} : JSON.parse(text);
  } catch {
    return json(c, 400, { error: "the body is no JSON" });
  }
  const body = schema.safeParse(given);
  if (!body.success) return json(c, 400, { error: z.prettifyError(body.error) });
  try {
    return json(
      c,
      200,
      act(body.data, (name) => c.req.param(name) ?? ""),
    );
  } catch (error) {
    if (error instanceof UnknownInSandbox) return json(c, 404, { error: error.message });
    throw error;
  }
}

function json(c: Context, status: 200 | 400 | 404, value: unknown): Response {
  return c.body(stateText(value), status, { "content-type": "application/json" });
}

type Plain<Fields> = {
  readonly [Key in keyof Fields as undefined extends Fields[Key] ? never : Key]: Fields[Key];
} & {
  readonly [Key in keyof Fields as undefined extends Fields[Key] ? Key : never]?: Exclude<
    Fields[Key],
    undefined
  >;
};

/** The fields that are there: one that is undefined is left out. */
function plain<Fields extends object>(fields: Fields): Plain<Fields> {
  const given = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as Plain<Fields>;
}
