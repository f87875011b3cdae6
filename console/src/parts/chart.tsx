// A chart and its table: the figures are always there as text, the drawing is loaded when it is looked at. There is no
// chart without its table.

import { Segmented } from "antd";
import { lazy, type ReactNode, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { type Column, DataTable } from "./data-table.tsx";
import type { Drawing } from "./drawing.ts";
import { Empty, Loading } from "./query-states.tsx";

const Plot = lazy(() => import("./plot.tsx"));

export function Chart<Row>({
  label,
  drawing,
  columns,
  rows,
  rowKey,
  note,
}: {
  /** Says what is drawn, also to those who hear it. */
  readonly label: string;
  readonly drawing: Drawing;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly rowKey: (row: Row) => string;
  readonly note?: ReactNode;
}) {
  const { t } = useTranslation("parts");
  const [view, setView] = useState<"plot" | "table">("plot");
  if (rows.length === 0) return <Empty text={t("chart.none")} />;
  const table = <DataTable label={label} columns={columns} rows={rows} rowKey={rowKey} />;
  return (
    <figure className="chart-figure">
      <div className="row spread no-print">
        <figcaption className="muted small">{note ?? label}</figcaption>
        <Segmented
          size="small"
          aria-label={label}
          value={view}
          onChange={setView}
          options={[
            { value: "plot", label: t("chart.plot") },
            { value: "table", label: t("chart.table") },
          ]}
        />
      </div>
      {view === "plot" ? (
        <>
          <Suspense fallback={<Loading lines={6} />}>
            <Plot label={label} drawing={drawing} />
          </Suspense>
          <div className="visually-hidden only-print">{table}</div>
        </>
      ) : (
        table
      )}
    </figure>
  );
}
