// Declarations against the money: numbers without a gap or a repeat, each receipt's amount in whole units as the books
// have it, restored rows that add up to what arrived.

import { loadDeclarations } from "../../declaration/declaration-rows.ts";
import { parseReportNumber } from "../../declaration/report-number.ts";
import { wholeUnits } from "../../declaration/whole-units.ts";
import type { Currency } from "../../money/currency.ts";
import { civilDateIn } from "../../time/instant.ts";
import type { VerifyContext } from "./verify-context.ts";

const CHECK = "declarations";
const PAGE = 1000;

type Credit = { transaction_id: string; currency: Currency; minor: bigint; charges: bigint };

export async function verifyDeclarations(context: VerifyContext): Promise<void> {
  const { tx, scope, findings, policy, now } = context;
  const today = civilDateIn(policy.zone, now);
  const serials = new Map<string, number>();
  let after = "";
  findings.compared(CHECK, "declarations", 0);
  for (;;) {
    const page = await loadDeclarations(tx, scope.tenantId, { after, limit: PAGE }, today);
    const last = page.at(-1);
    if (last === undefined) break;
    after = last.rptNo;
    findings.compared(CHECK, "declarations", page.length);
    const credits = await loadCredits(
      context,
      page.map(({ creditId }) => creditId),
    );
    for (const { rptNo, kind, creditId, version, state } of page) {
      const subject = `declaration ${rptNo}`;
      const parts = parseReportNumber(rptNo);
      const series = rptNo.slice(0, 18);
      const before = serials.get(series) ?? 0;
      if (parts === null || parts.serial !== before + 1)
        findings.report(
          CHECK,
          subject,
          "a number of its branch and day was left out, or it is none",
        );
      serials.set(series, parts?.serial ?? before);
      const { base } = version;
      if (base.rptNo !== rptNo)
        findings.report(CHECK, subject, "its record carries another number", {
          expected: rptNo,
          found: base.rptNo,
        });
      if ((kind !== "plain" && kind !== "actual") || state === "deleted") continue;
      const credit = credits.get(creditId);
      const wanted =
        credit === undefined
          ? []
          : [credit.minor, credit.minor + credit.charges].map((minor) =>
              wholeUnits(minor, credit.currency),
            );
      if (!wanted.includes(base.txAmt)) {
        findings.report(
          CHECK,
          subject,
          "its amount is not what the bank credited, in whole units",
          {
            expected: wanted.join(" or ") || null,
            found: base.txAmt.toString(),
          },
        );
      }
    }
  }
  await verifyCounters(context, serials);
}

async function loadCredits(
  { tx, scope }: VerifyContext,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Credit>> {
  const rows = await tx.query<Credit>(
    `SELECT c.transaction_id, c.currency, c.amount_minor AS minor,
            coalesce((SELECT sum((charge->'amount'->>'minor')::bigint) FROM jsonb_array_elements(c.detail->'charges') AS charge
                       WHERE charge->'amount'->>'currency' = c.currency), 0)::bigint AS charges
       FROM bank_transaction c WHERE c.tenant_id = $1 AND c.transaction_id = ANY ($2::text[])`,
    [scope.tenantId, ids],
  );
  return new Map(rows.map((row) => [row.transaction_id, row]));
}

/** The counter stands where the numbers end: the next one is neither a repeat nor leaves a gap. */
async function verifyCounters(
  { tx, scope, findings }: VerifyContext,
  serials: ReadonlyMap<string, number>,
): Promise<void> {
  const counters = await tx.query<{ branch: string; on_day: string; last: number }>(
    "SELECT branch, on_day, last FROM declaration_serial WHERE tenant_id = $1",
    [scope.tenantId],
  );
  for (const { branch, on_day, last } of counters) {
    const found = serials.get(`${branch}${on_day.slice(2).replaceAll("-", "")}`) ?? 0;
    if (found === last) continue;
    findings.report(
      CHECK,
      `numbers of ${branch} on ${on_day}`,
      "the counter does not stand where the numbers end",
      {
        expected: String(last),
        found: String(found),
      },
    );
  }
}
