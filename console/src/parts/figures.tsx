// A row of leading figures: what it is, how much in each currency, what stands behind it.

import type { ReactNode } from "react";
import type { Money as MoneyValue } from "../api/operations.ts";
import { MoneyList } from "./money.tsx";

export type FigureShown = {
  readonly title: string;
  readonly value: ReactNode;
  readonly note?: ReactNode;
};

export function Figures({ figures }: { readonly figures: readonly FigureShown[] }) {
  return (
    <div className="figures">
      {figures.map(({ title, value, note }) => (
        <div className="figure" key={title}>
          <h3>{title}</h3>
          <div className="value">{value}</div>
          {note === undefined ? null : <p>{note}</p>}
        </div>
      ))}
    </div>
  );
}

/** Money of several currencies as one figure's value. */
export function Sums({ values }: { readonly values: readonly MoneyValue[] }) {
  return <MoneyList values={values} />;
}
