// Proof of one entry: its transactions sum to it, and each batch has the count and total that it says. Legal
// shapes that are no fault: amounts before charges that the message itself names (CBPR+ charges rules), one
// TxDtls that stands for a batch, transactions in another currency (then nothing can be summed).

import type { Money } from "../../money/money.ts";
import { absMinor, displayMoney, money } from "../../money/money.ts";
import type { Charge, Direction } from "../message.ts";
import type { Faults } from "./faults.ts";
import { amountOf, countOf } from "./fields.ts";
import type { TransactionDraft } from "./transaction.ts";
import type { XmlNode } from "./xml-node.ts";
import { child, childrenNamed } from "./xml-node.ts";

export type SplitEntry = {
  readonly node: XmlNode;
  readonly amount: Money;
  readonly direction: Direction;
  readonly reversal: boolean;
  /** Charges at entry level. */
  readonly charges: readonly Charge[];
  readonly drafts: readonly { readonly draft: TransactionDraft; readonly holder: XmlNode }[];
};

/** Credit positive, debit negative. */
export function signed(minor: bigint, direction: Direction): bigint {
  return direction === "credit" ? minor : -minor;
}

/** What charges take from the account's money: debits positive, refunds negative, in the given currency. */
function chargesMinor(charges: readonly Charge[], currency: string): bigint {
  return charges
    .filter((charge) => charge.amount.currency === currency)
    .reduce((sum, charge) => sum - signed(charge.amount.minor, charge.direction), 0n);
}

/** What one transaction moved on the account. */
export type BookedPart = { readonly amount: Money; readonly direction: Direction };

/**
 * The booked amount and direction of each transaction in order, or null when the entry cannot be split. Adds
 * faults when the transactions do not sum to the entry or a batch contradicts them.
 */
export function splitTransactions(entry: SplitEntry, faults: Faults): readonly BookedPart[] | null {
  checkBatches(entry, faults);
  const { currency } = entry.amount;
  const { drafts } = entry;
  const isSplit = drafts.every(({ draft }) => draft.ownAmount?.currency === currency);
  if (drafts.length === 0 || !isSplit) return null;
  const gross = drafts.map(({ draft }) => signedOwn(draft, entry));
  const target = signed(entry.amount.minor, entry.direction);
  const total = sum(gross);
  const net = gross.map(
    (minor, index) => minor - chargesMinor(drafts[index]?.draft.facts.charges ?? [], currency),
  );
  if (total !== target && sum(net) === target) return partsOf(net, entry);
  // Some banks leave the direction of the original on the details of a reversal.
  if (entry.reversal && total === -target)
    return partsOf(
      gross.map((minor) => -minor),
      entry,
    );
  if (total !== target && total - chargesMinor(entry.charges, currency) !== target) {
    const says = displayMoney(money(currency, total));
    const booked = displayMoney(money(currency, target));
    const message = `The transactions sum to ${says}, the entry is ${booked}.`;
    faults.add("transactions-sum-wrong", entry.node.line, message);
  }
  return partsOf(gross, entry);
}

function signedOwn(draft: TransactionDraft, entry: SplitEntry): bigint {
  return signed(draft.ownAmount?.minor ?? 0n, draft.ownDirection ?? entry.direction);
}

function partsOf(signedMinors: readonly bigint[], entry: SplitEntry): readonly BookedPart[] {
  return signedMinors.map((minor) => ({
    amount: money(entry.amount.currency, absMinor(minor)),
    direction: minor > 0n ? "credit" : minor < 0n ? "debit" : entry.direction,
  }));
}

/** NbOfTxs and TtlAmt of each batch. One TxDtls, or none, may stand for a whole batch: then no count is held. */
function checkBatches(entry: SplitEntry, faults: Faults): void {
  const holders = childrenNamed(entry.node, "NtryDtls");
  if (!holders.some((holder) => child(holder, "Btch") !== null)) return;
  const heldBy = new Map<XmlNode, SplitEntry["drafts"][number][]>();
  for (const held of entry.drafts) {
    const group = heldBy.get(held.holder);
    if (group === undefined) heldBy.set(held.holder, [held]);
    else group.push(held);
  }
  for (const holder of holders) {
    const batch = child(holder, "Btch");
    const held = heldBy.get(holder) ?? [];
    if (batch === null) continue;
    const count = countOf(child(batch, "NbOfTxs"), faults);
    if (count !== null && held.length > 1 && count !== held.length) {
      const message = `The batch says ${count} transactions, ${held.length} are listed.`;
      faults.add("batch-count-wrong", batch.line, message);
    }
    const total = amountOf(child(batch, "TtlAmt"), faults);
    if (total === null) continue;
    const listed = listedMinor(entry, held, holders.length === 1, total.currency);
    if (listed !== null) checkBatchTotal(entry, batch, total, listed, faults);
  }
}

/** What a batch's transactions sum to in a currency; the entry itself when it is the only batch and lists none. */
function listedMinor(
  entry: SplitEntry,
  held: SplitEntry["drafts"],
  isOnlyBatch: boolean,
  currency: string,
): bigint | null {
  if (held.length < 2) {
    const isEntry = isOnlyBatch && entry.amount.currency === currency;
    return isEntry ? signed(entry.amount.minor, entry.direction) : null;
  }
  if (!held.every(({ draft }) => draft.ownAmount?.currency === currency)) return null;
  return sum(held.map(({ draft }) => signedOwn(draft, entry)));
}

function checkBatchTotal(
  entry: SplitEntry,
  batch: XmlNode,
  total: Money,
  listed: bigint,
  faults: Faults,
): void {
  const taken = chargesMinor(entry.charges, total.currency);
  if ([listed, listed + taken].map(absMinor).includes(total.minor)) return;
  faults.add(
    "batch-total-wrong",
    batch.line,
    `The batch says ${displayMoney(total)}, its transactions are ` +
      `${displayMoney(money(total.currency, absMinor(listed)))}.`,
  );
}

function sum(parts: readonly bigint[]): bigint {
  return parts.reduce((total, part) => total + part, 0n);
}
