// Small files in the shapes that a marketplace and a bank send, written by the program's own writers where it has
// one. Everything in them is made up.

import {
  type CamtBalance,
  type CamtEntry,
  type CamtTransaction,
  writeCamt053,
  writeCamt054,
} from "../../src/bank/iso20022/write-camt.ts";
import { type Mt940Entry, writeMt910, writeMt940 } from "../../src/bank/mt/write-mt.ts";
import { invariant } from "../../src/errors/invariant.ts";
import {
  type FixedLine,
  generatedBytes,
  generateStatement,
} from "../../src/marketplace/amazon/statement-generator.ts";
import { type Currency, currencyOf } from "../../src/money/currency.ts";
import { formatMinor, money } from "../../src/money/money.ts";
import type { CivilDate, Instant } from "../../src/time/instant.ts";
import { addDays } from "../../src/time/instant.ts";
import type { MadeFile } from "./test-channel.ts";

export const USD = currencyOf("USD") as Currency;
export const EUR = currencyOf("EUR") as Currency;

export const ACME_ACCOUNT = "6217000000004821";
export const BETA_ACCOUNT = "6217000000009377";
export const AMAZON = "Amazon.com Services LLC";

export function on(date: string): CivilDate {
  return date as CivilDate;
}

export function at(instant: string): Instant {
  return instant as Instant;
}

export function file(
  name: string,
  content: string | Uint8Array,
  sellerId: string | null,
): MadeFile {
  const bytes = typeof content === "string" ? Buffer.from(content, "utf8") : content;
  return { name, bytes, sellerId };
}

export type MadeSettlement = {
  readonly id: string;
  readonly currency?: Currency;
  readonly startOn: CivilDate;
  readonly endOn: CivilDate;
  /** Of all lines together. */
  readonly totalMinor: number;
  /** Lines beside the one sale that makes the total. */
  readonly lines?: readonly FixedLine[];
  /** Another number gives other bytes with the same sums: the report downloaded again. */
  readonly variant?: number;
};

/** A line of the account as a whole: reserves, balances carried over, failed transfers. */
export function accountLine(amountDescription: string, minor: number): FixedLine {
  const word = "other-transaction";
  return { transactionType: word, amountType: word, amountDescription, minor };
}

/** A V2 settlement whose lines sum to the total: the given lines and one sale that makes up the rest. */
export function settlementBytes(made: MadeSettlement): Uint8Array {
  const lines = made.lines ?? [];
  const rest = made.totalMinor - lines.reduce((sum, line) => sum + line.minor, 0);
  const sale: FixedLine = {
    transactionType: "Order",
    amountType: "ItemPrice",
    amountDescription: "Principal",
    minor: rest,
  };
  return generatedBytes(
    generateStatement({
      seed: Number(BigInt(made.id) % 1_000_003n) + (made.variant ?? 0),
      lines: 0,
      settlementId: made.id,
      currency: made.currency ?? USD,
      marketplaceName: "Amazon.com",
      style: { date: "y-m-d", number: "dot", charset: "utf-8" },
      periodStartAt: at(`${made.startOn}T08:00:00.000Z`),
      periodEndAt: at(`${made.endOn}T08:00:00.000Z`),
      fixedLines: [sale, ...lines],
    }),
  );
}

/** The same file with one amount changed, so that its lines do not sum to its total. */
export function quarantinedBytes(made: MadeSettlement): Uint8Array {
  const text = Buffer.from(settlementBytes(made)).toString("latin1");
  const lines = text.split("\n");
  const sale = lines.findIndex((line) => line.includes("\tPrincipal\t"));
  invariant(sale > 0, "a made-up settlement has a sale");
  lines[sale] = (lines[sale] ?? "").replace(
    /\tPrincipal\t(-?\d+)\.\d\d\t/,
    "\tPrincipal\t$1.999\t",
  );
  return Buffer.from(lines.join("\n"), "latin1");
}

export type MadePayout = {
  readonly id: string;
  readonly minor: bigint;
  readonly currency?: Currency;
  readonly initiatedAt: Instant;
  readonly status?: string;
  readonly accountTail?: string;
  readonly traceId?: string;
  readonly settlementIds?: readonly string[];
  readonly period?: { readonly startAt: Instant; readonly endAt: Instant };
};

function amountJson(minor: bigint, currency: Currency): object {
  return { currencyCode: currency, currencyAmount: Number(formatMinor(minor, currency)) };
}

/** An answer of listPayouts. */
export function payoutList(...payouts: readonly MadePayout[]): string {
  return JSON.stringify({
    payouts: payouts.map((payout) => ({
      id: payout.id,
      amount: amountJson(payout.minor, payout.currency ?? USD),
      currentStatus: payout.status ?? "IN_TRANSIT",
      creationDate: payout.initiatedAt,
      ...(payout.accountTail === undefined ? {} : { accountTail: `***${payout.accountTail}` }),
      ...(payout.traceId === undefined ? {} : { traceId: payout.traceId }),
      ...(payout.period === undefined
        ? {}
        : { period: { startDate: payout.period.startAt, endDate: payout.period.endAt } }),
      relatedIdentifiers: (payout.settlementIds ?? []).map((id) => ({
        relatedIdentifierName: "SETTLEMENT_ID",
        relatedIdentifierValue: id,
      })),
    })),
  });
}

export type MadeGroup = MadePayout & {
  readonly original?: { readonly minor: bigint; readonly currency: Currency };
};

/** An answer of listFinancialEventGroups: no settlement ids, but the period and perhaps a conversion. */
export function eventGroups(...groups: readonly MadeGroup[]): string {
  return JSON.stringify({
    payload: {
      FinancialEventGroupList: groups.map((group) => ({
        FinancialEventGroupId: group.id,
        ProcessingStatus: "Closed",
        FundTransferStatus: group.status ?? "Processing",
        OriginalTotal: amountV0(
          group.original?.minor ?? group.minor,
          group.original?.currency ?? group.currency ?? USD,
        ),
        ...(group.original === undefined
          ? {}
          : { ConvertedTotal: amountV0(group.minor, group.currency ?? USD) }),
        FundTransferDate: group.initiatedAt,
        ...(group.traceId === undefined ? {} : { TraceId: group.traceId }),
        ...(group.accountTail === undefined ? {} : { AccountTail: group.accountTail }),
        ...(group.period === undefined
          ? {}
          : {
              FinancialEventGroupStart: group.period.startAt,
              FinancialEventGroupEnd: group.period.endAt,
            }),
      })),
    },
  });
}

function amountV0(minor: bigint, currency: Currency): object {
  return { CurrencyCode: currency, CurrencyAmount: Number(formatMinor(minor, currency)) };
}

export type MadeCredit = {
  readonly minor: bigint;
  readonly currency?: Currency;
  readonly on: CivilDate;
  /** Absent: a credit. */
  readonly direction?: "credit" | "debit";
  readonly reversal?: boolean;
  readonly status?: "booked" | "pending" | "information";
  readonly servicerRef?: string;
  readonly endToEndId?: string;
  readonly uetr?: string;
  readonly instructionId?: string;
  /** Null: the bank does not name who paid. */
  readonly payer?: string | null;
  readonly remittance?: readonly string[];
  readonly instructed?: { readonly minor: bigint; readonly currency: Currency };
  readonly rate?: string;
  readonly chargeMinor?: bigint;
  readonly returnReason?: string;
  readonly typeCode?: string;
};

function camtEntry(credit: MadeCredit): CamtEntry {
  const currency = credit.currency ?? USD;
  const amount = money(currency, credit.minor);
  const transaction: CamtTransaction = {
    amount,
    ...(credit.endToEndId === undefined ? {} : { endToEndId: credit.endToEndId }),
    ...(credit.uetr === undefined ? {} : { uetr: credit.uetr }),
    ...(credit.instructionId === undefined ? {} : { instructionId: credit.instructionId }),
    ...(credit.payer === null ? {} : { payer: { name: credit.payer ?? AMAZON } }),
    ...(credit.remittance === undefined ? {} : { remittance: credit.remittance }),
    ...(credit.instructed === undefined
      ? {}
      : { instructedAmount: money(credit.instructed.currency, credit.instructed.minor) }),
    ...(credit.rate === undefined || credit.instructed === undefined
      ? {}
      : {
          exchange: {
            sourceCurrency: credit.instructed.currency,
            targetCurrency: currency,
            rate: credit.rate,
          },
        }),
    ...(credit.chargeMinor === undefined
      ? {}
      : {
          charges: [
            {
              amount: money(currency, credit.chargeMinor),
              direction: "debit",
              included: true,
              bearer: "SHAR",
            },
          ],
        }),
    ...(credit.returnReason === undefined ? {} : { returnReason: credit.returnReason }),
  };
  return {
    amount,
    direction: credit.direction ?? "credit",
    ...(credit.reversal === undefined ? {} : { reversal: credit.reversal }),
    ...(credit.status === undefined ? {} : { status: credit.status }),
    bookedOn: credit.on,
    valueOn: credit.on,
    ...(credit.servicerRef === undefined ? {} : { servicerReference: credit.servicerRef }),
    typeCode:
      credit.typeCode ?? (credit.returnReason === undefined ? "PMNT/RCDT/XBCT" : "PMNT/ICDT/RRTN"),
    transactions: [transaction],
  };
}

type Message = {
  readonly id: string;
  readonly account?: string;
  readonly copy?: "COPY" | "DUPL";
  readonly sequence?: number;
};

/** A credit advice. */
export function camt054(message: Message, ...credits: readonly MadeCredit[]): string {
  const createdAt = at(`${credits[0]?.on ?? "2026-03-02"}T06:00:00.000Z`);
  return writeCamt054({
    messageId: message.id,
    createdAt,
    statements: [
      {
        id: message.id,
        createdAt,
        ...(message.copy === undefined ? {} : { copy: message.copy }),
        account: { number: message.account ?? ACME_ACCOUNT, currency: credits[0]?.currency ?? USD },
        entries: credits.map(camtEntry),
      },
    ],
  });
}

/** An end-of-day statement, proven by its balances. */
export function camt053(
  message: Message & { readonly openingMinor?: bigint },
  ...credits: readonly MadeCredit[]
): string {
  const currency = credits[0]?.currency ?? USD;
  const openingMinor = message.openingMinor ?? 1_000_000_00n;
  const closingMinor = credits
    .filter((credit) => (credit.status ?? "booked") === "booked")
    .reduce(
      (sum, { minor, direction }) => sum + (direction === "debit" ? -minor : minor),
      openingMinor,
    );
  const dates = credits.map((credit) => credit.on).sort();
  const [first = on("2026-03-02"), last = first] = [dates[0], dates.at(-1)];
  const createdAt = at(`${last}T20:00:00.000Z`);
  const balance = (code: CamtBalance["code"], minor: bigint, day: CivilDate): CamtBalance => ({
    code,
    amount: money(currency, minor),
    direction: "credit",
    on: day,
  });
  return writeCamt053({
    messageId: message.id,
    createdAt,
    statements: [
      {
        id: message.id,
        createdAt,
        ...(message.sequence === undefined ? {} : { sequence: message.sequence }),
        ...(message.copy === undefined ? {} : { copy: message.copy }),
        account: { number: message.account ?? ACME_ACCOUNT, currency },
        balances: [
          balance("OPBD", openingMinor, addDays(first, -1)),
          balance("CLBD", closingMinor, last),
        ],
        entries: credits.map(camtEntry),
      },
    ],
  });
}

/** An MT940 statement; each entry's texts stand in :86: in code words. */
export function mt940(
  message: Message & { readonly number: string },
  ...credits: readonly MadeCredit[]
): string {
  const dates = credits.map((credit) => credit.on).sort();
  const [first = on("2026-03-02"), last = first] = [dates[0], dates.at(-1)];
  const written = writeMt940({
    envelope: null,
    reference: message.id,
    account: message.account ?? ACME_ACCOUNT,
    statementNumber: message.number,
    currency: credits[0]?.currency ?? USD,
    openingOn: addDays(first, -1),
    openingMinor: 1_000_000_00n,
    closingOn: last,
    entries: credits.map(mtEntry),
  });
  invariant(written.ok, "a made-up MT940 can be written");
  return written.value;
}

function mtEntry(credit: MadeCredit): Mt940Entry {
  const words = [
    credit.endToEndId === undefined ? "" : `/EREF/${credit.endToEndId}`,
    credit.uetr === undefined ? "" : `/UETR/${credit.uetr}`,
    credit.payer === null ? "" : `/ORDP//NAME/${credit.payer ?? AMAZON}`,
    credit.remittance === undefined ? "" : `/REMI/${credit.remittance.join(" ")}`,
  ].join("");
  return {
    valueOn: credit.on,
    bookedOn: credit.on,
    amountMinor: credit.minor,
    direction: credit.direction ?? "credit",
    reversal: credit.reversal ?? false,
    typeCode: credit.returnReason === undefined ? "NTRF" : "NRTI",
    ownerReference: null,
    servicerReference: credit.servicerRef ?? null,
    details: words === "" ? null : words,
  };
}

/** An MT910 credit advice. */
export function mt910(reference: string, credit: MadeCredit): string {
  const written = writeMt910({
    envelope: null,
    reference,
    relatedReference: credit.endToEndId ?? null,
    account: ACME_ACCOUNT,
    postedAt: null,
    valueOn: credit.on,
    amount: money(credit.currency ?? USD, credit.minor),
    payer: credit.payer === null ? null : { account: null, nameLines: [credit.payer ?? AMAZON] },
    payerAgentBic: "CHASUS33XXX",
    information: credit.remittance?.join(" ") ?? null,
  });
  invariant(written.ok, "a made-up MT910 can be written");
  return written.value;
}

/** An MT103 with its UETR in block 3; a charge makes the instructed amount larger than the settled one. */
export function mt103(reference: string, credit: MadeCredit): string {
  const currency = credit.currency ?? USD;
  const decimal = (minor: bigint) => formatMinor(minor, currency).replace(".", ",");
  const day = credit.on.replaceAll("-", "").slice(2);
  const charge = credit.chargeMinor ?? 0n;
  const userHeader = credit.uetr === undefined ? "" : `{3:{121:${credit.uetr}}}`;
  return [
    `{1:F01BANKCNBJAXXX0000000000}{2:O1031200260302CHASUS33AXXX00000000002603021200N}${userHeader}{4:`,
    `:20:${reference}`,
    ":23B:CRED",
    `:32A:${day}${currency}${decimal(credit.minor)}`,
    ...(charge > 0n ? [`:33B:${currency}${decimal(credit.minor + charge)}`] : []),
    `:50K:${credit.payer ?? AMAZON}`,
    `:59:/${ACME_ACCOUNT}`,
    "ACME TRADING CO LTD",
    ...(credit.remittance === undefined && credit.endToEndId === undefined
      ? []
      : [
          `:70:${[credit.endToEndId === undefined ? "" : `/ROC/${credit.endToEndId}//`, ...(credit.remittance ?? [])].join("")}`,
        ]),
    ":71A:SHA",
    ...(charge > 0n ? [`:71F:${currency}${decimal(charge)}`] : []),
    "-}",
    "",
  ].join("\r\n");
}

/** A pacs.008 with one payment to the account. */
export function pacs008(messageId: string, credit: MadeCredit): string {
  const currency = credit.currency ?? USD;
  const amount = (name: string, minor: bigint) =>
    `<${name} Ccy="${currency}">${formatMinor(minor, currency)}</${name}>`;
  const charge = credit.chargeMinor ?? 0n;
  return `<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pacs.008.001.08"><FIToFICstmrCdtTrf>
<GrpHdr><MsgId>${messageId}</MsgId><CreDtTm>${credit.on}T05:00:00Z</CreDtTm><NbOfTxs>1</NbOfTxs><SttlmInf><SttlmMtd>INDA</SttlmMtd></SttlmInf></GrpHdr>
<CdtTrfTxInf><PmtId>${leaf("InstrId", credit.instructionId)}${leaf("EndToEndId", credit.endToEndId)}${leaf("UETR", credit.uetr)}</PmtId>
${amount("IntrBkSttlmAmt", credit.minor)}<IntrBkSttlmDt>${credit.on}</IntrBkSttlmDt>
${charge > 0n ? amount("InstdAmt", credit.minor + charge) : ""}<ChrgBr>SHAR</ChrgBr>
${charge > 0n ? `<ChrgsInf>${amount("Amt", charge)}<Agt><FinInstnId><BICFI>CHASUS33</BICFI></FinInstnId></Agt></ChrgsInf>` : ""}
<Dbtr><Nm>${credit.payer ?? AMAZON}</Nm></Dbtr><DbtrAgt><FinInstnId><BICFI>CHASUS33</BICFI></FinInstnId></DbtrAgt>
<CdtrAgt><FinInstnId><BICFI>BANKCNBJ</BICFI></FinInstnId></CdtrAgt><Cdtr><Nm>ACME TRADING CO LTD</Nm></Cdtr>
<CdtrAcct><Id><Othr><Id>${ACME_ACCOUNT}</Id></Othr></Id></CdtrAcct>
${credit.remittance === undefined ? "" : `<RmtInf>${credit.remittance.map((line) => leaf("Ustrd", line)).join("")}</RmtInf>`}
</CdtTrfTxInf></FIToFICstmrCdtTrf></Document>
`;
}

/** A pacs.004 that returns a payment, naming the original; without `account` it does not repeat it. */
export function pacs004(
  messageId: string,
  credit: MadeCredit & { readonly account?: string },
): string {
  const currency = credit.currency ?? USD;
  return `<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pacs.004.001.09"><PmtRtr>
<GrpHdr><MsgId>${messageId}</MsgId><CreDtTm>${credit.on}T05:00:00Z</CreDtTm><NbOfTxs>1</NbOfTxs><SttlmInf><SttlmMtd>INDA</SttlmMtd></SttlmInf></GrpHdr>
<TxInf><RtrId>${messageId}</RtrId>${leaf("OrgnlEndToEndId", credit.endToEndId)}${leaf("OrgnlUETR", credit.uetr)}
<RtrdIntrBkSttlmAmt Ccy="${currency}">${formatMinor(credit.minor, currency)}</RtrdIntrBkSttlmAmt><IntrBkSttlmDt>${credit.on}</IntrBkSttlmDt>
<RtrRsnInf><Rsn><Cd>${credit.returnReason ?? "AC04"}</Cd></Rsn></RtrRsnInf>
${credit.account === undefined ? "" : `<OrgnlTxRef><CdtrAcct><Id><Othr><Id>${credit.account}</Id></Othr></Id></CdtrAcct></OrgnlTxRef>`}
</TxInf></PmtRtr></Document>
`;
}

function leaf(name: string, text: string | undefined): string {
  return text === undefined ? "" : `<${name}>${text}</${name}>`;
}
