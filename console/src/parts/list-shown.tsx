// A list page by page: waits, fails or shows, the same everywhere.

import type { ReactNode } from "react";
import type { ListResult } from "../api/use-api.ts";
import { type LongColumn, LongList } from "./long-list.tsx";
import { Failed, Loading } from "./query-states.tsx";

export function ListShown<Row>({
  list,
  children,
}: {
  readonly list: ListResult<Row>;
  readonly children: (rows: readonly Row[]) => ReactNode;
}) {
  const { query, items } = list;
  if (query.isError && items.length === 0)
    return <Failed error={query.error} onAgain={() => void query.refetch()} />;
  if (query.isPending) return <Loading lines={8} />;
  return <>{children(items)}</>;
}

/** The same as a list of any length, of which more is asked for as the reader goes down. */
export function LongListShown<Row>({
  list,
  label,
  columns,
  rowKey,
  rowLink,
  empty,
}: {
  readonly list: ListResult<Row>;
  readonly label: string;
  readonly columns: readonly LongColumn<Row>[];
  readonly rowKey: (row: Row) => string;
  readonly rowLink: (row: Row) => string;
  readonly empty?: string;
}) {
  return (
    <ListShown list={list}>
      {(rows) => (
        <LongList
          label={label}
          columns={columns}
          rows={rows}
          rowKey={rowKey}
          rowLink={rowLink}
          hasMore={list.hasMore}
          onMore={list.loadMore}
          {...(empty === undefined ? {} : { empty })}
        />
      )}
    </ListShown>
  );
}
