// What the search finds: asked for once typing pauses.

import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useApi } from "../api/use-api.ts";
import { useFormat } from "../i18n/use-format.ts";
import { useMay } from "../session/session.tsx";

export type Found = {
  readonly to: string;
  readonly kind: string;
  readonly text: string;
  readonly detail: string;
};

const PAUSE_MS = 250;
const TEXT_LENGTH_MAX = 200;
const FOUND_MAX = 5;

export function useFound(
  text: string,
  isOpen: boolean,
): { readonly found: readonly Found[]; readonly isSearching: boolean } {
  const { t } = useTranslation("shell");
  const format = useFormat();
  const may = useMay();
  const wanted = usePaused(text.trim().slice(0, TEXT_LENGTH_MAX));
  const enabled = isOpen && wanted !== "";
  const payouts = useApi(
    "listPayouts",
    { query: { reference: wanted, limit: FOUND_MAX } },
    { enabled: enabled && may("payouts.read") },
  );
  const statements = useApi(
    "listStatements",
    { query: { settlementId: wanted, limit: FOUND_MAX } },
    { enabled: enabled && may("statements.read") },
  );
  const stores = useApi("listStores", { query: {} }, { enabled: enabled && may("stores.read") });
  if (!enabled) return { found: [], isSearching: false };
  const small = wanted.toLowerCase();
  const found: Found[] = [
    ...(payouts.data?.data ?? []).map(({ id, reference, amount }) => ({
      to: `/payouts/${id}`,
      kind: t("nav.payouts"),
      text: reference,
      detail: `${format.amount(amount.amount)} ${amount.currency}`,
    })),
    ...(statements.data?.data ?? []).map(({ id, settlementId, lineCount }) => ({
      to: `/statements/${id}`,
      kind: t("nav.statements"),
      text: settlementId,
      detail: format.count(lineCount),
    })),
    ...(stores.data?.data ?? [])
      .filter(({ name }) => name.toLowerCase().includes(small))
      .slice(0, FOUND_MAX)
      .map(({ id, name, marketplace }) => ({
        to: `/stores/${id}`,
        kind: t("nav.stores"),
        text: name,
        detail: marketplace,
      })),
  ];
  const isSearching = payouts.isFetching || statements.isFetching || stores.isFetching;
  return { found, isSearching };
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
