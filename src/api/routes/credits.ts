// Credits: money in as the bank tells it, with every notice of it and what it paid.

import type { Charge, Exchange, Party } from "../../bank/message.ts";
import { reviveDetail, type StoredDetail } from "../../bank/transaction-rows.ts";
import type { Tx } from "../../storage/database.ts";
import type { CivilDate, Instant } from "../../time/instant.ts";
import {
  type CreditJson,
  type CreditWithNoticesJson,
  getCredit,
  listCredits,
} from "../contract/credits.ts";
import { moneyOfMinor } from "../contract/values.ts";
import { type Place, pageFrom, placeOf } from "../page.ts";
import { problem } from "../problems.ts";
import type { RegisterRoutes } from "../register.ts";
import { sellerScope } from "../seller-scope.ts";

const LIST = "credits";

export const creditRoutes: RegisterRoutes = (app, deps) => {
  const { tenantId } = deps;
  app.openapi(listCredits, async (c) => {
    const query = c.req.valid("query");
    const caller = c.get("caller");
    const after = placeOf(LIST, query.cursor, ["instant", "text"]);
    const rows = await deps.read(caller, (tx) =>
      tx.query<CreditRow>(
        `SELECT * FROM bank_transaction
          WHERE tenant_id = $1 AND direction = $2 AND ($3::text IS NULL OR seller_id = $3)
            AND ($4::boolean IS NULL OR is_open = $4)
            AND ($5::timestamptz IS NULL OR (recorded_at, transaction_id) < ($5::timestamptz, $6::text))
          ORDER BY recorded_at DESC, transaction_id DESC LIMIT $7`,
        [
          tenantId,
          query.direction,
          sellerScope(caller, query.sellerId),
          query.open === undefined ? null : query.open === "true",
          after?.[0] ?? null,
          after?.[1] ?? null,
          query.limit + 1,
        ],
      ),
    );
    return c.json(pageFrom(LIST, rows, query.limit, placeOfRow, creditJson), 200);
  });
  app.openapi(getCredit, async (c) => {
    const { creditId } = c.req.valid("param");
    const caller = c.get("caller");
    const body = await deps.read(caller, async (tx) => {
      const [row] = await tx.query<CreditRow>(
        `SELECT * FROM bank_transaction
          WHERE tenant_id = $1 AND transaction_id = $2 AND ($3::text IS NULL OR seller_id = $3)`,
        [tenantId, creditId, caller.sellerId],
      );
      if (row === undefined) throw problem("not-found");
      const detail = reviveDetail(row.detail);
      return {
        ...creditJson(row),
        charges: detail.charges.map(chargeJson),
        exchange: detail.exchange === null ? null : exchangeJson(detail.exchange),
        notices: await loadNotices(tx, tenantId, creditId),
        matches: await loadMatches(tx, tenantId, creditId),
      };
    });
    return c.json(body, 200);
  });
};

type CreditRow = {
  transaction_id: string;
  account_number: string;
  currency: string;
  direction: CreditJson["direction"];
  reversal: boolean;
  amount_minor: bigint;
  value_on: CivilDate | null;
  booked_on: CivilDate | null;
  uetr: string | null;
  servicer_ref: string | null;
  end_to_end_id: string | null;
  type_code: string | null;
  detail: StoredDetail;
  seller_id: string | null;
  state: CreditJson["state"];
  confirmed: boolean;
  stored_at: Instant | null;
  open_minor: bigint;
  role: CreditJson["role"];
  unmatched_code: string | null;
  recorded_at: Instant;
};

function placeOfRow(row: CreditRow): Place {
  return [row.recorded_at, row.transaction_id];
}

function creditJson(row: CreditRow): CreditJson {
  const detail = reviveDetail(row.detail);
  const { instructed } = detail;
  return {
    id: row.transaction_id,
    sellerId: row.seller_id,
    account: row.account_number,
    direction: row.direction,
    reversal: row.reversal,
    amount: moneyOfMinor(row.amount_minor, row.currency),
    open: moneyOfMinor(row.open_minor, row.currency),
    state: row.state,
    role: row.role,
    unmatchedCode: row.unmatched_code,
    confirmed: row.confirmed,
    valueOn: row.value_on,
    bookedOn: row.booked_on,
    storedAt: row.stored_at,
    recordedAt: row.recorded_at,
    payer: detail.payer === null ? null : partyJson(detail.payer),
    references: {
      uetr: row.uetr,
      servicerReference: row.servicer_ref,
      endToEndId: row.end_to_end_id,
      instructionId: detail.instructionId,
      transactionId: detail.transactionId,
    },
    typeCode: row.type_code,
    instructedAmount:
      instructed === null ? null : moneyOfMinor(instructed.minor, instructed.currency),
    remittance: [...detail.remittance],
  };
}

function partyJson(party: Party): NonNullable<CreditJson["payer"]> {
  const { name, account, bic, country } = party;
  return { name, account, bic, country };
}

function chargeJson(charge: Charge): CreditWithNoticesJson["charges"][number] {
  return {
    amount: moneyOfMinor(charge.amount.minor, charge.amount.currency),
    direction: charge.direction,
    included: charge.included,
    bearer: charge.bearer,
    type: charge.type,
    agentBic: charge.agentBic,
  };
}

function exchangeJson(exchange: Exchange): NonNullable<CreditWithNoticesJson["exchange"]> {
  const { sourceCurrency, targetCurrency, unitCurrency, rate, contractId, quotedAt } = exchange;
  return { sourceCurrency, targetCurrency, unitCurrency, rate, contractId, quotedAt };
}

async function loadNotices(
  tx: Tx,
  tenantId: string,
  creditId: string,
): Promise<CreditWithNoticesJson["notices"]> {
  const rows = await tx.query<{
    family: string;
    status: string;
    copy: boolean;
    recorded_at: Instant;
    name: string | null;
    source_sha256: string;
    source_line: number;
  }>(
    `SELECT n.family, n.status, n.copy, n.recorded_at, n.source_sha256, n.source_line, f.name
       FROM bank_notice n LEFT JOIN raw_file f ON f.tenant_id = n.tenant_id AND f.sha256 = n.source_sha256
      WHERE n.tenant_id = $1 AND n.transaction_id = $2 ORDER BY n.recorded_at, n.notice_id`,
    [tenantId, creditId],
  );
  return rows.map((row) => ({
    family: row.family,
    status: row.status,
    copy: row.copy,
    recordedAt: row.recorded_at,
    source: { file: row.name, sha256: row.source_sha256, line: row.source_line },
  }));
}

/** What it paid; a payout that went into another is shown as that one. */
async function loadMatches(
  tx: Tx,
  tenantId: string,
  creditId: string,
): Promise<CreditWithNoticesJson["matches"]> {
  const rows = await tx.query<{
    match_id: string;
    payout_id: string;
    currency: string;
    amount_minor: bigint;
  }>(
    `SELECT m.match_id, coalesce(p.merged_into, p.payout_id) AS payout_id, m.currency, m.amount_minor
       FROM match m JOIN payout p ON p.tenant_id = m.tenant_id AND p.payout_id = m.payout_id
      WHERE m.tenant_id = $1 AND m.credit_id = $2 ORDER BY m.matched_at, m.match_id`,
    [tenantId, creditId],
  );
  return rows.map((row) => ({
    matchId: row.match_id,
    payoutId: row.payout_id,
    amount: moneyOfMinor(row.amount_minor, row.currency),
  }));
}
