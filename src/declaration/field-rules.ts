// Every field rule of files A and G, each with the line of the source that it comes from. A record that breaks one is not
// filed: the rules say which and how. Source of all: the reporting banks' validator as regulation.md 1.3 has it.

import { currencyOf } from "../money/currency.ts";
import { formatDecimal, parseDecimal } from "../rates/rate.ts";
import type { CivilDate } from "../time/instant.ts";
import { isCountry3 } from "./country-code.ts";
import type { BaseInformation, CodedAmount, DeclarationInformation } from "./records.ts";
import { parseReportNumber } from "./report-number.ts";
import type { DeclarationSettings } from "./settings.ts";

export type FieldFault = {
  readonly rule: string;
  readonly field: string;
  readonly message: string;
  /** The words of the source. */
  readonly source: string;
};

export type RuleContext = {
  readonly today: CivilDate;
  readonly settings: Pick<
    DeclarationSettings,
    "partsRule" | "organisationCode" | "codes" | "feeCode"
  >;
};

type Rule<Record> = {
  readonly rule: string;
  readonly field: string;
  readonly source: string;
  /** What is wrong, or null. */
  readonly check: (record: Record, context: RuleContext) => string | null;
};

/** Digits of an amount at most (N22,0). */
const AMOUNT_MAX = 10n ** 22n - 1n;

const says = (isWrong: boolean, message: string): string | null => (isWrong ? message : null);

/** Characters as the interface counts them: C128 is 128 characters. */
function isLonger(text: string, max: number): boolean {
  return text.length > max;
}

const numberRule = <R extends { readonly rptNo: string }>(): Rule<R> => ({
  rule: "rptno-form",
  field: "RPTNO",
  source: "6 area code + 4 bank code + 2 bank sequence + 6 date YYMMDD + 4 serial",
  check: ({ rptNo }) =>
    says(parseReportNumber(rptNo) === null, `"${rptNo}" is not a declaration number.`),
});

const actionRule = <R extends { actionType: string; actionDesc: string }>(): Rule<R> => ({
  rule: "actiondesc",
  field: "ACTIONDESC",
  source: "reason; empty when A, required when C/D",
  check: ({ actionType, actionDesc }) =>
    says(
      (actionType === "A") !== (actionDesc === "") || isLonger(actionDesc, 128),
      actionType === "A"
        ? "A new record has no reason."
        : "A change or deletion needs a reason of at most 128 characters.",
    ),
});

export const BASE_RULES: readonly Rule<BaseInformation>[] = [
  actionRule(),
  numberRule(),
  {
    rule: "rptno-date",
    field: "RPTNO",
    source: "the date must not be after today",
    check: ({ rptNo }, { today }) => {
      const parts = parseReportNumber(rptNo);
      return says(parts !== null && parts.on > today, `Its date is after today (${today}).`);
    },
  },
  {
    rule: "rptno-payee",
    field: "RPTNO",
    source: "the letter (19th char) must agree with payee type",
    check: ({ rptNo, cusType }) => {
      const parts = parseReportNumber(rptNo);
      return says(
        parts !== null && (parts.payee === "corporate") !== (cusType === "C"),
        `Its letter is not one of payees of type ${cusType}.`,
      );
    },
  },
  {
    rule: "custcod",
    field: "CUSTCOD",
    source:
      "id number if not C / organisation code if C (= digits 9-17 of the USCC; newer systems take 18)",
    check: ({ cusType, custCod, idCode }, { settings }) => {
      if (cusType !== "C") {
        return says(idCode === "" || isLonger(idCode, 32), "A person needs an identity number.");
      }
      const length = settings.organisationCode === "nine" ? 9 : 18;
      return says(
        !new RegExp(`^[0-9A-Z]{${length}}$`).test(custCod),
        `An organisation code has ${length} digits and capital letters.`,
      );
    },
  },
  {
    rule: "custnm",
    field: "CUSTNM",
    source: "C128: payee name",
    check: ({ custNm }) =>
      says(custNm.trim() === "" || isLonger(custNm, 128), "Needs 1 to 128 characters."),
  },
  {
    rule: "oppuser",
    field: "OPPUSER",
    source: 'payer name, must start with "(JW)" (abroad) or "(JN)" (domestic non-resident)',
    check: ({ oppUser }) =>
      says(
        !/^\((JW|JN)\)\s*\S/.test(oppUser) || isLonger(oppUser, 128),
        'Must begin with "(JW)" or "(JN)", name the payer, and have at most 128 characters.',
      ),
  },
  {
    rule: "txccy",
    field: "TXCCY",
    source: "ISO letters",
    check: ({ txCcy }) => says(currencyOf(txCcy) === null, `"${txCcy}" is no ISO 4217 code.`),
  },
  {
    rule: "txamt",
    field: "TXAMT",
    source: "> 0, no decimals",
    check: ({ txAmt }) => says(txAmt <= 0n || txAmt > AMOUNT_MAX, "Must be above zero."),
  },
  {
    rule: "exrate",
    field: "EXRATE",
    source: "converted part: EXRATE, LCYAMT, LCYACC all three or none; N13,8",
    check: ({ converted }) => {
      if (converted === null) return null;
      const rate = parseDecimal(converted.exRate);
      return says(
        rate === null ||
          rate.scale > 8 ||
          formatDecimal(rate).length > 14 ||
          converted.amount <= 0n ||
          converted.account === "",
        "What was converted needs a rate of at most 13 digits with 8 decimals, an amount and an account.",
      );
    },
  },
  partRule("fcyamt", "FCYAMT", "part kept in FX: both or none", (record) => record.kept),
  partRule("othamt", "OTHAMT", "OTHAMT, OTHACC: both or none", (record) => record.other),
  {
    rule: "parts-present",
    field: "FCYAMT",
    source: "at least one of LCYAMT/FCYAMT/OTHAMT",
    check: ({ converted, kept, other }) =>
      says(
        converted === null && kept === null && other === null,
        "Says nowhere where the money went.",
      ),
  },
  {
    rule: "parts-sum",
    field: "TXAMT",
    source: "their sum <= TXAMT (a CIB interface says it must EQUAL)",
    check: ({ converted, kept, other, txAmt }, { settings }) => {
      const sum = (converted?.amount ?? 0n) + (kept?.amount ?? 0n) + (other?.amount ?? 0n);
      const isWrong = settings.partsRule === "equal" ? sum !== txAmt : sum > txAmt;
      return says(isWrong, `Parts sum to ${sum}, the receipt is ${txAmt}.`);
    },
  },
  {
    rule: "method",
    field: "METHOD",
    source: "L letter of credit, G guarantee, C collection, T wire, D draft, M mail, O other",
    check: ({ method }) => says(!"LGCTDMO".includes(method), `"${method}" is no way of payment.`),
  },
  {
    rule: "buscode",
    field: "BUSCODE",
    source: "C22: bank business reference, required",
    check: ({ busCode }) =>
      says(busCode.trim() === "" || isLonger(busCode, 22), "Needs 1 to 22 characters."),
  },
  chargeRule("incharge", "INCHARGEAMT", (record) => record.inCharge),
  chargeRule("outcharge", "OUTCHARGEAMT", (record) => record.outCharge),
];

function partRule(
  rule: string,
  field: string,
  source: string,
  pick: (record: BaseInformation) => BaseInformation["kept"],
): Rule<BaseInformation> {
  return {
    rule,
    field,
    source,
    check: (record) => {
      const part = pick(record);
      return says(
        part !== null &&
          (part.amount <= 0n ||
            part.amount > AMOUNT_MAX ||
            part.account === "" ||
            isLonger(part.account, 32)),
        "Needs an amount above zero and an account of at most 32 characters, or neither.",
      );
    },
  };
}

function chargeRule(
  rule: string,
  field: string,
  pick: (record: BaseInformation) => BaseInformation["inCharge"],
): Rule<BaseInformation> {
  return {
    rule,
    field,
    source: "domestic / overseas bank charges, pairwise",
    check: (record) => {
      const charge = pick(record);
      return says(
        charge !== null &&
          (charge.amount < 0n ||
            charge.amount > AMOUNT_MAX ||
            currencyOf(charge.currency) === null),
        "Needs a currency and an amount that is not negative, or neither.",
      );
    },
  };
}

export const DECLARATION_RULES: readonly Rule<DeclarationInformation>[] = [
  actionRule(),
  numberRule(),
  {
    rule: "country",
    field: "COUNTRY",
    source: "payer's residence, 3-letter code",
    check: ({ country }) =>
      says(!isCountry3(country), `"${country}" is no ISO 3166 code of three letters.`),
  },
  {
    rule: "paytype",
    field: "PAYTYPE",
    source: "A advance receipt, R refund, O other",
    check: ({ payType }) => says(!"ARO".includes(payType), `"${payType}" is none of A, R, O.`),
  },
  codeRule("txcode", "TXCODE", (record) => record.first),
  codeRule("txcode2", "TXCODE2", (record) => record.second),
  {
    rule: "txcode2-differs",
    field: "TXCODE2",
    source: "TXCODE2 <> TXCODE",
    check: ({ first, second }) =>
      says(second !== null && second.code === first.code, "The two codes are the same."),
  },
  {
    rule: "isref",
    field: "ISREF",
    source: "Y/N bonded goods",
    check: ({ isRef }) => says(!"YN".includes(isRef) || isRef.length !== 1, "Is Y or N."),
  },
  {
    rule: "billno",
    field: "BILLNO",
    source: 'needed for codes starting 5-8 and some 9; "N/A" if none',
    check: ({ billNo, first, second }) => {
      const needs = [first, second].some((one) => one !== null && /^[5-8]/.test(one.code));
      return says(
        isLonger(billNo, 50) || billNo.trim() === "" || (needs && billNo === "N/A"),
        needs
          ? "A code of capital items needs the registration's number, at most 50 characters."
          : 'Needs 1 to 50 characters; "N/A" if there is none.',
      );
    },
  },
  {
    rule: "payattr",
    field: "PAYATTR",
    source: "F forfaiting, T factoring, N export bill, D discount, O other",
    check: ({ payAttr }) =>
      says(!"FTNDO".includes(payAttr), `"${payAttr}" is none of F, T, N, D, O.`),
  },
  {
    rule: "crtuser",
    field: "CRTUSER",
    source: "C20: filler and telephone",
    check: ({ crtUser, inpTelc }) =>
      says(
        [crtUser, inpTelc].some((text) => text.trim() === "" || isLonger(text, 20)),
        "Name and telephone of whoever filled it in need 1 to 20 characters each.",
      ),
  },
  {
    rule: "rptdate",
    field: "RPTDATE",
    source: ">= date inside RPTNO, <= today",
    check: ({ rptDate, rptNo }, { today }) => {
      const parts = parseReportNumber(rptNo);
      return says(
        rptDate > today || (parts !== null && rptDate < parts.on),
        `Must lie between the number's date and today (${today}).`,
      );
    },
  },
];

/** Codes of a net receipt (999999) and of a net of exactly zero (999998): no table has them, the rules do. */
export const NET_CODE = "999999";
export const ZERO_NET_CODE = "999998";

function codeRule(
  rule: string,
  field: string,
  pick: (record: DeclarationInformation) => CodedAmount | null,
): Rule<DeclarationInformation> {
  return {
    rule,
    field,
    source: "required; code must be in the code table; amount without decimals; remark C50",
    check: (record, { settings }) => {
      const coded = pick(record);
      if (coded === null) return null;
      const known = [...Object.values(settings.codes), settings.feeCode].map((one) => one.code);
      if (![...known, NET_CODE, ZERO_NET_CODE].includes(coded.code)) {
        return `Code ${coded.code} is not in the code table.`;
      }
      return says(
        coded.amount <= 0n ||
          coded.amount > AMOUNT_MAX ||
          coded.remark.trim() === "" ||
          isLonger(coded.remark, 50),
        "Needs an amount above zero and a remark of 1 to 50 characters.",
      );
    },
  };
}

export function baseFaults(record: BaseInformation, context: RuleContext): readonly FieldFault[] {
  return faultsOf(BASE_RULES, record, context);
}

/** The rules of file G, and those between the two files of one receipt. */
export function declarationFaults(
  record: DeclarationInformation,
  base: Pick<BaseInformation, "rptNo" | "txAmt">,
  context: RuleContext,
): readonly FieldFault[] {
  const faults = [...faultsOf(DECLARATION_RULES, record, context)];
  if (record.rptNo !== base.rptNo) {
    faults.push({
      rule: "rptno-same",
      field: "RPTNO",
      message: `File A has ${base.rptNo}, file G ${record.rptNo}.`,
      source: "same as file A",
    });
  }
  const sum = record.first.amount + (record.second?.amount ?? 0n);
  if (sum !== base.txAmt) {
    faults.push({
      rule: "codes-sum",
      field: "TC1AMT",
      message: `Coded amounts sum to ${sum}, the receipt is ${base.txAmt}.`,
      source: "TC1AMT + TC2AMT = TXAMT (max two codes per receipt)",
    });
  }
  return faults;
}

function faultsOf<Record>(
  rules: readonly Rule<Record>[],
  record: Record,
  context: RuleContext,
): readonly FieldFault[] {
  return rules.flatMap(({ rule, field, source, check }) => {
    const message = check(record, context);
    return message === null ? [] : [{ rule, field, message, source }];
  });
}
