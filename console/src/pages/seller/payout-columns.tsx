// The columns of a list of payouts, for every page that lists them.

import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { Payout } from "../../api/operations.ts";
import { useFormat } from "../../i18n/use-format.ts";
import type { LongColumn } from "../../parts/long-list.tsx";
import { Moment } from "../../parts/moment.tsx";
import { Money } from "../../parts/money.tsx";
import { StateTag } from "../../parts/state-tag.tsx";

export function usePayoutColumns(): readonly LongColumn<Payout>[] {
  const { t } = useTranslation("seller");
  const format = useFormat();
  return [
    {
      key: "reference",
      title: t("payouts.reference"),
      width: "minmax(190px, 2fr)",
      cell: ({ id, reference }) => <Link to={`/payouts/${id}`}>{reference}</Link>,
    },
    {
      key: "state",
      title: t("payouts.state"),
      width: "minmax(130px, 1fr)",
      cell: ({ state }) => <StateTag group="payoutState" code={state} />,
    },
    {
      key: "amount",
      title: t("payouts.amount"),
      width: "minmax(140px, 1fr)",
      isFigure: true,
      cell: ({ amount }) => <Money value={amount} />,
    },
    {
      key: "credited",
      title: t("payouts.credited"),
      width: "minmax(140px, 1fr)",
      isFigure: true,
      cell: ({ credited }) => <Money value={credited} />,
    },
    {
      key: "initiated",
      title: t("payouts.initiated"),
      width: "minmax(190px, 1fr)",
      cell: ({ initiatedAt }) => <Moment at={initiatedAt} />,
    },
    {
      key: "clock",
      title: t("payouts.clock"),
      width: "minmax(100px, 1fr)",
      isFigure: true,
      cell: ({ minuteClock }) => (minuteClock === null ? "—" : format.duration(minuteClock.ms)),
    },
  ];
}
