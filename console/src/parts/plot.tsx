// Draws by ECharts, as SVG, with only the parts that are used. Loaded with the first chart that is looked at.

import { BarChart, LineChart, SankeyChart } from "echarts/charts";
import {
  AriaComponent,
  GridComponent,
  LegendComponent,
  MarkLineComponent,
  TooltipComponent,
} from "echarts/components";
import { type EChartsCoreOption, init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";
import { useEffect, useRef } from "react";
import { useIsDark } from "../shell/theme-choice.ts";
import type { Drawing, Series } from "./drawing.ts";

use([
  BarChart,
  LineChart,
  SankeyChart,
  AriaComponent,
  GridComponent,
  LegendComponent,
  MarkLineComponent,
  TooltipComponent,
  SVGRenderer,
]);

type Tones = (name: string) => string;

function tonesOf(element: Element): Tones {
  const style = getComputedStyle(element);
  return (name) => style.getPropertyValue(`--${name}`).trim();
}

export default function Plot({
  label,
  drawing,
}: {
  readonly label: string;
  readonly drawing: Drawing;
}) {
  const place = useRef<HTMLDivElement>(null);
  const isDark = useIsDark();
  useEffect(() => {
    const element = place.current;
    if (element === null) return undefined;
    const chart = init(element, null, { renderer: "svg" });
    chart.setOption(optionOf(drawing, tonesOf(element), isDark));
    const observer = new ResizeObserver(() => chart.resize());
    observer.observe(element);
    return () => {
      observer.disconnect();
      chart.dispose();
    };
  }, [drawing, isDark]);
  return <div ref={place} className="chart" role="img" aria-label={label} />;
}

function optionOf(drawing: Drawing, tone: Tones, isDark: boolean): EChartsCoreOption {
  const shared: EChartsCoreOption = {
    animation: false,
    textStyle: { fontFamily: "inherit", color: tone("ink"), fontSize: 12 },
    tooltip: {
      trigger: drawing.kind === "axes" ? "axis" : "item",
      backgroundColor: tone("card"),
      borderColor: tone("line"),
      textStyle: { color: tone("ink"), fontSize: 12 },
      confine: true,
    },
  };
  return drawing.kind === "axes"
    ? { ...shared, ...axesOption(drawing, tone) }
    : { ...shared, ...flowsOption(drawing, tone, isDark) };
}

function axesOption(drawing: Drawing & { readonly kind: "axes" }, tone: Tones): EChartsCoreOption {
  const axisLabel = { color: tone("muted"), fontSize: 12, hideOverlap: true };
  const hasLegend = drawing.series.length > 1;
  return {
    grid: { left: 8, right: 16, top: hasLegend ? 52 : 30, bottom: 4, containLabel: true },
    legend: {
      show: hasLegend,
      top: 0,
      left: 0,
      icon: "roundRect",
      itemWidth: 10,
      itemHeight: 10,
      textStyle: { color: tone("ink") },
    },
    xAxis: {
      type: "category",
      data: [...drawing.categories],
      axisLabel,
      axisLine: { lineStyle: { color: tone("line-strong") } },
      axisTick: { show: false },
    },
    yAxis: {
      type: "value",
      name: drawing.unit,
      nameTextStyle: { color: tone("muted"), align: "left" },
      axisLabel,
      splitLine: { lineStyle: { color: tone("line") } },
      // A line across that lies above all values is seen too.
      ...(drawing.mark === undefined
        ? {}
        : {
            max: (value: { readonly max: number }) => Math.max(value.max, drawing.mark?.value ?? 0),
          }),
    },
    series: drawing.series.map((series, index) => seriesOption(series, index, drawing, tone)),
  };
}

const TONES = ["accent", "warn", "info", "muted"] as const;

function seriesOption(
  { name, values, texts, as = "bar", tone: wanted }: Series,
  index: number,
  { isStacked = false, mark }: Drawing & { readonly kind: "axes" },
  tone: Tones,
) {
  const colour = tone(wanted ?? TONES[index % TONES.length] ?? "accent");
  return {
    name,
    type: as,
    data: values.map((value) => (value === null ? "-" : value)),
    ...(isStacked ? { stack: "all" } : {}),
    barMaxWidth: 26,
    symbolSize: 6,
    itemStyle: { color: colour },
    lineStyle: { color: colour, width: 2 },
    tooltip: {
      valueFormatter: (_: unknown, dataIndex: number) => texts[dataIndex] ?? "—",
    },
    ...(mark === undefined || index > 0
      ? {}
      : {
          markLine: {
            symbol: "none",
            silent: true,
            data: [{ yAxis: mark.value }],
            lineStyle: { color: tone("ink"), type: "dashed" },
            label: { formatter: mark.text, position: "insideEndTop", color: tone("ink") },
          },
        }),
  };
}

function flowsOption(
  { nodes, links }: Drawing & { readonly kind: "flows" },
  tone: Tones,
  isDark: boolean,
): EChartsCoreOption {
  const texts = new Map(links.map((link) => [`${link.from}>${link.to}`, link.text]));
  const names = new Map(nodes.map(({ id, name }) => [id, name]));
  return {
    series: [
      {
        type: "sankey",
        left: 4,
        right: 150,
        top: 12,
        bottom: 12,
        nodeWidth: 12,
        nodeGap: 14,
        draggable: false,
        data: nodes.map(({ id }) => ({ name: id, itemStyle: { color: tone("accent") } })),
        links: links.map(({ from, to, value }) => ({ source: from, target: to, value })),
        label: {
          color: tone("ink"),
          formatter: ({ name }: { name: string }) => names.get(name) ?? name,
          overflow: "truncate",
          width: 140,
        },
        lineStyle: { color: tone("accent"), opacity: isDark ? 0.35 : 0.22, curveness: 0.5 },
        tooltip: {
          formatter: ({ dataType, data, name }: FlowTip) =>
            dataType === "edge"
              ? escaped(texts.get(`${data.source}>${data.target}`) ?? "")
              : escaped(names.get(name) ?? name),
        },
      },
    ],
  };
}

type FlowTip = {
  readonly dataType: string;
  readonly name: string;
  readonly data: { readonly source?: string; readonly target?: string };
};

/** ECharts takes a tip's text for HTML. */
function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
