// What can be drawn: bars, lines and flows, over plain values. How it is drawn is in plot.tsx, which is loaded on demand.

export type Series = {
  readonly name: string;
  /** Places on the axis (format/amount.ts, `plotValue`); null: nothing is known there. */
  readonly values: readonly (number | null)[];
  /** The same as text, for the tip. */
  readonly texts: readonly string[];
  readonly as?: "bar" | "line";
  readonly tone?: "accent" | "warn" | "info" | "muted";
};

export type Drawing =
  | {
      readonly kind: "axes";
      readonly categories: readonly string[];
      readonly series: readonly Series[];
      readonly unit: string;
      readonly isStacked?: boolean;
      /** A line across at this value: a target, a limit. */
      readonly mark?: { readonly value: number; readonly text: string };
    }
  | {
      readonly kind: "flows";
      readonly nodes: readonly { readonly id: string; readonly name: string }[];
      readonly links: readonly {
        readonly from: string;
        readonly to: string;
        readonly value: number;
        readonly text: string;
      }[];
    };
