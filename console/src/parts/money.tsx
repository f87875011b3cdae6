// Money as people read it: grouped digits, a true minus sign, the currency's code beside it.

import type { Money as MoneyValue } from "../api/operations.ts";
import { isNegative } from "../format/amount.ts";
import { useFormat } from "../i18n/use-format.ts";

export function Money({
  value,
  withoutCode = false,
}: {
  readonly value: MoneyValue;
  /** In a column whose head names the currency. */
  readonly withoutCode?: boolean;
}) {
  const format = useFormat();
  return (
    <span className="money" data-below={isNegative(value.amount)}>
      {format.amount(value.amount)}
      {withoutCode ? null : <span className="code">{value.currency}</span>}
    </span>
  );
}

/** Sums of several currencies, which are never added up. */
export function MoneyList({ values }: { readonly values: readonly MoneyValue[] }) {
  if (values.length === 0) return <span className="muted">—</span>;
  return (
    <>
      {values.map((value) => (
        <Money key={value.currency} value={value} />
      ))}
    </>
  );
}
