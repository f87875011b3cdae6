// What came in, was converted, given back and netted: each period for itself, or added up since the first day. The two
// never stand on one axis: the report is of one kind, and says which.

import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { OutputOf } from "../../api/operations.ts";
import { useApi } from "../../api/use-api.ts";
import { plotValue } from "../../format/amount.ts";
import { useFormat } from "../../i18n/use-format.ts";
import { Chart } from "../../parts/chart.tsx";
import { DataTable } from "../../parts/data-table.tsx";
import { CivilDay } from "../../parts/moment.tsx";
import { Money } from "../../parts/money.tsx";
import { Page, Section } from "../../parts/page.tsx";
import { Shown } from "../../parts/query-states.tsx";
import { Downloads } from "./downloads.tsx";
import { SpanBar, useCut, useSpan } from "./span.tsx";

type Report = OutputOf<"getFlowsReport">;
type Total = Report["totals"][number];

const KINDS = ["receipt", "conversion", "refund", "netted-fee"] as const;

export function FlowsPage() {
  const { t } = useTranslation("reports");
  const span = useSpan();
  const { step, basis, by } = useCut();
  const query = { ...span, step, basis, ...(by === null ? {} : { by }) };
  const report = useApi("getFlowsReport", { query });
  return (
    <Page title={t("flows.title")} acts={<Downloads report="flows" query={query} />}>
      <SpanBar withCut />
      <Shown query={report}>
        {(value) => (
          <>
            <FlowsPlot report={value} />
            <FlowsTable report={value} />
          </>
        )}
      </Shown>
    </Page>
  );
}

function spanText({
  from,
  to,
}: {
  readonly from: string | null;
  readonly to: string | null;
}): string {
  return `${from} – ${to}`;
}

function FlowsPlot({ report }: { readonly report: Report }) {
  const { t } = useTranslation("reports");
  const format = useFormat();
  const { totals, basis } = report;
  const drawing = useMemo(() => {
    const spans = [...new Set(totals.map(spanText))];
    const groups = [...new Set(totals.map(({ group }) => group))];
    const series = KINDS.flatMap((kind) =>
      groups.map((group) => ({
        kind,
        group,
        of: totals.filter((one) => one.kind === kind && one.group === group),
      })),
    ).filter(({ of }) => of.length > 0);
    return {
      kind: "axes" as const,
      unit: "USD",
      categories: spans,
      series: series.map(({ kind, group, of }) => {
        const bySpan = new Map(of.map((total) => [spanText(total), total.usd]));
        const texts = spans.map((one) => bySpan.get(one) ?? "0");
        return {
          name: group === null ? t(`kind.${kind}`) : `${t(`kind.${kind}`)} · ${group}`,
          as: basis === "cumulative" ? ("line" as const) : ("bar" as const),
          values: texts.map(plotValue),
          texts: texts.map((text) => `${format.amount(text)} USD`),
        };
      }),
    };
  }, [totals, basis, format, t]);
  return (
    <Section title={t(`flows.plot.${basis}`)}>
      <Chart
        label={t(`flows.plot.${basis}`)}
        note={t(`flows.note.${basis}`)}
        drawing={drawing}
        rows={totals}
        rowKey={keyOf}
        columns={[
          { key: "span", title: t("flows.span"), cell: spanText },
          { key: "kind", title: t("flows.kind"), cell: ({ kind }) => t(`kind.${kind}`) },
          { key: "group", title: t("flows.group"), cell: ({ group }) => group ?? "—" },
          {
            key: "count",
            title: t("flows.count"),
            isFigure: true,
            cell: ({ count }) => format.count(count),
          },
          {
            key: "usd",
            title: t("flows.usd"),
            isFigure: true,
            cell: ({ usd, unratedCurrencies }) => (
              <>
                <Money value={{ amount: usd, currency: "USD" }} />
                {unratedCurrencies.length === 0 ? null : (
                  <span className="muted small">
                    {t("flows.unrated", { currencies: unratedCurrencies.join(", ") })}
                  </span>
                )}
              </>
            ),
          },
        ]}
      />
    </Section>
  );
}

function keyOf({ from, kind, group }: Pick<Total, "from" | "kind" | "group">): string {
  return `${from}-${kind}-${group}`;
}

function FlowsTable({ report }: { readonly report: Report }) {
  const { t } = useTranslation("reports");
  const format = useFormat();
  return (
    <Section
      title={t("flows.byCurrency")}
      note={
        report.withheldLines === 0
          ? undefined
          : t("flows.withheld", { count: report.withheldLines })
      }
      flush
    >
      <DataTable
        label={t("flows.byCurrency")}
        rows={report.lines}
        rowKey={(line) => `${keyOf(line)}-${line.money.currency}`}
        columns={[
          { key: "from", title: t("span.from"), cell: ({ from }) => <CivilDay on={from} /> },
          { key: "to", title: t("span.to"), cell: ({ to }) => <CivilDay on={to} /> },
          { key: "kind", title: t("flows.kind"), cell: ({ kind }) => t(`kind.${kind}`) },
          { key: "group", title: t("flows.group"), cell: ({ group }) => group ?? "—" },
          {
            key: "count",
            title: t("flows.count"),
            isFigure: true,
            cell: ({ count }) => format.count(count),
          },
          {
            key: "money",
            title: t("flows.amount"),
            isFigure: true,
            cell: ({ money }) => <Money value={money} />,
          },
          {
            key: "usd",
            title: t("flows.usd"),
            isFigure: true,
            cell: ({ usd }) =>
              usd === null ? "—" : <Money value={{ amount: usd, currency: "USD" }} />,
          },
        ]}
      />
    </Section>
  );
}
