// Asks for a payment out of a seller's account. The order is on record with all its ids before anybody decides; another
// person approves it, and only then it is put into a message. Nothing promised twice: what open orders take is spent.

import type { Actor, Approval } from "../../approval/approval.ts";
import { recordExecution, requestApproval } from "../../approval/approval-acts.ts";
import { accepted, type Outcome, type Refusal, refused } from "../../errors/refusal.ts";
import { loadAccountOwners, normaliseAccountNumber } from "../../identity/sellers.ts";
import type { Currency } from "../../money/currency.ts";
import { formatMinor } from "../../money/money.ts";
import type { Tx } from "../../storage/database.ts";
import { addDays, type CivilDate, civilDateIn, type Instant } from "../../time/instant.ts";
import { appendEvents } from "../../timeline/timeline.ts";
import type { BankConnection } from "../transport/settings.ts";
import { insertOrder, loadOrder, type OrderOnRecord, promisedMinor } from "./order-rows.ts";
import { type Creditor, orderIdsOf, type PaymentOrder } from "./payment-order.ts";

/** Days of banks are those of the bank's own zone; orders go to banks in China. */
export const ORDER_ZONE = "Asia/Shanghai";
/** Days ahead for which an order may be made. */
export const EXECUTE_AHEAD_DAYS_MAX = 365;

export type OrderDraft = {
  readonly sellerId: string;
  readonly debtorAccount: string;
  readonly currency: Currency;
  readonly amountMinor: bigint;
  readonly creditor: Creditor;
  readonly purpose: string | null;
  readonly remittance: string | null;
  readonly executeOn: CivilDate;
  /** Why it is paid: for the person who decides. */
  readonly reason: string;
};

export type OrderDeps = {
  readonly connections: readonly BankConnection[];
  /** What the seller may use in the currency now, by the ledger. */
  readonly availableMinor: (tx: Tx, sellerId: string, currency: Currency) => Promise<bigint>;
};

/**
 * Refused with `order-account-unknown`, `order-date-invalid`, `order-text-invalid`, `order-funds-missing`, or as the
 * approval is. The same act again gives the order that it made.
 */
export async function makeOrder(
  tx: Tx,
  tenantId: string,
  deps: OrderDeps,
  draft: OrderDraft,
  act: { readonly key: string; readonly maker: Actor; readonly now: Instant },
): Promise<Outcome<OrderOnRecord>> {
  const ids = orderIdsOf(act.key);
  const before = await loadOrder(tx, tenantId, ids.orderId);
  if (before !== null) return accepted(before);
  const connection = connectionOf(deps.connections, draft);
  const owners = await loadAccountOwners(tx, tenantId, [draft.debtorAccount]);
  if (connection === null || owners.on(draft.debtorAccount, draft.currency) !== draft.sellerId) {
    return refused(
      "order-account-unknown",
      `No ${draft.currency} account of the seller with this number takes orders.`,
    );
  }
  const fault = draftFault(draft, civilDateIn(ORDER_ZONE, act.now));
  if (fault !== null) return { ok: false, refusal: fault };
  const short = await shortOf(tx, tenantId, deps, draft);
  if (short !== null) return { ok: false, refusal: short };
  return putOnRecord(tx, tenantId, { ...draft, ...ids, connectionId: connection.id }, act);
}

function connectionOf(
  connections: readonly BankConnection[],
  { debtorAccount, currency }: OrderDraft,
): BankConnection | null {
  const number = normaliseAccountNumber(debtorAccount);
  const found = connections.find(({ orders }) =>
    orders?.debtors.some(
      (debtor) => normaliseAccountNumber(debtor.account) === number && debtor.currency === currency,
    ),
  );
  return found ?? null;
}

/** Texts go into XML and from there into narrower networks: no control characters. */
// oxlint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u001f\u007f-\u009f\ufffe\uffff]|\p{Surrogate}/u;

function draftFault(draft: OrderDraft, today: CivilDate): Refusal | null {
  const { creditor, remittance, executeOn } = draft;
  if (executeOn < today || executeOn > addDays(today, EXECUTE_AHEAD_DAYS_MAX)) {
    const message = `An order is for a day from today (${today}) on, at most ${EXECUTE_AHEAD_DAYS_MAX} days ahead.`;
    return { code: "order-date-invalid", message, line: null };
  }
  const texts = [creditor.name, creditor.town, creditor.street ?? "", remittance ?? ""];
  return texts.some((text) => CONTROL.test(text))
    ? { code: "order-text-invalid", message: "A text holds a control character.", line: null }
    : null;
}

/** One seller's orders are made one after the other, so that two cannot take the same money. */
async function shortOf(
  tx: Tx,
  tenantId: string,
  { availableMinor }: OrderDeps,
  { sellerId, currency, amountMinor }: OrderDraft,
): Promise<Refusal | null> {
  await tx.query("SELECT 1 FROM seller WHERE tenant_id = $1 AND seller_id = $2 FOR UPDATE", [
    tenantId,
    sellerId,
  ]);
  const available = await availableMinor(tx, sellerId, currency);
  const promised = await promisedMinor(tx, tenantId, sellerId, currency);
  const free = available - promised;
  if (amountMinor <= free) return null;
  const left = formatMinor(free > 0n ? free : 0n, currency);
  const message = `${left} ${currency} is free: the rest is held, not there, or promised to other orders.`;
  return { code: "order-funds-missing", message, line: null };
}

type Ready = OrderDraft & Pick<PaymentOrder, "orderId" | "endToEndId" | "uetr" | "connectionId">;

async function putOnRecord(
  tx: Tx,
  tenantId: string,
  ready: Ready,
  { maker, now }: { readonly maker: Actor; readonly now: Instant },
): Promise<Outcome<OrderOnRecord>> {
  const { reason, ...said } = ready;
  const amount = formatMinor(ready.amountMinor, ready.currency);
  const told = { orderId: ready.orderId, amount, currency: ready.currency };
  const asked = await requestApproval(
    tx,
    tenantId,
    {
      kind: "payment-order",
      claim: ready.orderId,
      subject: ready.orderId,
      sellerId: ready.sellerId,
      body: {
        ...told,
        debtorAccount: ready.debtorAccount,
        creditor: ready.creditor,
        remittance: ready.remittance,
        executeOn: ready.executeOn,
      },
      told,
      reason,
      maker,
    },
    now,
  );
  if (!asked.ok) return asked;
  const order: PaymentOrder = {
    ...said,
    approvalId: asked.value.approvalId,
    madeBy: maker.id,
    madeAt: now,
    approvedAt: null,
    messageId: null,
  };
  await insertOrder(tx, tenantId, order);
  await appendEvents(tx, tenantId, [
    {
      subject: order.orderId,
      kind: "order-made",
      at: now,
      data: { amount, currency: order.currency, executeOn: order.executeOn },
      source: null,
      actor: maker.id,
    },
  ]);
  return accepted((await loadOrder(tx, tenantId, order.orderId))!);
}

/** Makes an approved order one that goes out. In the transaction of the decision; twice changes nothing. */
export async function approveOrder(
  tx: Tx,
  tenantId: string,
  approval: Approval,
  now: Instant,
): Promise<void> {
  if (!(await recordExecution(tx, tenantId, approval, accepted(null), now))) return;
  await tx.query(
    `UPDATE payment_order SET approved_at = $3
      WHERE tenant_id = $1 AND order_id = $2 AND approved_at IS NULL`,
    [tenantId, approval.subject, now],
  );
}
