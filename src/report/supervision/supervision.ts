// The supervision reports as whoever asks for them gets them: cells of the books brought to US dollars, summed as asked.

import { accepted, type Outcome, refused } from "../../errors/refusal.ts";
import { loadRates } from "../../rates/reference-rates.ts";
import type { Tx } from "../../storage/database.ts";
import type { CivilDate } from "../../time/instant.ts";
import { type Finding, loadFindings } from "./findings.ts";
import type { FlowCell, FlowDimension } from "./flow.ts";
import { type FlowReport, flowReport } from "./flow-report.ts";
import { type ForeignReport, type ForeignViewSettings, foreignView } from "./foreign-view.ts";
import { loadFlows } from "./load-flows.ts";
import { type Basis, SPANS_MAX, type Step, spansBetween } from "./span.ts";
import { type TargetProgress, targetProgress, targetSpan } from "./target.ts";
import { loadTargets, type SetTarget } from "./target-rows.ts";
import { withUsd } from "./usd.ts";
import type { WatchSettings } from "./watch.ts";

export type SupervisionDeps = {
  readonly tenantId: string;
  readonly zone: string;
  readonly watch: WatchSettings;
  readonly foreign: ForeignViewSettings;
};

export type FlowsAsked = {
  readonly from: CivilDate;
  readonly to: CivilDate;
  readonly step: Step;
  readonly basis: Basis;
  readonly by: FlowDimension | null;
  readonly view: "domestic" | "foreign";
  readonly sellerId: string | null;
};

export async function reportFlows(
  tx: Tx,
  deps: SupervisionDeps,
  asked: FlowsAsked,
): Promise<Outcome<FlowReport | ForeignReport>> {
  if (asked.from > asked.to) {
    return refused("report-span-invalid", `${asked.from} is after ${asked.to}.`);
  }
  const spans = spansBetween(asked.step, asked.from, asked.to);
  if (spans === null) {
    const message = `More than ${SPANS_MAX} spans lie between ${asked.from} and ${asked.to}: ask for longer ones.`;
    return refused("report-span-invalid", message);
  }
  const cells = await loadCells(tx, deps, asked);
  const report = flowReport(cells, spans, asked);
  if (asked.view === "domestic") return accepted(report);
  const foreign = foreignView(report, deps.foreign);
  return foreign === null
    ? refused(
        "report-view-refused",
        `The foreign view has no figures by ${asked.by}: it names nobody.`,
      )
    : accepted(foreign);
}

async function loadCells(
  tx: Tx,
  deps: SupervisionDeps,
  range: { readonly from: CivilDate; readonly to: CivilDate; readonly sellerId: string | null },
): Promise<readonly FlowCell[]> {
  const cells = await loadFlows(tx, deps.tenantId, { ...range, zone: deps.zone });
  const { usdMinor } = await loadRates(tx, deps.tenantId, range.from, range.to);
  return withUsd(cells, usdMinor);
}

export async function reportFindings(
  tx: Tx,
  deps: SupervisionDeps,
  asked: { readonly from: CivilDate; readonly to: CivilDate; readonly sellerId: string | null },
): Promise<Outcome<readonly Finding[]>> {
  if (asked.from > asked.to) {
    return refused("report-span-invalid", `${asked.from} is after ${asked.to}.`);
  }
  // The small-seller line is of the calendar year, whatever days are asked for.
  const yearStart = `${asked.to.slice(0, 4)}-01-01` as CivilDate;
  const from = asked.from < yearStart ? asked.from : yearStart;
  const cells = await loadCells(tx, deps, { ...asked, from });
  // A credit that nothing explains may be as old as it likes.
  const { usdMinor } = await loadRates(tx, deps.tenantId, "0001-01-01" as CivilDate, asked.to);
  const settings = deps.watch;
  return accepted(
    await loadFindings(tx, deps.tenantId, asked, { cells, usdOf: usdMinor, settings }),
  );
}

export type TargetReport = { readonly target: SetTarget; readonly progress: TargetProgress };

/** Every target in force with how far it is, from one reading of all days that any of them is about. */
export async function reportTargets(
  tx: Tx,
  deps: SupervisionDeps,
  today: CivilDate,
): Promise<readonly TargetReport[]> {
  const targets = await loadTargets(tx, deps.tenantId);
  if (targets.length === 0) return [];
  const firstDays = targets.map((target) => targetSpan(target).from);
  const yearAgo = `${Number(today.slice(0, 4)) - 1}-01-01` as CivilDate;
  const from = [...firstDays, yearAgo].reduce((first, day) => (day < first ? day : first));
  const cells = await loadCells(tx, deps, { from, to: today, sellerId: null });
  return targets.map((target) => ({ target, progress: targetProgress(target, cells, today) }));
}
