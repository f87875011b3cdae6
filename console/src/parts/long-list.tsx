// A list of any length: only the rows that are seen are drawn, and more are asked for before the reader reaches the end.
// It is a grid for those who hear it: the rows have numbers, the keys move along them (j and k, arrows, Home, End, Enter).

import { useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { useFormat } from "../i18n/use-format.ts";
import type { Column } from "./data-table.tsx";
import { Empty } from "./query-states.tsx";

export type LongColumn<Row> = Column<Row> & {
  /** As of `grid-template-columns`: "120px", "minmax(160px, 2fr)". */
  readonly width: string;
};

const ROW_PX = 38;
const HEAD_PX = 32;
/** Drawn beyond what is seen, so that quick scrolling shows no holes. */
const OVERSCAN = 12;
/** Asks for more when so few rows are left below. */
const AHEAD = 30;
const ROWS_SEEN_MAX = 18;

type LongListProps<Row> = {
  readonly label: string;
  readonly columns: readonly LongColumn<Row>[];
  readonly rows: readonly Row[];
  readonly rowKey: (row: Row) => string;
  readonly rowLink: (row: Row) => string;
  readonly hasMore?: boolean;
  readonly onMore?: () => void;
  readonly empty?: string;
};

export function LongList<Row>(props: LongListProps<Row>) {
  const { rows, hasMore = false, empty } = props;
  const { t } = useTranslation("parts");
  const format = useFormat();
  if (rows.length === 0 && !hasMore)
    return <Empty {...(empty === undefined ? {} : { text: empty })} />;
  const count = format.count(rows.length);
  return (
    <>
      <LongGrid {...props} />
      <p className="muted small long-foot" aria-live="polite">
        {hasMore
          ? t("moreThan", { count: rows.length, replace: { count } })
          : t("all", { count: rows.length, replace: { count } })}
      </p>
    </>
  );
}

function LongGrid<Row>({
  label,
  columns,
  rows,
  rowKey,
  rowLink,
  hasMore = false,
  onMore,
}: LongListProps<Row>) {
  const place = useRef<HTMLDivElement>(null);
  const navigate = useNavigate();
  const [active, setActive] = useState(-1);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => place.current,
    estimateSize: () => ROW_PX,
    overscan: OVERSCAN,
    scrollMargin: HEAD_PX,
    scrollPaddingStart: HEAD_PX,
    getItemKey: (index) => {
      const row = rows[index];
      return row === undefined ? index : rowKey(row);
    },
  });
  const shown = virtual.getVirtualItems();
  const last = shown.at(-1)?.index ?? 0;
  useEffect(() => {
    if (hasMore && last >= rows.length - AHEAD) onMore?.();
  }, [hasMore, last, rows.length, onMore]);
  const move = (event: KeyboardEvent): void => {
    const next = movedTo(event.key, active, rows.length);
    const row = rows[active];
    if (event.key === "Enter" && row !== undefined) void navigate(rowLink(row));
    if (next === null) return;
    event.preventDefault();
    setActive(next);
    virtual.scrollToIndex(next);
  };
  const heightPx = HEAD_PX + Math.min(Math.max(rows.length, 4), ROWS_SEEN_MAX) * ROW_PX;
  return (
    <div
      ref={place}
      className="long-list"
      style={{ height: heightPx }}
      role="grid"
      aria-label={label}
      aria-rowcount={hasMore ? -1 : rows.length + 1}
      aria-activedescendant={active < 0 ? undefined : rowId(label, active)}
      tabIndex={0}
      onKeyDown={move}
    >
      <LongHead columns={columns} />
      <div role="rowgroup" style={{ height: virtual.getTotalSize() }}>
        {shown.map(({ index, key, start }) => {
          const row = rows[index];
          if (row === undefined) return null;
          return (
            <LongRow
              key={key}
              id={rowId(label, index)}
              row={row}
              columns={columns}
              index={index}
              isActive={index === active}
              startPx={start}
              link={rowLink(row)}
            />
          );
        })}
      </div>
    </div>
  );
}

function LongRow<Row>({
  id,
  row,
  columns,
  index,
  isActive,
  startPx,
  link,
}: {
  readonly id: string;
  readonly row: Row;
  readonly columns: readonly LongColumn<Row>[];
  readonly index: number;
  readonly isActive: boolean;
  readonly startPx: number;
  readonly link: string;
}) {
  const navigate = useNavigate();
  return (
    // The grid has the keys; the row's own link has the focus of those who tab.
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus
    <div
      id={id}
      className="long-row"
      role="row"
      aria-rowindex={index + 2}
      aria-selected={isActive}
      data-active={isActive}
      style={{
        height: ROW_PX,
        minWidth: leastPx(columns),
        gridTemplateColumns: templateOf(columns),
        transform: `translateY(${startPx}px)`,
      }}
      onClick={() => {
        if (getSelection()?.isCollapsed ?? true) void navigate(link);
      }}
    >
      <LongCells row={row} columns={columns} />
    </div>
  );
}

/** The narrowest that the columns may be together: below it, the list is scrolled sideways. */
function leastPx<Row>(columns: readonly LongColumn<Row>[]): number {
  return columns.reduce((sum, { width }) => sum + Number(/\d+(?=px)/.exec(width)?.[0] ?? 0), 0);
}

function templateOf<Row>(columns: readonly LongColumn<Row>[]): string {
  return columns.map(({ width }) => width).join(" ");
}

function LongHead<Row>({ columns }: { readonly columns: readonly LongColumn<Row>[] }) {
  return (
    <div role="rowgroup" className="long-head-group">
      <div
        className="long-head"
        role="row"
        aria-rowindex={1}
        style={{ minWidth: leastPx(columns), gridTemplateColumns: templateOf(columns) }}
      >
        {columns.map(({ key, title, isFigure }) => (
          <span key={key} role="columnheader" className={isFigure === true ? "figure-cell" : ""}>
            {title}
          </span>
        ))}
      </div>
    </div>
  );
}

function LongCells<Row>({
  row,
  columns,
}: {
  readonly row: Row;
  readonly columns: readonly LongColumn<Row>[];
}) {
  return (
    <>
      {columns.map(({ key, cell, isFigure }) => (
        <span key={key} role="gridcell" className={isFigure === true ? "figure-cell" : ""}>
          {cell(row)}
        </span>
      ))}
    </>
  );
}

function rowId(label: string, index: number): string {
  return `${label.replace(/\W+/g, "-")}-row-${index}`;
}

/** Where a key leads from row `active`; null: it is none of the list's keys. */
function movedTo(key: string, active: number, count: number): number | null {
  const to: Readonly<Record<string, number>> = {
    j: active + 1,
    ArrowDown: active + 1,
    k: active - 1,
    ArrowUp: active - 1,
    PageDown: active + ROWS_SEEN_MAX,
    PageUp: active - ROWS_SEEN_MAX,
    Home: 0,
    End: count - 1,
  };
  const next = to[key];
  return next === undefined || count === 0 ? null : Math.max(0, Math.min(count - 1, next));
}
