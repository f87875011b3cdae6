// The two records of a receipt. Base information (file A) is what the bank knows from its accounts; declaration
// information (file G) is what the payee says about it. Field names as the interface has them, in lower case.
// Source: regulation.md 1.3 (field tables of files A and G).

export type ActionType = "A" | "C" | "D";

/** Money of one kind in a record: amount in whole units and the account. */
export type AccountPart = { readonly amount: bigint; readonly account: string };

export type BaseInformation = {
  /** ACTIONTYPE: A new, C change, D delete. */
  readonly actionType: ActionType;
  /** ACTIONDESC: the reason; empty with A, required with C and D. */
  readonly actionDesc: string;
  /** RPTNO. */
  readonly rptNo: string;
  /** CUSTYPE: C corporate, D private resident, F private non-resident. */
  readonly cusType: "C" | "D" | "F";
  /** IDCODE: identity number, where the payee is not corporate. */
  readonly idCode: string;
  /** CUSTCOD: organisation code, where it is. */
  readonly custCod: string;
  /** CUSTNM: the payee. */
  readonly custNm: string;
  /** OPPUSER: the payer, beginning with "(JW)" (abroad) or "(JN)" (a non-resident at home). */
  readonly oppUser: string;
  /** TXCCY, TXAMT: what arrived, whole units. */
  readonly txCcy: string;
  readonly txAmt: bigint;
  /** EXRATE, LCYAMT, LCYACC: what was converted on arrival; all three or none. */
  readonly converted: (AccountPart & { readonly exRate: string }) | null;
  /** FCYAMT, FCYACC: what was kept in foreign exchange. */
  readonly kept: AccountPart | null;
  /** OTHAMT, OTHACC. */
  readonly other: AccountPart | null;
  /** METHOD: L letter of credit, G guarantee, C collection, T wire, D draft, M mail, O other. */
  readonly method: "L" | "G" | "C" | "T" | "D" | "M" | "O";
  /** BUSCODE: the bank's reference; of a restored row, the number of the actual row. */
  readonly busCode: string;
  /** INCHARGECCY/AMT, OUTCHARGECCY/AMT: charges of banks here and abroad, whole units. */
  readonly inCharge: { readonly currency: string; readonly amount: bigint } | null;
  readonly outCharge: { readonly currency: string; readonly amount: bigint } | null;
};

/** TXCODE, TC1AMT, TXREM. */
export type CodedAmount = {
  readonly code: string;
  readonly amount: bigint;
  readonly remark: string;
};

export type DeclarationInformation = {
  readonly actionType: ActionType;
  readonly actionDesc: string;
  readonly rptNo: string;
  /** COUNTRY: three letters, where the payer resides. */
  readonly country: string;
  /** PAYTYPE: A advance, R refund, O other. */
  readonly payType: "A" | "R" | "O";
  readonly first: CodedAmount;
  /** TXCODE2, TC2AMT, TX2REM: all or none. */
  readonly second: CodedAmount | null;
  /** ISREF: bonded goods. */
  readonly isRef: "Y" | "N";
  /** BILLNO: "N/A" if none. */
  readonly billNo: string;
  /** PAYATTR: F forfaiting, T factoring, N export bill, D discount, O other. */
  readonly payAttr: "F" | "T" | "N" | "D" | "O";
  /** CRTUSER, INPTELC: who filled it in, and a telephone number. */
  readonly crtUser: string;
  readonly inpTelc: string;
  /** RPTDATE: YYYY-MM-DD here, YYYYMMDD in the file. */
  readonly rptDate: string;
};
