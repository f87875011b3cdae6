// Asking for acts that another person decides: the release of a hold, the binding of an account.

import type { Context } from "hono";
import type { Approval } from "../../approval/approval.ts";
import { type Outcome, type Refusal, refusalOf } from "../../errors/refusal.ts";
import { requestAccountBinding } from "../../identity/account-bindings.ts";
import { maySeeSeller } from "../../identity/caller.ts";
import { type Currency, currencyOf } from "../../money/currency.ts";
import { parseMinor } from "../../money/money.ts";
import { requestHoldRelease } from "../../release/request-release.ts";
import type { Tx } from "../../storage/database.ts";
import { approvalJson } from "../approval-json.ts";
import { requestAccountBindingRoute, requestHoldReleaseRoute } from "../contract/approvals.ts";
import type { ApiDeps } from "../deps.ts";
import { etagOf } from "../entity-tag.ts";
import { problem } from "../problems.ts";
import { refusalProblem } from "../refused.ts";
import type { ApiEnv, RegisterRoutes } from "../register.ts";

export const releaseRequestRoutes: RegisterRoutes = (app, deps) => {
  const { policy, store, tenantId } = deps;
  app.openapi(requestHoldReleaseRoute, async (c) => {
    const { holdId } = c.req.valid("param");
    const { amount, reason } = c.req.valid("json");
    const { sellerId } = c.get("caller");
    const now = deps.clock.now();
    const asked = await store.database.transaction(async (tx) => {
      const minor = amount === null ? null : await amountOf(tx, tenantId, holdId, sellerId, amount);
      if (minor !== null && typeof minor !== "bigint")
        return { ok: false as const, refusal: minor };
      const wish = { holdId, amountMinor: minor, reason, maker: makerOf(c), sellerId };
      return requestHoldRelease(tx, tenantId, wish, { policy, now });
    });
    return answer(c, deps, asked);
  });
  app.openapi(requestAccountBindingRoute, async (c) => {
    const { sellerId } = c.req.valid("param");
    const wish = c.req.valid("json");
    const caller = c.get("caller");
    if (!maySeeSeller(caller, sellerId)) throw problem("not-found");
    const asked = await store.database.transaction((tx) =>
      requestAccountBinding(
        tx,
        tenantId,
        { ...wish, sellerId, maker: makerOf(c), mayMove: caller.sellerId === null },
        deps.clock.now(),
      ),
    );
    return answer(c, deps, asked);
  });
};

function makerOf(c: Context<ApiEnv>): { readonly id: string; readonly personId: string } {
  const { id, personId } = c.get("caller");
  return { id, personId };
}

/** The amount in the currency of the hold; a hold that is not there is told by the use case. */
async function amountOf(
  tx: Tx,
  tenantId: string,
  holdId: string,
  sellerId: string | null,
  text: string,
): Promise<bigint | Refusal | null> {
  const [hold] = await tx.query<{ currency: string }>(
    `SELECT h.currency FROM hold h
       JOIN payout p ON p.tenant_id = h.tenant_id AND p.payout_id = h.payout_id
      WHERE h.tenant_id = $1 AND h.hold_id = $2 AND ($3::text IS NULL OR p.seller_id = $3)`,
    [tenantId, holdId, sellerId],
  );
  if (hold === undefined) return null;
  const read = parseMinor(text, currencyOf(hold.currency) as Currency);
  return read.ok && read.minor > 0n
    ? read.minor
    : refusalOf("amount-invalid", `"${text}" is no amount of ${hold.currency} above zero.`);
}

/** What is not there, and what is another seller's, is answered alike. */
const NOT_THERE: ReadonlySet<string> = new Set(["hold-unknown", "seller-unknown"]);

function answer(c: Context<ApiEnv>, deps: ApiDeps, asked: Outcome<Approval>) {
  if (!asked.ok) {
    if (NOT_THERE.has(asked.refusal.code)) throw problem("not-found");
    throw refusalProblem(asked.refusal);
  }
  const approval = asked.value;
  c.header("Location", `/v1/approvals/${approval.approvalId}`);
  c.header("ETag", etagOf(0n));
  return c.json(approvalJson(approval, deps.clock.now()), 201);
}
