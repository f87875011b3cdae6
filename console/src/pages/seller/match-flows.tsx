// A match drawn as flows: from the statements over the payout and the bank's credits to what became of the money.

import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { Payout } from "../../api/operations.ts";
import { isZero, plotValue, subtractAmounts } from "../../format/amount.ts";
import { type LocaleFormat } from "../../format/locale-format.ts";
import { useFormat } from "../../i18n/use-format.ts";
import { useWords } from "../../i18n/use-words.ts";
import { Chart } from "../../parts/chart.tsx";
import type { Drawing } from "../../parts/drawing.ts";
import { CivilDay } from "../../parts/moment.tsx";
import { Money } from "../../parts/money.tsx";
import { SourceLink } from "../../parts/source-link.tsx";

type Link = { from: string; to: string; value: number; text: string };
type Names = Readonly<Record<"payout" | "released" | "held" | "charges" | "returned", string>>;

export function MatchFlows({ payout }: { readonly payout: Payout }) {
  const { t } = useTranslation("seller");
  const format = useFormat();
  const word = useWords();
  const drawing = useMemo(
    () =>
      flowsOf(payout, format, {
        payout: payout.reference,
        released: t("flow.released"),
        held: t("flow.held"),
        charges: t("flow.charges"),
        returned: t("flow.returned"),
      }),
    [payout, format, t],
  );
  return (
    <Chart
      label={t("flow.title")}
      note={t("flow.note")}
      drawing={drawing}
      rows={payout.matches}
      rowKey={({ matchId }) => matchId}
      columns={[
        {
          key: "credit",
          title: t("flow.credit"),
          cell: ({ creditId, valueOn }) => (
            <Link to={`/credits/${creditId}`}>
              <CivilDay on={valueOn} />
            </Link>
          ),
        },
        { key: "layer", title: t("flow.layer"), cell: ({ layer }) => word("matchLayer", layer) },
        { key: "payer", title: t("flow.payer"), cell: ({ payer }) => payer ?? "—" },
        {
          key: "amount",
          title: t("flow.amount"),
          isFigure: true,
          cell: ({ amount }) => <Money value={amount} />,
        },
        {
          key: "charges",
          title: t("flow.charges"),
          isFigure: true,
          cell: ({ charges }) => <Money value={charges} />,
        },
        {
          key: "released",
          title: t("flow.released"),
          isFigure: true,
          cell: ({ released }) => <Money value={released} />,
        },
        {
          key: "source",
          title: t("flow.source"),
          cell: ({ source }) => <SourceLink source={source} />,
        },
      ]}
    />
  );
}

function flowsOf(payout: Payout, format: LocaleFormat, names: Names): Drawing {
  const links: Link[] = [];
  const currencies = new Map<string, string>();
  const add = (from: string, to: string, amount: string, currency: string): void => {
    if (isZero(amount) || amount.startsWith("-")) return;
    currencies.set(currency, currency);
    links.push({
      from,
      to,
      value: plotValue(amount),
      text: `${format.amount(amount)} ${currency}`,
    });
  };
  for (const { id, total } of payout.statements) add(id, "payout", total.amount, total.currency);
  for (const { creditId, amount, charges, released, returned } of payout.matches) {
    const { currency } = amount;
    add("payout", creditId, amount.amount, currency);
    add(creditId, "charges", charges.amount, charges.currency);
    add(creditId, "released", released.amount, currency);
    add(creditId, "returned", returned.amount, currency);
    const rest = [charges, released, returned]
      .filter((part) => part.currency === currency)
      .reduce((left, part) => subtractAmounts(left, part.amount), amount.amount);
    add(creditId, "held", rest, currency);
  }
  const used = new Set(links.flatMap(({ from, to }) => [from, to]));
  const nodes = [
    ...payout.statements.map(({ id, settlementId }) => ({ id, name: settlementId })),
    { id: "payout", name: names.payout },
    ...payout.matches.map(({ creditId, account }) => ({ id: creditId, name: account })),
    { id: "released", name: names.released },
    { id: "held", name: names.held },
    { id: "charges", name: names.charges },
    { id: "returned", name: names.returned },
  ];
  return { kind: "flows", nodes: nodes.filter(({ id }) => used.has(id)), links };
}
