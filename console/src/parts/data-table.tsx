// A table of some dozens of rows: a real one, so that it prints, and is read aloud, as what it is. Rows that open have a
// link in their first cell; a click anywhere in the row follows it. Thousands of rows: long-list.tsx.

import type { ReactNode } from "react";
import { useNavigate } from "react-router";
import { Empty } from "./query-states.tsx";

export type Column<Row> = {
  readonly key: string;
  readonly title: string;
  readonly cell: (row: Row) => ReactNode;
  /** Figures stand at the right edge of their column. */
  readonly isFigure?: boolean;
};

export function DataTable<Row>({
  label,
  columns,
  rows,
  rowKey,
  rowLink,
  empty,
  foot,
}: {
  /** Read aloud before the table. */
  readonly label: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly rowKey: (row: Row) => string;
  readonly rowLink?: (row: Row) => string | null;
  readonly empty?: string;
  readonly foot?: ReactNode;
}) {
  if (rows.length === 0) return <Empty {...(empty === undefined ? {} : { text: empty })} />;
  return (
    // Wider than a small screen: then it is scrolled, also by keyboard.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className="table-wrap" role="region" aria-label={label} tabIndex={0}>
      <table className="table">
        <caption className="visually-hidden">{label}</caption>
        <thead>
          <tr>
            {columns.map(({ key, title, isFigure }) => (
              <th key={key} scope="col" className={isFigure === true ? "figure-cell" : undefined}>
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <TableRow key={rowKey(row)} row={row} columns={columns} link={rowLink?.(row) ?? null} />
          ))}
        </tbody>
        {foot === undefined ? null : <tfoot>{foot}</tfoot>}
      </table>
    </div>
  );
}

function TableRow<Row>({
  row,
  columns,
  link,
}: {
  readonly row: Row;
  readonly columns: readonly Column<Row>[];
  readonly link: string | null;
}) {
  const navigate = useNavigate();
  const open = (target: EventTarget): void => {
    const isOwn = target instanceof Element && target.closest("a, button, input, label") !== null;
    if (link !== null && !isOwn && (getSelection()?.isCollapsed ?? true)) void navigate(link);
  };
  return (
    <tr className={link === null ? undefined : "opens"} onClick={(event) => open(event.target)}>
      {columns.map(({ key, cell, isFigure }) => (
        <td key={key} className={isFigure === true ? "figure-cell" : undefined}>
          {cell(row)}
        </td>
      ))}
    </tr>
  );
}
