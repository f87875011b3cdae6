// From what is known of a receipt to the records that declare it: pure. A receipt is rounded to whole units once, and
// all its rows are made to add up to that.

import type { Currency } from "../money/currency.ts";
import type { CivilDate } from "../time/instant.ts";
import { country3 } from "./country-code.ts";
import { NET_CODE, ZERO_NET_CODE } from "./field-rules.ts";
import type {
  ActionType,
  BaseInformation,
  CodedAmount,
  DeclarationInformation,
} from "./records.ts";
import type { DeclarationSettings, TransactionCode } from "./settings.ts";
import { wholeParts, wholeUnits } from "./whole-units.ts";

export type DeclaredReceipt = {
  readonly payeeName: string;
  /** Unified social credit code, 18 places; null where it is not on record. */
  readonly payeeCreditCode: string | null;
  readonly payerName: string;
  /** Two letters, as banks tell it; null where they do not. */
  readonly payerCountry: string | null;
  readonly currency: Currency;
  /** What arrived. */
  readonly arrivedMinor: bigint;
  /** Deducted by banks abroad, in the same currency. */
  readonly overseasChargeMinor: bigint;
  readonly account: string;
  /** The bank's reference of the credit. */
  readonly bankReference: string;
  /** Day of the credit: T. */
  readonly creditedOn: CivilDate;
  /** Sales behind it by customs mode; empty where nothing says how the goods left. */
  readonly goods: readonly { readonly mode: string; readonly amountMinor: bigint }[];
  /** Kept back by the marketplace before it paid. */
  readonly nettedFeesMinor: bigint;
  readonly isAdvance: boolean;
};

export type RowKind = "plain" | "actual" | "restored-income" | "restored-expense";

/** A row to be declared, without its number. */
export type DeclaredRow = {
  readonly kind: RowKind;
  readonly base: Omit<BaseInformation, "rptNo">;
  readonly declaration: Omit<DeclarationInformation, "rptNo" | "rptDate">;
};

type Action = { readonly actionType: ActionType; readonly actionDesc: string };

const NEW: Action = { actionType: "A", actionDesc: "" };

/**
 * The rows of a receipt. With `two-codes` there is one. With `restored-rows` and fees that were netted there is the
 * actual row, and after it the gross by code and the fees; the rows' BUSCODE is filled in when the actual one has a number.
 */
export function declaredRows(
  receipt: DeclaredReceipt,
  settings: DeclarationSettings,
): readonly DeclaredRow[] {
  const amountMinor =
    settings.amountBasis === "before-charges"
      ? receipt.arrivedMinor + receipt.overseasChargeMinor
      : receipt.arrivedMinor;
  const whole = wholeUnits(amountMinor, receipt.currency);
  if (settings.nettingMode === "two-codes" || receipt.nettedFeesMinor <= 0n) {
    return [plainRow(receipt, settings, whole)];
  }
  return restoredRows(receipt, settings, amountMinor);
}

function plainRow(
  receipt: DeclaredReceipt,
  settings: DeclarationSettings,
  whole: bigint,
): DeclaredRow {
  const [first, second = null] = codedAmounts(receipt, settings, whole);
  return {
    kind: "plain",
    base: baseOf(receipt, settings, whole),
    declaration: declarationOf(receipt, settings, first as CodedAmount, second),
  };
}

function restoredRows(
  receipt: DeclaredReceipt,
  settings: DeclarationSettings,
  netMinor: bigint,
): readonly DeclaredRow[] {
  const { whole: gross, parts } = wholeParts([netMinor, receipt.nettedFeesMinor], receipt.currency);
  const [net = 0n, fees = 0n] = parts;
  const actual: CodedAmount =
    net === 0n
      ? { code: ZERO_NET_CODE, amount: net, remark: "轧差净额为零" }
      : { code: NET_CODE, amount: net, remark: "轧差净额结算" };
  const income = codedAmounts(receipt, settings, gross, Number.POSITIVE_INFINITY);
  const expense = { ...settings.feeCode, amount: fees };
  const row = (kind: RowKind, coded: CodedAmount): DeclaredRow => ({
    kind,
    base: baseOf(receipt, settings, coded.amount),
    declaration: declarationOf(receipt, settings, coded, null),
  });
  return [
    row("actual", actual),
    ...income.map((coded) => row("restored-income", coded)),
    ...(fees > 0n ? [row("restored-expense", expense)] : []),
  ];
}

/** Codes of one receipt at most (TXCODE and TXCODE2). */
const CODES_PER_ROW = 2;

/**
 * The amount by transaction code, in the measure of the sales behind it; the largest first. What more codes there are
 * than a row has places for is declared under the largest.
 */
export function codedAmounts(
  receipt: Pick<DeclaredReceipt, "goods" | "currency">,
  settings: Pick<DeclarationSettings, "codes" | "defaultMode">,
  whole: bigint,
  codesMax: number = CODES_PER_ROW,
): readonly CodedAmount[] {
  const sales = new Map<string, { code: TransactionCode; minor: bigint }>();
  for (const { mode, amountMinor } of receipt.goods) {
    const code = codeOf(settings, mode);
    const sum = sales.get(code.code)?.minor ?? 0n;
    if (amountMinor > 0n) sales.set(code.code, { code, minor: sum + amountMinor });
  }
  const ordered = [...sales.values()].sort((a, b) =>
    a.minor === b.minor ? (a.code.code < b.code.code ? -1 : 1) : a.minor > b.minor ? -1 : 1,
  );
  const total = ordered.reduce((sum, { minor }) => sum + minor, 0n);
  const kept = ordered.slice(0, codesMax);
  const shares = kept.map(({ minor }) => (whole * minor) / total);
  const coded = kept
    .map(({ code }, index) => ({ ...code, amount: shares[index] ?? 0n }))
    .filter(({ amount }) => amount > 0n);
  const [largest, ...others] = coded;
  if (largest === undefined) return [{ ...codeOf(settings, settings.defaultMode), amount: whole }];
  const rest = others.reduce((sum, { amount }) => sum + amount, 0n);
  return [{ ...largest, amount: whole - rest }, ...others];
}

function codeOf(
  settings: Pick<DeclarationSettings, "codes" | "defaultMode">,
  mode: string,
): TransactionCode {
  const code = settings.codes[mode] ?? settings.codes[settings.defaultMode];
  if (code === undefined) throw new RangeError(`no transaction code for ${mode}`);
  return code;
}

/** BUSCODE has 22 places; a longer reference keeps its end, which tells credits of one day apart. */
const BUSCODE_LENGTH = 22;
const PAYER_LENGTH = 128;

function baseOf(
  receipt: DeclaredReceipt,
  settings: DeclarationSettings,
  amount: bigint,
): Omit<BaseInformation, "rptNo"> {
  const { currency, overseasChargeMinor, account } = receipt;
  const charge = wholeUnits(overseasChargeMinor, currency);
  return {
    ...NEW,
    cusType: "C",
    idCode: "",
    custCod: organisationCode(receipt.payeeCreditCode, settings.organisationCode),
    custNm: receipt.payeeName,
    oppUser: `(JW)${receipt.payerName}`.slice(0, PAYER_LENGTH),
    txCcy: currency,
    txAmt: amount,
    converted: null,
    kept: { amount, account },
    other: null,
    method: "T",
    busCode: receipt.bankReference.slice(-BUSCODE_LENGTH),
    inCharge: null,
    outCharge: overseasChargeMinor > 0n ? { currency, amount: charge } : null,
  };
}

/** Places 9 to 17 of the credit code are the organisation code; the last place is a check of the whole. */
export function organisationCode(creditCode: string | null, length: "nine" | "eighteen"): string {
  if (creditCode === null) return "";
  return length === "nine" ? creditCode.slice(8, 17) : creditCode;
}

function declarationOf(
  receipt: DeclaredReceipt,
  settings: DeclarationSettings,
  first: CodedAmount,
  second: CodedAmount | null,
): DeclaredRow["declaration"] {
  const { payerCountry, goods } = receipt;
  const isBonded = goods.some(({ mode }) => settings.bondedModes.includes(mode));
  const isZeroNet = first.code === ZERO_NET_CODE;
  return {
    ...NEW,
    // One virtual row of a net of zero is of country China (regulation.md 1.3).
    country: isZeroNet ? "CHN" : payerCountry === null ? "" : (country3(payerCountry) ?? ""),
    payType: receipt.isAdvance ? "A" : "O",
    first,
    second,
    isRef: isBonded ? "Y" : "N",
    billNo: "N/A",
    payAttr: "O",
    crtUser: settings.filler.name,
    inpTelc: settings.filler.phone,
  };
}
