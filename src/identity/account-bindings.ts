// Whose a bank account is, changed by two people: binding an account that is nobody's, and moving one from a seller to
// another from a day on. Money keeps the owner of its own day, so that it does not matter when it arrives.

import { z } from "zod";
import type { Actor, Approval } from "../approval/approval.ts";
import { requestApproval } from "../approval/approval-acts.ts";
import { accepted, type Outcome, type Refusal, refusalOf, refused } from "../errors/refusal.ts";
import { currencyOf } from "../money/currency.ts";
import type { Tx } from "../storage/database.ts";
import { insertRows } from "../storage/insert-rows.ts";
import { type CivilDate, type Instant, parseCivilDate } from "../time/instant.ts";
import { appendEvents } from "../timeline/timeline.ts";
import { loadAccountOwners, normaliseAccountNumber, type SellerAccount } from "./sellers.ts";

/** Digits and letters of an account number or IBAN (ISO 13616: at most 34), as banks print them without spaces. */
const ACCOUNT_NUMBER_PATTERN = /^[0-9A-Z][0-9A-Z./-]{3,33}$/;

/** The first day of an account's history: before every day of its money. */
const FROM_THE_BEGINNING = "0001-01-01" as CivilDate;

/** The body of an approval of kind `account-binding`. */
export const accountBindingBody = z.strictObject({
  accountNumber: z.string(),
  currency: z.string(),
  /** Whose it is; null: nobody's. */
  before: z.string().nullable(),
  after: z.string(),
  /** The first day whose money is the new seller's; null: all of it, since it was nobody's. */
  fromOn: z
    .string()
    .transform((day) => day as CivilDate)
    .nullable(),
});

export type AccountBinding = z.output<typeof accountBindingBody>;

export type BindingWish = {
  readonly accountNumber: string;
  readonly currency: string;
  readonly sellerId: string;
  /** Needed where the account is another seller's; refused where it is nobody's. */
  readonly fromOn: string | null;
  readonly reason: string;
  readonly maker: Actor;
  /** May the maker take an account from another seller? Only who sees all sellers may. */
  readonly mayMove: boolean;
};

/**
 * Asks for a binding. Refused: `account-number-malformed`, `currency-unknown`, `seller-unknown`, `account-bound`
 * (it is the seller's already), `account-of-another-seller`, `from-day-missing`, `from-day-not-needed`, what
 * `bindingRefusal` says, and what `requestApproval` says.
 */
export async function requestAccountBinding(
  tx: Tx,
  tenantId: string,
  wish: BindingWish,
  now: Instant,
): Promise<Outcome<Approval>> {
  const planned = await planBinding(tx, tenantId, wish);
  if (!planned.ok) return planned;
  const binding = planned.value;
  const { accountNumber, currency, before, after, fromOn } = binding;
  return requestApproval(
    tx,
    tenantId,
    {
      kind: "account-binding",
      claim: `${accountNumber}/${currency}`,
      subject: after,
      // A request to move an account names two sellers: neither of them may read it.
      sellerId: before === null ? after : null,
      body: binding,
      told: { account: `…${accountNumber.slice(-4)}`, currency, fromOn },
      reason: wish.reason,
      maker: wish.maker,
    },
    now,
  );
}

async function planBinding(
  tx: Tx,
  tenantId: string,
  wish: BindingWish,
): Promise<Outcome<AccountBinding>> {
  const accountNumber = normaliseAccountNumber(wish.accountNumber);
  if (!ACCOUNT_NUMBER_PATTERN.test(accountNumber)) {
    const message = "An account number has 4 to 34 letters and digits, as the bank prints it.";
    return refused("account-number-malformed", message);
  }
  const currency = currencyOf(wish.currency);
  if (currency === null)
    return refused("currency-unknown", `"${wish.currency}" is no currency of ISO 4217.`);
  const [seller] = await tx.query("SELECT 1 FROM seller WHERE tenant_id = $1 AND seller_id = $2", [
    tenantId,
    wish.sellerId,
  ]);
  if (seller === undefined) return refused("seller-unknown", "There is no such seller.");
  const owners = await loadAccountOwners(tx, tenantId, [accountNumber]);
  const before = owners.on(accountNumber, currency);
  if (before === wish.sellerId)
    return refused("account-bound", "The account is bound to this seller already.");
  if (before !== null && !wish.mayMove) {
    const message = "This account is bound to another seller. Check the account number.";
    return refused("account-of-another-seller", message);
  }
  const fromOn = wish.fromOn === null ? null : parseCivilDate(wish.fromOn);
  if (before === null && wish.fromOn !== null) {
    const message = "The account is nobody's: all its money becomes the seller's, of any day.";
    return refused("from-day-not-needed", message);
  }
  if (before !== null && fromOn === null) {
    const message = "Name the first day whose money is the new seller's, as YYYY-MM-DD.";
    return refused("from-day-missing", message);
  }
  const binding = { accountNumber, currency, before, after: wish.sellerId, fromOn };
  const refusal = await bindingRefusal(tx, tenantId, binding);
  return refusal === null ? accepted(binding) : { ok: false, refusal };
}

/**
 * Why the binding is not possible as things stand, or null: `account-changed` (its owner is another by now), or
 * `account-has-money` (money of the day or later is in the books of the seller before; it is never moved by itself).
 */
export async function bindingRefusal(
  tx: Tx,
  tenantId: string,
  binding: AccountBinding,
): Promise<Refusal | null> {
  const { accountNumber, currency, before, fromOn } = binding;
  const owners = await loadAccountOwners(tx, tenantId, [accountNumber]);
  if (owners.on(accountNumber, currency) !== before)
    return refusalOf("account-changed", "The account has another owner by now: ask anew.");
  if (fromOn === null) return null;
  const [later] = await tx.query(
    `SELECT 1 WHERE EXISTS (
        SELECT 1 FROM bank_transaction t
         WHERE t.tenant_id = $1 AND t.account_number = $2 AND t.currency = $3 AND t.seller_id IS NOT NULL
           AND coalesce(greatest(t.booked_on, t.value_on) >= $4::date, true))
      OR EXISTS (
        SELECT 1 FROM seller_account_change c
         WHERE c.tenant_id = $1 AND c.account_number = $2 AND c.currency = $3 AND c.from_on >= $4::date)`,
    [tenantId, accountNumber, currency, fromOn],
  );
  return later === undefined
    ? null
    : refusalOf(
        "account-has-money",
        `The account has money or a change of ${fromOn} or later already: choose a later day.`,
      );
}

/** Makes an approved binding true, or says why it has lapsed. What stood on the account for nobody is the caller's. */
export async function bindApproved(
  tx: Tx,
  tenantId: string,
  approval: Approval,
  now: Instant,
): Promise<Outcome<{ readonly sellerId: string; readonly account: SellerAccount }>> {
  const binding = accountBindingBody.parse(approval.body);
  const refusal = await bindingRefusal(tx, tenantId, binding);
  if (refusal !== null) return { ok: false, refusal };
  const { accountNumber, currency, before, after, fromOn } = binding;
  if (before !== null && fromOn !== null) {
    await noteChange(tx, tenantId, binding, { before, fromOn, approval, now });
    await tx.query(
      `UPDATE seller_account SET seller_id = $4, bound_at = $5, bound_by = 'approval'
        WHERE tenant_id = $1 AND account_number = $2 AND currency = $3`,
      [tenantId, accountNumber, currency, after, now],
    );
  } else {
    await insertRows(
      tx,
      "seller_account",
      {
        tenant_id: "text",
        account_number: "text",
        currency: "text",
        seller_id: "text",
        bound_at: "timestamptz",
        bound_by: "text",
      },
      [[tenantId, accountNumber, currency, after, now, "approval"]],
    );
  }
  await tellBound(tx, tenantId, binding, approval, now);
  return accepted({ sellerId: after, account: { number: accountNumber, currency } });
}

async function noteChange(
  tx: Tx,
  tenantId: string,
  { accountNumber, currency, after }: AccountBinding,
  change: { before: string; fromOn: CivilDate; approval: Approval; now: Instant },
): Promise<void> {
  const { before, fromOn, approval, now } = change;
  await insertRows(
    tx,
    "seller_account_change",
    {
      tenant_id: "text",
      account_number: "text",
      currency: "text",
      from_on: "date",
      seller_id: "text",
      approval_id: "text",
      changed_at: "timestamptz",
    },
    [
      // The first owner has a row once, whatever is bound later.
      [tenantId, accountNumber, currency, FROM_THE_BEGINNING, before, null, now],
      [tenantId, accountNumber, currency, fromOn, after, approval.approvalId, now],
    ],
  );
}

/** Each seller's story tells of its own side only. */
async function tellBound(
  tx: Tx,
  tenantId: string,
  { accountNumber, currency, before, after, fromOn }: AccountBinding,
  approval: Approval,
  now: Instant,
): Promise<void> {
  const checker = approval.decision?.checker ?? null;
  const data = {
    account: `…${accountNumber.slice(-4)}`,
    currency,
    fromOn,
    approvalId: approval.approvalId,
    maker: approval.maker.id,
    checker,
  };
  const event = { at: now, data, source: null, ...(checker === null ? {} : { actor: checker }) };
  await appendEvents(tx, tenantId, [
    { ...event, subject: after, kind: "account-bound" },
    ...(before === null ? [] : [{ ...event, subject: before, kind: "account-unbound" }]),
  ]);
}
