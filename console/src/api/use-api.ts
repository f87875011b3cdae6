// The API in components: what is shown is asked for by its operation's name, kept while it is on screen, and asked for
// again when an event says that something happened.

import {
  type UseInfiniteQueryResult,
  type UseQueryResult,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query";
import { useMemo } from "react";
import { type Answered, call, callTagged } from "./client.ts";
import type { ConsoleOperation, InputOf, ItemOf, ListName, OutputOf } from "./operations.ts";

export type QueryOptions = {
  /** False: not asked yet. */
  readonly enabled?: boolean;
  /** Asked again so often, for what no event tells of. */
  readonly everyMs?: number;
};

export function useApi<Name extends ConsoleOperation>(
  name: Name,
  input: InputOf<Name>,
  { enabled = true, everyMs }: QueryOptions = {},
): UseQueryResult<OutputOf<Name>> {
  return useQuery({
    queryKey: [name, input],
    queryFn: ({ signal }) => call(name, input, signal),
    enabled,
    ...(everyMs === undefined ? {} : { refetchInterval: everyMs }),
  });
}

/** The same with the tag of what was read, for pages that edit it. */
export function useTagged<Name extends ConsoleOperation>(
  name: Name,
  input: InputOf<Name>,
  { enabled = true }: QueryOptions = {},
): UseQueryResult<Answered<OutputOf<Name>>> {
  return useQuery({
    queryKey: [name, input, "tagged"],
    queryFn: ({ signal }) => callTagged(name, input, signal),
    enabled,
  });
}

type Page<Name extends ListName> = {
  readonly data: ItemOf<Name>[];
  readonly nextCursor: string | null;
};

export type ListResult<Item> = {
  readonly query: UseInfiniteQueryResult;
  readonly items: readonly Item[];
  /** There is more than is shown. */
  readonly hasMore: boolean;
  readonly loadMore: () => void;
};

/** A list, page after page as the reader goes down. */
export function useList<Name extends ListName>(
  name: Name,
  input: InputOf<Name>,
  { enabled = true }: QueryOptions = {},
): ListResult<ItemOf<Name>> {
  const asked = input as { readonly query?: Readonly<Record<string, unknown>> };
  const query = useInfiniteQuery({
    queryKey: [name, input, "list"],
    queryFn: async ({ pageParam, signal }) => {
      const cursor = pageParam === null ? {} : { cursor: pageParam };
      const paged = { ...asked, query: { ...asked.query, ...cursor } };
      const page: unknown = await call(name, paged as unknown as InputOf<Name>, signal);
      return page as Page<Name>;
    },
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.nextCursor,
    enabled,
  });
  const items = useMemo(() => query.data?.pages.flatMap((page) => page.data) ?? [], [query.data]);
  return {
    query,
    items,
    hasMore: query.hasNextPage,
    loadMore: () => {
      if (query.hasNextPage && !query.isFetchingNextPage) void query.fetchNextPage();
    },
  };
}

/** An act: afterwards everything on screen is asked for again, since it may look different now. */
export function useAct<Name extends ConsoleOperation>(
  name: Name,
  onDone: (output: OutputOf<Name>) => void = () => {},
) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (input: InputOf<Name>) => call(name, input),
    onSuccess: async (output) => {
      onDone(output);
      await client.invalidateQueries();
    },
  });
}
