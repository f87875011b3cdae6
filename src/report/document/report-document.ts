// A report as a document: titled tables whose cells are exact, in the reader's language, whatever form they are written
// in (spreadsheet, comma-separated text, PDF). Forms add nothing and leave nothing out.

/** Languages of the reports. */
export const REPORT_LANGUAGES = ["en", "zh"] as const;
export type ReportLanguage = (typeof REPORT_LANGUAGES)[number];

/** A sentence or a title in both languages. */
export type Words = { readonly en: string; readonly zh: string };

/** `amount`: exact decimal text of money; `percent`: exact decimal text, in percent; `count`: an integer. */
export type ColumnKind = "text" | "date" | "amount" | "percent" | "count";

export type ReportColumn = { readonly title: Words; readonly kind: ColumnKind };

/** Text for every kind but `count`; null: not known, or does not apply. */
export type ReportCell = string | number | null;

export type ReportTable = {
  readonly title: Words;
  /** What the figures are of and what they leave out; shown above the table. */
  readonly notes: readonly Words[];
  readonly columns: readonly ReportColumn[];
  readonly rows: readonly (readonly ReportCell[])[];
};

export type ReportDocument = {
  readonly title: Words;
  readonly notes: readonly Words[];
  readonly tables: readonly ReportTable[];
};

export const REPORT_FORMS = ["csv", "xlsx", "pdf"] as const;
export type ReportForm = (typeof REPORT_FORMS)[number];

export const MEDIA_TYPES: Readonly<Record<ReportForm, string>> = {
  csv: "text/csv; charset=utf-8",
  xlsx: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
  pdf: "application/pdf",
};
