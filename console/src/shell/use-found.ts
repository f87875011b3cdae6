// What the search finds: asked for once typing pauses.

import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import type { OutputOf } from "../api/operations.ts";
import { useApi } from "../api/use-api.ts";
import { useFormat } from "../i18n/use-format.ts";
import { pathOfObject } from "../parts/source-link.tsx";

export type Found = {
  readonly to: string;
  readonly kind: string;
  readonly text: string;
  readonly detail: string;
};

type FoundObject = OutputOf<"search">["data"][number];

const PAUSE_MS = 250;
const TEXT_LENGTH_MAX = 200;

const PLACES = {
  payout: "payouts",
  statement: "statements",
  credit: "credits",
  hold: "holds",
  store: "stores",
  approval: "approvals",
  file: "documents",
} as const satisfies Record<FoundObject["kind"], string>;

export function useFound(
  text: string,
  isOpen: boolean,
): { readonly found: readonly Found[]; readonly isSearching: boolean } {
  const { t } = useTranslation("shell");
  const format = useFormat();
  const wanted = usePaused(text.trim().slice(0, TEXT_LENGTH_MAX));
  const enabled = isOpen && wanted !== "";
  const answer = useApi("search", { query: { q: wanted } }, { enabled });
  if (!enabled) return { found: [], isSearching: false };
  const found = (answer.data?.data ?? []).map(({ kind, id, text: known, amount, sellerId }) => ({
    to: pathOfObject(id) ?? "/",
    kind: t(`nav.${PLACES[kind]}`),
    text: known,
    detail:
      amount === null ? (sellerId ?? "") : `${format.amount(amount.amount)} ${amount.currency}`,
  }));
  return { found, isSearching: answer.isFetching };
}

/** The text once it has not changed for a moment. */
function usePaused(text: string): string {
  const [paused, setPaused] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setPaused(text), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return paused;
}
