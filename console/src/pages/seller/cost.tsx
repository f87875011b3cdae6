// Cost and time by month, beside a baseline that the reader chooses: published fees of others, or a figure of one's own.

import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { OutputOf } from "../../api/operations.ts";
import { useApi } from "../../api/use-api.ts";
import { plotValue } from "../../format/amount.ts";
import { useFormat } from "../../i18n/use-format.ts";
import { useWords } from "../../i18n/use-words.ts";
import { Chart } from "../../parts/chart.tsx";
import { ChoiceField, FilterBar, TextField, useFilter } from "../../parts/fields.tsx";
import { Money } from "../../parts/money.tsx";
import { Page, Section } from "../../parts/page.tsx";
import { Shown } from "../../parts/query-states.tsx";
import { useSpan } from "../supervisor/span.tsx";

type Report = OutputOf<"getCostReport">;

const BASELINE_DEFAULT = "100";

export function CostPage() {
  const { t, i18n } = useTranslation("seller");
  const word = useWords();
  const { from, to } = useSpan();
  const [, setFrom] = useFilter("from");
  const [, setTo] = useFilter("to");
  const [baseline, setBaseline] = useFilter("baseline");
  const bps = /^\d{1,4}$/.test(baseline) ? baseline : BASELINE_DEFAULT;
  const report = useApi("getCostReport", { query: { from, to, baselineBps: bps } });
  const presets = report.data?.presets ?? [];
  return (
    <Page title={t("cost.title")}>
      <FilterBar>
        <TextField label={t("cost.from")} type="date" value={from} onChange={setFrom} />
        <TextField label={t("cost.to")} type="date" value={to} onChange={setTo} />
        <ChoiceField
          label={t("cost.baseline")}
          value={
            presets.find(({ feeBps, spreadBps }) => String(feeBps + (spreadBps ?? 0)) === bps)
              ?.id ?? ""
          }
          onChange={(id) => {
            const preset = presets.find((one) => one.id === id);
            if (preset !== undefined) setBaseline(String(preset.feeBps + (preset.spreadBps ?? 0)));
          }}
          choices={[
            { value: "", text: t("cost.own") },
            ...presets.map(({ id, title, confidence }) => ({
              value: id,
              text: `${i18n.language === "zh-CN" ? title.zh : title.en} (${word("confidence", confidence)})`,
            })),
          ]}
        />
        <TextField label={t("cost.bps")} type="number" value={bps} onChange={setBaseline} />
      </FilterBar>
      <Shown query={report}>{(value) => <Months report={value} />}</Shown>
    </Page>
  );
}

function Months({ report }: { readonly report: Report }) {
  const { t } = useTranslation("seller");
  const format = useFormat();
  const { months, baselineBps } = report;
  const drawing = useMemo(
    () => ({
      kind: "axes" as const,
      unit: t("overview.percent"),
      categories: months.map(({ month, currency }) => `${month} ${currency}`),
      mark: { value: baselineBps / 100, text: t("cost.baseline") },
      series: [
        {
          name: t("overview.costShare"),
          tone: "accent" as const,
          values: months.map(({ chargedBps }) => plotValue(String(chargedBps)) / 100),
          texts: months.map(({ chargedBps }) => format.basisPoints(chargedBps)),
        },
      ],
    }),
    [months, baselineBps, format, t],
  );
  return (
    <Section title={t("cost.months")} note={t("cost.note")}>
      <Chart
        label={t("cost.months")}
        drawing={drawing}
        rows={months}
        rowKey={({ month, currency }) => `${month}-${currency}`}
        columns={[
          { key: "month", title: t("cost.month"), cell: ({ month }) => month },
          {
            key: "count",
            title: t("payouts.title"),
            isFigure: true,
            cell: ({ payoutCount }) => format.count(payoutCount),
          },
          {
            key: "sent",
            title: t("cost.sent"),
            isFigure: true,
            cell: ({ sent }) => <Money value={sent} />,
          },
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
            cell: ({ chargedBps }) => format.basisPoints(chargedBps),
          },
          {
            key: "baseline",
            title: t("cost.baseline"),
            isFigure: true,
            cell: ({ baseline }) => <Money value={baseline} />,
          },
          {
            key: "saved",
            title: t("cost.saved"),
            isFigure: true,
            cell: ({ saved }) => <Money value={saved} />,
          },
          {
            key: "transit",
            title: t("overview.transit"),
            isFigure: true,
            cell: ({ transitDaysMedian, transitDaysMax }) =>
              transitDaysMedian === null
                ? "—"
                : `${format.count(transitDaysMedian)} / ${format.count(transitDaysMax ?? 0)}`,
          },
          {
            key: "clock",
            title: t("payouts.clock"),
            isFigure: true,
            cell: ({ clockMsMedian, clockMsMax }) =>
              clockMsMedian === null
                ? "—"
                : `${format.duration(clockMsMedian)} / ${format.duration(clockMsMax ?? 0)}`,
          },
        ]}
      />
    </Section>
  );
}
