// The ledger's own verification, told as findings of this one: hash chain, running balances, draws, totals.

import { verifyLedger } from "../../ledger/verify-ledger.ts";
import type { VerifyContext } from "./verify-context.ts";

const CHECK = "ledger";

export async function verifyBooks({ tx, scope, findings }: VerifyContext): Promise<void> {
  const verified = await verifyLedger(tx, scope);
  findings.compared(CHECK, "transfers", Number(verified.transferCount));
  findings.compared(CHECK, "accounts", verified.accountCount);
  const postings = await postingsAt(
    { tx, scope },
    verified.findings.map((finding) => finding.seq).filter((seq) => seq !== null),
  );
  for (const { code, seq, accountId, message } of verified.findings) {
    const posting = seq === null ? undefined : postings.get(seq);
    const place = [
      seq === null ? null : `transfer ${seq}`,
      posting === undefined ? null : `of posting ${posting}`,
      accountId === null ? null : `account ${accountId}`,
    ];
    const subject = place.filter((part) => part !== null).join(" ");
    findings.report(CHECK, subject === "" ? "ledger" : subject, `${code}: ${message}`);
  }
}

async function postingsAt(
  { tx, scope }: Pick<VerifyContext, "tx" | "scope">,
  seqs: readonly bigint[],
): Promise<ReadonlyMap<bigint, string>> {
  const rows = await tx.query<{ seq: bigint; posting_id: string }>(
    `SELECT seq, posting_id FROM ledger_transfer
      WHERE tenant_id = $1 AND partition = $2 AND seq = ANY($3::bigint[])`,
    [scope.tenantId, scope.partition, seqs],
  );
  return new Map(rows.map((row) => [row.seq, row.posting_id]));
}
