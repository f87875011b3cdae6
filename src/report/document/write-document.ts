// A report in the form and language that was asked for.

import { csvForm } from "./csv-form.ts";
import { pdfForm } from "./pdf-form.ts";
import type { ReportDocument, ReportForm, ReportLanguage } from "./report-document.ts";
import { xlsxForm } from "./xlsx-form.ts";

export async function writeDocument(
  document: ReportDocument,
  form: ReportForm,
  language: ReportLanguage,
): Promise<Uint8Array> {
  if (form === "csv") return new TextEncoder().encode(csvForm(document, language));
  return form === "xlsx" ? xlsxForm(document, language) : pdfForm(document, language);
}
