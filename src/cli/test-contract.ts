// The JSON contract of the commands as schemas, for tests: a field that is missing, renamed or of
// another type fails them. In words: docs/reference/json.md.

import { z } from "zod";

const amount = z.string().regex(/^-?\d+(\.\d+)?$/);
const instant = z.string().regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/);
const positive = z.string().regex(/^\d+(\.\d+)?$/);
const date = z.string().regex(/^\d{4}-\d{2}-\d{2}$/);
const currency = z.string().regex(/^[A-Z]{3}$/);
/** A text that is null when it is unknown, never "". */
const text = z.string().min(1).nullable();
const count = z.int().nonnegative();
const reason = z.strictObject({
  code: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/),
  line: count.nullable(),
  message: z.string().min(1),
});
const group = z.strictObject({
  transactionType: z.string(),
  amountType: z.string(),
  amountDescription: z.string(),
  class: z.string().min(1),
  known: z.boolean(),
  lineCount: count,
  total: amount.nullable(),
  firstLine: count,
});
const neighbour = z.strictObject({
  settlementId: z.string().min(1),
  file: z.string().min(1).nullable(),
  join: z.enum(["touches", "gap", "overlap"]),
  gapMs: z.int(),
});

/** docs/reference/json.md, `statement check`. */
export const statementCheckContract = z.strictObject({
  version: z.literal(1),
  statements: z.array(
    z.strictObject({
      file: z.string().min(1),
      format: z.string().min(1).nullable(),
      charset: z.string().min(1).nullable(),
      marketplace: z.string().min(1).nullable(),
      marketplaceNames: z.array(z.string()),
      settlementId: z.string().min(1).nullable(),
      currency: z.string().length(3).nullable(),
      periodStart: instant.nullable(),
      periodEnd: instant.nullable(),
      depositAt: instant.nullable(),
      firstLine: count.nullable(),
      lastLine: count.nullable(),
      lineCount: count.nullable(),
      declaredTotal: amount.nullable(),
      summedTotal: amount.nullable(),
      difference: amount.nullable(),
      verdict: z.enum(["proven", "quarantined"]),
      reasons: z.array(reason),
      groups: z.array(group),
      unknownGroups: z.array(group),
      chain: z
        .strictObject({
          before: neighbour.nullable(),
          after: z.array(neighbour),
          carries: z.array(z.strictObject({ kind: z.string().min(1), amount })),
          findings: z.array(
            z.strictObject({ code: z.string().min(1), message: z.string().min(1) }),
          ),
        })
        .nullable(),
    }),
  ),
  payouts: z.array(
    z.strictObject({
      file: z.string().min(1),
      line: count,
      marketplace: z.string().min(1),
      source: z.enum(["list-payouts", "event-group", "date-range-transfer"]),
      reference: z.string().min(1),
      amount,
      currency: z.string().length(3),
      originalAmount: amount.nullable(),
      originalCurrency: z.string().length(3).nullable(),
      status: z.string().min(1),
      statusText: z.string(),
      failureReason: z.string().nullable(),
      initiatedAt: instant.nullable(),
      accountTail: z.string().nullable(),
      traceIds: z.array(z.string()),
      paymentRail: z.string().nullable(),
      settlementIds: z.array(z.string()),
      periodStart: instant.nullable(),
      periodEnd: instant.nullable(),
    }),
  ),
});

const direction = z.enum(["credit", "debit"]);
const money = z.strictObject({ amount: positive, currency });
const party = z.strictObject({ name: text, account: text, bic: text, country: text }).nullable();
const charges = z.array(
  z.strictObject({
    amount: positive,
    currency,
    direction,
    included: z.boolean().nullable(),
    bearer: text,
    type: text,
    agentBic: text,
  }),
);

const transaction = z.strictObject({
  index: count,
  line: count,
  amount: positive,
  currency,
  direction,
  endToEndId: text,
  uetr: text,
  instructionId: text,
  transactionId: text,
  servicerReference: text,
  clearingReference: text,
  instructedAmount: money.nullable(),
  exchange: z
    .strictObject({
      sourceCurrency: text,
      targetCurrency: text,
      unitCurrency: text,
      rate: z.string().regex(/^\d+(\.\d+)?$/),
      contractId: text,
      quotedAt: instant.nullable(),
    })
    .nullable(),
  charges,
  payer: party,
  ultimatePayer: party,
  payerAgent: party,
  payee: party,
  purpose: text,
  remittance: z.array(z.string()),
  additionalInfo: text,
  returned: z
    .strictObject({
      reasonCode: text,
      reasonText: text,
      originalUetr: text,
      originalEndToEndId: text,
      originalInstructionId: text,
      originalTransactionId: text,
    })
    .nullable(),
});

const entry = z.strictObject({
  index: count,
  line: count,
  amount: positive,
  currency,
  direction,
  reversal: z.boolean(),
  status: z.enum(["booked", "pending", "information", "future", "unknown"]),
  bookedOn: date.nullable(),
  valueOn: date.nullable(),
  servicerReference: text,
  entryReference: text,
  typeCode: text,
  additionalInfo: text,
  charges,
  transactions: z.array(transaction).min(1),
});

/** docs/reference/json.md, `bank read`. */
export const bankReadContract = z.strictObject({
  version: z.literal(1),
  messages: z.array(
    z.strictObject({
      file: z.string().min(1),
      format: text,
      family: text,
      verdict: z.enum(["proven", "read", "quarantined"]),
      reasons: z.array(reason),
      notes: z.array(reason),
      line: count.nullable(),
      messageId: text,
      senderBic: text,
      createdAt: instant.nullable(),
      copy: z.enum(["COPY", "DUPL", "CODU"]).nullable(),
      statementId: text,
      sequence: text,
      page: z.strictObject({ number: z.string(), last: z.boolean() }).nullable(),
      account: z
        .strictObject({ number: text, currency: text, servicerBic: text, ownerName: text })
        .nullable(),
      balances: z.array(
        z.strictObject({
          type: z.string().min(1),
          code: z.string().min(1),
          amount: positive,
          currency,
          direction,
          on: date.nullable(),
        }),
      ),
      totals: z.array(
        z.strictObject({
          currency,
          creditCount: count,
          credits: positive,
          debitCount: count,
          debits: positive,
        }),
      ),
      entries: z.array(entry),
    }),
  ),
});
