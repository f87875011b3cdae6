// Declaration files as the reporting application takes them: one XML file a record kind, GB18030, records one after the
// other. Element names are the interface's field names. The layout is a vendor's (bank.md 5.3); the current naming is an
// open question that the bank answers, so everything about it stands in this file.

import iconv from "iconv-lite";
import type { BaseInformation, DeclarationInformation } from "./records.ts";

/** Records of one file at most: what one bank's interface takes in a batch of restored rows is the smallest known. */
export const RECORDS_PER_FILE_MAX = 100;

export type FileKind = "A" | "G";

export type DeclarationFile = {
  readonly kind: FileKind;
  /** "BOPA26112500010001": kind, date, running number, as the control file names it. */
  readonly name: string;
};

/** A file of base information. */
export function baseXml(file: DeclarationFile, records: readonly BaseInformation[]): Uint8Array {
  return fileOf(file, records.map(baseFields));
}

/** A file of declaration information. */
export function declarationXml(
  file: DeclarationFile,
  records: readonly DeclarationInformation[],
): Uint8Array {
  return fileOf(file, records.map(declarationFields));
}

type Fields = readonly (readonly [name: string, value: string])[];

function fileOf(file: DeclarationFile, records: readonly Fields[]): Uint8Array {
  const lines = [
    '<?xml version="1.0" encoding="gb18030"?>',
    "<MSG>",
    "<APPTYPE>BOP</APPTYPE>",
    `<CURRENTFILE>${escaped(file.name)}</CURRENTFILE>`,
    "<INOUT>IN</INOUT>",
    `<TOTALRECORDS>${records.length}</TOTALRECORDS>`,
    "<RECORDS>",
    ...records.flatMap((fields) => ["<REC>", ...fields.map(element), "</REC>"]),
    "</RECORDS>",
    "</MSG>",
  ];
  return iconv.encode(`${lines.join("\r\n")}\r\n`, "gb18030");
}

function element([name, value]: readonly [string, string]): string {
  return value === "" ? `<${name}/>` : `<${name}>${escaped(value)}</${name}>`;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

function baseFields(record: BaseInformation): Fields {
  const { converted, kept, other, inCharge, outCharge } = record;
  return [
    ["ACTIONTYPE", record.actionType],
    ["ACTIONDESC", record.actionDesc],
    ["RPTNO", record.rptNo],
    ["CUSTYPE", record.cusType],
    ["IDCODE", record.idCode],
    ["CUSTCOD", record.custCod],
    ["CUSTNM", record.custNm],
    ["OPPUSER", record.oppUser],
    ["TXCCY", record.txCcy],
    ["TXAMT", record.txAmt.toString()],
    ["EXRATE", converted?.exRate ?? ""],
    ["LCYAMT", converted?.amount.toString() ?? ""],
    ["LCYACC", converted?.account ?? ""],
    ["FCYAMT", kept?.amount.toString() ?? ""],
    ["FCYACC", kept?.account ?? ""],
    ["OTHAMT", other?.amount.toString() ?? ""],
    ["OTHACC", other?.account ?? ""],
    ["METHOD", record.method],
    ["BUSCODE", record.busCode],
    ["INCHARGECCY", inCharge?.currency ?? ""],
    ["INCHARGEAMT", inCharge?.amount.toString() ?? ""],
    ["OUTCHARGECCY", outCharge?.currency ?? ""],
    ["OUTCHARGEAMT", outCharge?.amount.toString() ?? ""],
  ];
}

function declarationFields(record: DeclarationInformation): Fields {
  const { first, second } = record;
  return [
    ["ACTIONTYPE", record.actionType],
    ["ACTIONDESC", record.actionDesc],
    ["RPTNO", record.rptNo],
    ["COUNTRY", record.country],
    ["PAYTYPE", record.payType],
    ["TXCODE", first.code],
    ["TC1AMT", first.amount.toString()],
    ["TXREM", first.remark],
    ["TXCODE2", second?.code ?? ""],
    ["TC2AMT", second?.amount.toString() ?? ""],
    ["TX2REM", second?.remark ?? ""],
    ["ISREF", record.isRef],
    ["BILLNO", record.billNo],
    ["PAYATTR", record.payAttr],
    ["CRTUSER", record.crtUser],
    ["INPTELC", record.inpTelc],
    ["RPTDATE", record.rptDate.replaceAll("-", "")],
  ];
}
