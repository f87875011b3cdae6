// Turns what a date-range file holds into statements and payouts: orders the settlements in time,
// lets its transfers prove them, and says of each settlement that no transfer equals why that is.

import { invariant } from "../../errors/invariant.ts";
import { money } from "../../money/money.ts";
import type { PayoutAnnouncement } from "../payout.ts";
import type { MarketplaceReading } from "../reading.ts";
import { settleUndecided } from "./amount-evidence.ts";
import type { Charset } from "./charset.ts";
import { classifyDateRange } from "./date-range-class.ts";
import type { DateRangeFile, TransferRow } from "./date-range-file.ts";
import { DEFERRED } from "./date-range-file.ts";
import type { SettlementSum } from "./date-range-proof.ts";
import { payersOf } from "./date-range-proof.ts";
import { minorOf, sumOf } from "./exact-sum.ts";
import type { OpenStatement } from "./statement-book.ts";
import { addFault, closeStatement, seeCurrency } from "./statement-book.ts";

export function closeDateRange(file: DateRangeFile, charset: Charset): MarketplaceReading {
  const all = [...file.book.statements.values()];
  if (file.currency !== null) {
    for (const statement of all) seeCurrency(statement, file.currency, statement.firstLine);
  }
  settleUndecided(file.amounts);
  const ordered = inTime(file, all);
  const sums = ordered.map((statement) => settlementSum(statement));
  const transfers = file.transfers.toSorted(
    (left, right) => left.at.localeCompare(right.at) || left.line - right.line,
  );
  const paid = payersOf(
    sums,
    transfers.map((transfer) => {
      const amountMinor = transferMinor(transfer);
      const before = amountMinor === null ? 0 : ordered.indexOf(transfer.statement);
      return { before, amountMinor: amountMinor ?? 0n };
    }),
  );
  prove(ordered, paid);
  const deferred = file.book.statements.get(DEFERRED);
  if (deferred !== undefined) {
    addFault(deferred, "deferred-not-released", null, `${deferred.lineCount} lines`);
  }
  const payouts = transfers.map((transfer, index) =>
    announcement(
      transfer,
      (paid[index] ?? []).map((position) => sums[position]?.settlementId),
    ),
  );
  const statements = all.map((statement) =>
    closeStatement(file.book, statement, charset, classifyDateRange),
  );
  return {
    format: "amazon-date-range",
    charset,
    statements,
    payouts: payouts.filter((payout) => payout !== null),
    refusals: [],
  };
}

/** Settlements in the order of their first row; deferred rows are none. */
function inTime(file: DateRangeFile, all: readonly OpenStatement[]): readonly OpenStatement[] {
  const first = (statement: OpenStatement) => file.firstAt.get(statement) ?? "";
  return all
    .filter((statement) => statement.settlementId !== DEFERRED)
    .toSorted(
      (left, right) => first(left).localeCompare(first(right)) || left.firstLine - right.firstLine,
    );
}

function sumOfGroups(statement: OpenStatement): bigint {
  return [...statement.groups.values()].reduce((total, group) => total + sumOf(group.sum), 0n);
}

function settlementSum(statement: OpenStatement): SettlementSum {
  const minor =
    statement.currency === null ? null : minorOf(sumOfGroups(statement), statement.currency);
  return {
    settlementId: statement.settlementId,
    sumMinor: minor ?? 0n,
    readable: minor !== null && statement.lineCount > 0 && statement.reasons.length === 0,
  };
}

/** A paid settlement's total is what the transfer says; the others get their reason. */
function prove(ordered: readonly OpenStatement[], paid: readonly (readonly number[])[]): void {
  const positions = new Set(paid.flat());
  const last = Math.max(-1, ...positions);
  for (const [position, statement] of ordered.entries()) {
    if (positions.has(position)) {
      statement.declared = sumOfGroups(statement);
      continue;
    }
    if (statement.reasons.length > 0) continue;
    const why =
      position === 0
        ? "it may be incomplete at the file's start"
        : position > last
          ? "it is not yet paid within the file"
          : "it may be paid together with others in more than one way, or not at all";
    addFault(statement, "not-proven-by-a-transfer", statement.firstLine, why);
  }
}

function transferMinor(transfer: TransferRow): bigint | null {
  const { currency } = transfer.statement;
  const minor = currency === null ? null : minorOf(transfer.total, currency);
  return minor === null ? null : -minor;
}

function announcement(
  transfer: TransferRow,
  settlementIds: readonly (string | undefined)[],
): PayoutAnnouncement | null {
  const { statement, at, line, typeWord, accountTail } = transfer;
  const { currency, settlementId } = statement;
  const minor = transferMinor(transfer);
  if (currency === null) return null;
  if (minor === null) {
    addFault(statement, "amount-not-exact", line, "transfer");
    return null;
  }
  return {
    marketplace: "amazon",
    source: "date-range-transfer",
    reference: `transfer:${settlementId}:${at}`,
    amount: money(currency, minor),
    originalAmount: null,
    status: "started",
    statusText: typeWord,
    failureReason: null,
    initiatedAt: at,
    accountTail,
    traceIds: [],
    paymentRail: null,
    settlementIds: settlementIds.map((id) => {
      invariant(id !== undefined, "a paid settlement stands in the file");
      return id;
    }),
    periodStartAt: null,
    periodEndAt: null,
    line,
  };
}
