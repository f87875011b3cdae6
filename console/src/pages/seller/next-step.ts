// What is expected next of a payout, and whether it is late. Lateness is the channel's own judgement: it lists late
// payouts among its exceptions.

import { useTranslation } from "react-i18next";
import type { Payout } from "../../api/operations.ts";
import { useApi } from "../../api/use-api.ts";
import type { NextStep } from "../../parts/story.tsx";
import { useMay } from "../../session/session.tsx";

const OVERDUE_ASKED_MAX = 100;

export function useNextStep(payout: Payout): NextStep | null {
  const { t } = useTranslation("seller");
  const may = useMay();
  const isAwaited = payout.state === "announced" || payout.state === "expected";
  const overdue = useApi(
    "listExceptions",
    { query: { kind: "payout-overdue", limit: OVERDUE_ASKED_MAX } },
    { enabled: isAwaited && may("exceptions.read") },
  );
  const late = overdue.data?.data.find(({ subject }) => subject === payout.id);
  if (isAwaited) {
    const text = payout.state === "announced" ? t("next.credit") : t("next.announcement");
    return { text, byAt: late?.since ?? null, isLate: late !== undefined };
  }
  const [hold] = payout.holds.toSorted((left, right) =>
    (left.dueOn ?? "").localeCompare(right.dueOn ?? ""),
  );
  return hold === undefined
    ? null
    : { text: t("next.hold"), byAt: `${hold.dueOn}T15:59:59Z`, isLate: false };
}
