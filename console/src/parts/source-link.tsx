// From a figure to where it was read: the raw file, its line.

import { useTranslation } from "react-i18next";
import { Link } from "react-router";

export type Source = {
  readonly file: string | null;
  readonly sha256: string;
  readonly line: number;
};

export function SourceLink({ source }: { readonly source: Source }) {
  const { t } = useTranslation("parts");
  const name = source.file ?? source.sha256.slice(0, 12);
  return (
    <Link className="breakable" to={`/files/${source.sha256}?line=${source.line}`}>
      {`${name}, ${t("line", { line: source.line })}`}
    </Link>
  );
}

/** An object by its id: to its page, where it has one. */
export function ObjectLink({ id }: { readonly id: string }) {
  const path = pathOfObject(id);
  return path === null ? (
    <code className="breakable">{id}</code>
  ) : (
    <Link to={path}>
      <code className="breakable">{id}</code>
    </Link>
  );
}

const PAGES: readonly (readonly [RegExp, string])[] = [
  [/^po_/, "/payouts/"],
  [/^st_/, "/statements/"],
  [/^(cr|db)_/, "/credits/"],
  [/^hold_/, "/holds/"],
  [/^sto_/, "/stores/"],
  [/^we_/, "/webhooks/"],
  [/^fxq_/, "/conversions/"],
  [/^decl_/, "/declarations/"],
  [/^appr_/, "/approvals/"],
  [/^ord_/, "/orders/"],
  [/^[0-9a-f]{64}$/, "/files/"],
];

export function pathOfObject(id: string): string | null {
  const page = PAGES.find(([pattern]) => pattern.test(id));
  return page === undefined ? null : `${page[1]}${encodeURIComponent(id)}`;
}
