// How long and how dear the last payouts were, each with its table.

import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { Payout } from "../../api/operations.ts";
import { shareOf } from "../../format/amount.ts";
import { useFormat } from "../../i18n/use-format.ts";
import { Chart } from "../../parts/chart.tsx";
import type { Column } from "../../parts/data-table.tsx";
import { Money } from "../../parts/money.tsx";

const MS_PER_SECOND = 1000;
const BPS_PER_PERCENT = 100;
/** The promise: from the bank's notice to the money available. */
const MINUTE_SECONDS = 60;

function useNameColumn(): Column<Payout> {
  const { t } = useTranslation("seller");
  return {
    key: "reference",
    title: t("payouts.reference"),
    cell: ({ id, reference }) => <Link to={`/payouts/${id}`}>{reference}</Link>,
  };
}

export function TimePlot({ payouts }: { readonly payouts: readonly Payout[] }) {
  const { t } = useTranslation("seller");
  const format = useFormat();
  const name = useNameColumn();
  const timed = useMemo(
    () => oldestFirst(payouts.filter((one) => one.minuteClock !== null)),
    [payouts],
  );
  const drawing = useMemo(
    () => ({
      kind: "axes" as const,
      unit: t("overview.seconds"),
      categories: timed.map(({ reference }) => reference),
      mark: { value: MINUTE_SECONDS, text: t("overview.minute") },
      series: [
        {
          name: t("payouts.clock"),
          values: timed.map(({ minuteClock }) => (minuteClock?.ms ?? 0) / MS_PER_SECOND),
          texts: timed.map(({ minuteClock }) => format.duration(minuteClock?.ms ?? 0)),
        },
      ],
    }),
    [timed, format, t],
  );
  return (
    <Chart
      label={t("overview.time")}
      note={t("overview.timeNote")}
      drawing={drawing}
      rows={timed}
      rowKey={({ id }) => id}
      columns={[
        name,
        {
          key: "clock",
          title: t("payouts.clock"),
          isFigure: true,
          cell: ({ minuteClock }) => format.duration(minuteClock?.ms ?? 0),
        },
        {
          key: "transit",
          title: t("overview.transit"),
          isFigure: true,
          cell: ({ transitDays }) => (transitDays === null ? "—" : format.count(transitDays)),
        },
      ]}
    />
  );
}

export function CostPlot({ payouts }: { readonly payouts: readonly Payout[] }) {
  const { t } = useTranslation("seller");
  const format = useFormat();
  const name = useNameColumn();
  const paid = useMemo(
    () => oldestFirst(payouts.filter(({ matches }) => matches.length > 0)),
    [payouts],
  );
  const drawing = useMemo(
    () => ({
      kind: "axes" as const,
      unit: t("overview.percent"),
      categories: paid.map(({ reference }) => reference),
      series: [
        {
          name: t("overview.costShare"),
          tone: "warn" as const,
          values: paid.map((payout) => costBps(payout) / BPS_PER_PERCENT),
          texts: paid.map((payout) => format.basisPoints(costBps(payout))),
        },
      ],
    }),
    [paid, format, t],
  );
  return (
    <Chart
      label={t("overview.cost")}
      note={t("overview.costNote")}
      drawing={drawing}
      rows={paid}
      rowKey={({ id }) => id}
      columns={[
        name,
        {
          key: "charged",
          title: t("payouts.charged"),
          isFigure: true,
          cell: ({ charged }) => <Money value={charged} />,
        },
        {
          key: "share",
          title: t("overview.costShare"),
          isFigure: true,
          cell: (payout) => format.basisPoints(costBps(payout)),
        },
      ]}
    />
  );
}

/** Of what the marketplace sent, what was charged on the way. */
function costBps({ charged, amount }: Payout): number {
  return charged.currency === amount.currency ? shareOf(charged.amount, amount.amount) : 0;
}

function oldestFirst(payouts: readonly Payout[]): readonly Payout[] {
  return payouts.toReversed();
}
