// Writes camt.053.001.08 and camt.054.001.08, for the sandbox bank, generators and tests. Element order and
// lengths follow the ISO schema; the same data gives the same bytes. Text comes in pieces, so that a statement of
// any size can be written without standing in memory.

import { invariant } from "../../errors/invariant.ts";
import type { Money } from "../../money/money.ts";
import { formatMoney } from "../../money/money.ts";
import type { CivilDate, Instant } from "../../time/instant.ts";
import type { Direction } from "../message.ts";

/** Party as written: name up to 140 characters, BIC of its bank, account (IBAN by its shape, else other id). */
export type CamtParty = {
  readonly name?: string;
  readonly account?: string;
  readonly bankBic?: string;
  readonly country?: string;
};

export type CamtTransaction = {
  readonly amount: Money;
  readonly endToEndId?: string;
  readonly uetr?: string;
  readonly instructionId?: string;
  readonly transactionId?: string;
  readonly servicerReference?: string;
  readonly instructedAmount?: Money;
  /** Exact decimal text with the currencies it converts between. */
  readonly exchange?: {
    readonly sourceCurrency: string;
    readonly targetCurrency: string;
    readonly rate: string;
  };
  readonly charges?: readonly {
    readonly amount: Money;
    readonly direction: Direction;
    readonly included: boolean;
    readonly bearer?: "DEBT" | "CRED" | "SHAR" | "SLEV";
  }[];
  readonly payer?: CamtParty;
  readonly payee?: CamtParty;
  readonly purpose?: string;
  /** Lines of at most 140 characters. */
  readonly remittance?: readonly string[];
  /** ISO return reason such as AC04: the transaction is a return. */
  readonly returnReason?: string;
};

export type CamtEntry = {
  readonly amount: Money;
  readonly direction: Direction;
  readonly reversal?: boolean;
  /** Absent: booked. */
  readonly status?: "booked" | "pending" | "information";
  readonly bookedOn?: CivilDate;
  readonly valueOn?: CivilDate;
  readonly servicerReference?: string;
  readonly entryReference?: string;
  /** "PMNT/RCDT/XBCT": domain, family, subfamily. */
  readonly typeCode: string;
  readonly additionalInfo?: string;
  readonly transactions?: readonly CamtTransaction[];
};

export type CamtBalance = {
  readonly code: "OPBD" | "PRCD" | "CLBD" | "ITBD" | "CLAV";
  readonly amount: Money;
  readonly direction: Direction;
  readonly on: CivilDate;
};

export type CamtAccount = {
  /** IBAN by its shape, else other identification, up to 34 characters. */
  readonly number: string;
  readonly currency?: string;
  readonly ownerName?: string;
  readonly servicerBic?: string;
};

export type CamtStatement = {
  readonly id: string;
  readonly createdAt: Instant;
  readonly sequence?: number;
  readonly copy?: "COPY" | "DUPL" | "CODU";
  readonly account: CamtAccount;
  /** camt.053 only, where the schema requires at least one. */
  readonly balances?: readonly CamtBalance[];
  readonly entries: Iterable<CamtEntry>;
};

export type CamtFile = {
  readonly messageId: string;
  readonly createdAt: Instant;
  readonly statements: Iterable<CamtStatement>;
};

/** A camt.054.001.08 (debit credit notification); balances are not part of it. */
export function writeCamt054(file: CamtFile): string {
  return [...camtPieces("camt.054", file)].join("");
}

/** A camt.053.001.08 (statement). */
export function writeCamt053(file: CamtFile): string {
  return [...camtPieces("camt.053", file)].join("");
}

const KINDS = {
  "camt.053": { root: "BkToCstmrStmt", unit: "Stmt" },
  "camt.054": { root: "BkToCstmrDbtCdtNtfctn", unit: "Ntfctn" },
} as const;

/** The same file in pieces of one entry, for statements that should not stand in memory. */
export function* camtPieces(kind: keyof typeof KINDS, file: CamtFile): Generator<string> {
  const { root, unit } = KINDS[kind];
  const namespace = `urn:iso:std:iso:20022:tech:xsd:${kind}.001.08`;
  yield `<?xml version="1.0" encoding="UTF-8"?>\n<Document xmlns="${namespace}">\n<${root}>\n`;
  yield wrap("GrpHdr", [leaf("MsgId", file.messageId), leaf("CreDtTm", file.createdAt)]);
  for (const statement of file.statements) {
    yield `\n<${unit}>\n${statementHead(statement)}`;
    if (kind === "camt.053")
      for (const balance of statement.balances ?? []) yield balanceXml(balance);
    for (const entry of statement.entries) yield `${entryXml(entry)}\n`;
    yield `</${unit}>`;
  }
  yield `\n</${root}>\n</Document>\n`;
}

function statementHead(statement: CamtStatement): string {
  const { sequence } = statement;
  return [
    leaf("Id", statement.id),
    leaf("ElctrncSeqNb", sequence === undefined ? undefined : String(sequence)),
    leaf("CreDtTm", statement.createdAt),
    leaf("CpyDplctInd", statement.copy),
    wrap("Acct", [
      accountIdXml(statement.account.number),
      leaf("Ccy", statement.account.currency),
      wrap("Ownr", [leaf("Nm", statement.account.ownerName)]),
      agentXml("Svcr", statement.account.servicerBic),
    ]),
    "\n",
  ].join("");
}

function balanceXml(balance: CamtBalance): string {
  const code = wrap("Tp", [wrap("CdOrPrtry", [leaf("Cd", balance.code)])]);
  const on = wrap("Dt", [leaf("Dt", balance.on)]);
  const parts = [code, amountXml("Amt", balance.amount), directionXml(balance.direction), on];
  return `${wrap("Bal", parts)}\n`;
}

const STATUS_CODES = { booked: "BOOK", pending: "PDNG", information: "INFO" } as const;

function entryXml(entry: CamtEntry): string {
  const [domain = "", family = "", subfamily = ""] = entry.typeCode.split("/");
  const inFamily = wrap("Fmly", [leaf("Cd", family), leaf("SubFmlyCd", subfamily)]);
  return wrap("Ntry", [
    leaf("NtryRef", entry.entryReference),
    amountXml("Amt", entry.amount),
    directionXml(entry.direction),
    leaf("RvslInd", entry.reversal === true ? "true" : undefined),
    wrap("Sts", [leaf("Cd", STATUS_CODES[entry.status ?? "booked"])]),
    wrap("BookgDt", [leaf("Dt", entry.bookedOn)]),
    wrap("ValDt", [leaf("Dt", entry.valueOn)]),
    leaf("AcctSvcrRef", entry.servicerReference),
    wrap("BkTxCd", [wrap("Domn", [leaf("Cd", domain), inFamily])]),
    detailsXml(entry),
    leaf("AddtlNtryInf", entry.additionalInfo),
  ]);
}

function detailsXml(entry: CamtEntry): string {
  const transactions = entry.transactions ?? [];
  const count = transactions.length < 2 ? undefined : String(transactions.length);
  return wrap("NtryDtls", [
    wrap("Btch", [leaf("NbOfTxs", count)]),
    ...transactions.map((transaction) => transactionXml(transaction, entry.direction)),
  ]);
}

function transactionXml(transaction: CamtTransaction, direction: Direction): string {
  const { exchange, payer, payee } = transaction;
  const exchangeXml = wrap("CcyXchg", [
    leaf("SrcCcy", exchange?.sourceCurrency),
    leaf("TrgtCcy", exchange?.targetCurrency),
    leaf("XchgRate", exchange?.rate),
  ]);
  const needsAmount = exchange !== undefined;
  return wrap("TxDtls", [
    wrap("Refs", [
      leaf("AcctSvcrRef", transaction.servicerReference),
      leaf("InstrId", transaction.instructionId),
      leaf("EndToEndId", transaction.endToEndId),
      leaf("UETR", transaction.uetr),
      leaf("TxId", transaction.transactionId),
    ]),
    amountXml("Amt", transaction.amount),
    directionXml(direction),
    wrap("AmtDtls", [
      wrap("InstdAmt", [amountXml("Amt", transaction.instructedAmount)]),
      wrap("TxAmt", needsAmount ? [amountXml("Amt", transaction.amount), exchangeXml] : []),
    ]),
    wrap("Chrgs", (transaction.charges ?? []).map(chargeXml)),
    wrap("RltdPties", [
      partyXml("Dbtr", payer),
      accountXml("DbtrAcct", payer?.account),
      partyXml("Cdtr", payee),
      accountXml("CdtrAcct", payee?.account),
    ]),
    wrap("RltdAgts", [agentXml("DbtrAgt", payer?.bankBic), agentXml("CdtrAgt", payee?.bankBic)]),
    wrap("Purp", [leaf("Cd", transaction.purpose)]),
    wrap(
      "RmtInf",
      (transaction.remittance ?? []).map((line) => leaf("Ustrd", line)),
    ),
    wrap("RtrInf", [wrap("Rsn", [leaf("Cd", transaction.returnReason)])]),
  ]);
}

function chargeXml(charge: NonNullable<CamtTransaction["charges"]>[number]): string {
  return wrap("Rcrd", [
    amountXml("Amt", charge.amount),
    directionXml(charge.direction),
    leaf("ChrgInclInd", String(charge.included)),
    leaf("Br", charge.bearer),
  ]);
}

function partyXml(name: string, party: CamtParty | undefined): string {
  const country = wrap("PstlAdr", [leaf("Ctry", party?.country)]);
  return wrap(name, [wrap("Pty", [leaf("Nm", party?.name), country])]);
}

function accountXml(name: string, number: string | undefined): string {
  return number === undefined ? "" : wrap(name, [accountIdXml(number)]);
}

/** Shape of an IBAN (ISO 13616): a Chinese account number is digits only and goes to Othr/Id. */
const IBAN = /^[A-Z]{2}\d{2}[A-Za-z0-9]{11,30}$/;

/** True for a number that has the shape of an IBAN. */
export function isIban(number: string): boolean {
  return IBAN.test(number);
}

function accountIdXml(number: string): string {
  const id = isIban(number) ? leaf("IBAN", number) : wrap("Othr", [leaf("Id", number)]);
  return wrap("Id", [id]);
}

function agentXml(name: string, bic: string | undefined): string {
  return wrap(name, [wrap("FinInstnId", [leaf("BICFI", bic)])]);
}

function directionXml(direction: Direction): string {
  return leaf("CdtDbtInd", direction === "credit" ? "CRDT" : "DBIT");
}

function amountXml(name: string, amount: Money | undefined): string {
  if (amount === undefined) return "";
  invariant(amount.minor >= 0n, "an ISO 20022 amount is never negative; the direction is its sign");
  return `<${name} Ccy="${amount.currency}">${formatMoney(amount)}</${name}>`;
}

/** An element around parts that are not all empty; nothing when they are. */
function wrap(name: string, parts: readonly string[]): string {
  const inner = parts.join("");
  return inner === "" ? "" : `<${name}>${inner}</${name}>`;
}

function leaf(name: string, text: string | undefined): string {
  return text === undefined ? "" : `<${name}>${escapeXml(text)}</${name}>`;
}

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "\r": "&#13;",
};

/** Text as XML character data. Characters that XML 1.0 cannot carry are a caller's bug and throw. */
export function escapeXml(text: string): string {
  invariant(isXmlText(text), "the text has a character that XML 1.0 cannot carry");
  return text.replace(/[&<>"\r]/g, (char) => ESCAPES[char] ?? char);
}

/** XML 1.0, production 2 (Char): no controls but tab and line ends, no lone surrogates, no U+FFFE or U+FFFF. */
function isXmlText(text: string): boolean {
  for (const char of text) {
    const code = char.codePointAt(0) ?? 0;
    const isControl = code < 0x20 && code !== 0x09 && code !== 0x0a && code !== 0x0d;
    if (isControl || (code >= 0xd800 && code <= 0xdfff) || code === 0xfffe || code === 0xffff) {
      return false;
    }
  }
  return true;
}
