// Supervision reports: read as whoever asks may see them, and written as a file where one is asked for.

import { refusalOf } from "../../errors/refusal.ts";
import { callerMay } from "../../identity/caller.ts";
import { formatMinor, parseMinor } from "../../money/money.ts";
import { USD } from "../../rates/reference-rates.ts";
import type { ReportDocument } from "../../report/document/report-document.ts";
import { MEDIA_TYPES } from "../../report/document/report-document.ts";
import { writeDocument } from "../../report/document/write-document.ts";
import {
  figureText,
  findingsDocument,
  flowDocument,
  targetsDocument,
} from "../../report/supervision/documents.ts";
import type { Finding } from "../../report/supervision/findings.ts";
import type { FlowReport } from "../../report/supervision/flow-report.ts";
import type { ForeignReport } from "../../report/supervision/foreign-view.ts";
import {
  type FlowsAsked,
  reportFindings,
  reportFlows,
  reportTargets,
  type SupervisionDeps,
  type TargetReport,
} from "../../report/supervision/supervision.ts";
import {
  type SetTarget,
  setTarget,
  type TargetDraft,
  withdrawTarget,
} from "../../report/supervision/target-rows.ts";
import type { Tx } from "../../storage/database.ts";
import { type CivilDate, civilDateIn, parseCivilDate } from "../../time/instant.ts";
import {
  downloadReport,
  type FindingsReportJson,
  type FlowsReportJson,
  getFindingsReport,
  getFlowsReport,
  listTargets,
  setTargetRoute,
  type TargetBody,
  type TargetJson,
  type TargetReportJson,
  withdrawTargetRoute,
} from "../contract/reports.ts";
import { moneyOfMinor } from "../contract/values.ts";
import { problem } from "../problems.ts";
import { refusalProblem } from "../refused.ts";
import type { RegisterRoutes } from "../register.ts";
import { sellerScope } from "../seller-scope.ts";

export const reportRoutes: RegisterRoutes = (app, deps) => {
  const { tenantId, clock, policy } = deps;
  const supervision: SupervisionDeps = { tenantId, zone: policy.zone, ...deps.supervision };
  const today = () => civilDateIn(policy.zone, clock.now());

  app.openapi(getFlowsReport, async (c) => {
    const query = c.req.valid("query");
    const caller = c.get("caller");
    const asked = flowsAsked(query, sellerScope(caller, query.sellerId));
    const report = await deps.read(caller, (tx) => flowsOf(tx, supervision, asked));
    return c.json(flowsJson(report, asked), 200);
  });
  app.openapi(getFindingsReport, async (c) => {
    const query = c.req.valid("query");
    const caller = c.get("caller");
    const asked = flowsAsked(query, sellerScope(caller, query.sellerId));
    const findings = await deps.read(caller, (tx) => findingsOf(tx, supervision, asked));
    return c.json(findingsJson(findings, asked), 200);
  });
  app.openapi(listTargets, async (c) => {
    const reports = await deps.read(c.get("caller"), (tx) =>
      reportTargets(tx, supervision, today()),
    );
    return c.json({ data: reports.map(targetReportJson) }, 200);
  });
  app.openapi(setTargetRoute, async (c) => {
    const draft = targetDraft(c.req.valid("json"), c.get("caller").id);
    const set = await deps.store.database.transaction((tx) =>
      setTarget(tx, tenantId, draft, clock.now()),
    );
    if (!set.ok) throw refusalProblem(set.refusal);
    return c.json(targetJson(set.value), 201);
  });
  app.openapi(withdrawTargetRoute, async (c) => {
    const { targetId } = c.req.valid("param");
    const by = { actor: c.get("caller").id, now: clock.now() };
    const withdrawn = await deps.store.database.transaction((tx) =>
      withdrawTarget(tx, tenantId, targetId, by),
    );
    if (!withdrawn.ok) throw refusalProblem(withdrawn.refusal);
    return c.body(null, 204);
  });
  app.openapi(downloadReport, async (c) => {
    const { report } = c.req.valid("param");
    const query = c.req.valid("query");
    const caller = c.get("caller");
    if (report === "targets" && !callerMay(caller, "targets.read"))
      throw problem("not-permitted", {
        detail: "Targets are the programme's: they need `targets.read`.",
      });
    const asked = flowsAsked(query, sellerScope(caller, query.sellerId));
    const { form, language } = query;
    const document = await deps.read(caller, async (tx): Promise<ReportDocument> => {
      if (report === "flows") {
        return flowDocument(await flowsOf(tx, supervision, asked), asked, language);
      }
      if (report === "findings") {
        // A foreign supervisor's list has numbers only: it is not a list to download.
        if (asked.view === "foreign") throw problem("report-view-refused");
        return findingsDocument(await findingsOf(tx, supervision, asked), asked, language);
      }
      return targetsDocument(await reportTargets(tx, supervision, today()), today(), language);
    });
    const bytes = await writeDocument(document, form, language);
    const name = `straitway-${report}-${asked.from}-${asked.to}-${language}.${form}`;
    return c.body(Uint8Array.from(bytes).buffer, 200, {
      "Content-Type": MEDIA_TYPES[form],
      "Content-Disposition": `attachment; filename="${name}"`,
    });
  });
};

type SpanQuery = {
  readonly from: string;
  readonly to: string;
  readonly view: FlowsAsked["view"];
  readonly step?: FlowsAsked["step"];
  readonly basis?: FlowsAsked["basis"];
  readonly by?: FlowsAsked["by"] | undefined;
};

function flowsAsked(query: SpanQuery, sellerId: string | null): FlowsAsked {
  return {
    from: dayOf(query.from),
    to: dayOf(query.to),
    step: query.step ?? "month",
    basis: query.basis ?? "period",
    by: query.by ?? null,
    view: query.view,
    sellerId,
  };
}

function dayOf(text: string): CivilDate {
  const day = parseCivilDate(text);
  if (day === null) throw problem("report-span-invalid", { detail: `${text} is not a day.` });
  return day;
}

async function flowsOf(tx: Tx, supervision: SupervisionDeps, asked: FlowsAsked) {
  const report = await reportFlows(tx, supervision, asked);
  if (!report.ok) throw refusalProblem(report.refusal);
  return report.value;
}

async function findingsOf(tx: Tx, supervision: SupervisionDeps, asked: FlowsAsked) {
  const findings = await reportFindings(tx, supervision, asked);
  if (!findings.ok) throw refusalProblem(findings.refusal);
  return findings.value;
}

function usdText(minor: bigint): string {
  return formatMinor(minor, USD);
}

function flowsJson(report: FlowReport | ForeignReport, asked: FlowsAsked): FlowsReportJson {
  const { from, to, step, view } = asked;
  return {
    from,
    to,
    step,
    basis: report.basis,
    by: report.by,
    view,
    lines: report.lines.map(({ minor, currency, usdMinor, sellers, ...line }) => ({
      ...line,
      money: moneyOfMinor(minor, currency),
      sellerCount: sellers.size,
      usd: usdMinor === null ? null : usdText(usdMinor),
    })),
    totals: report.totals.map(({ usdMinor, unratedCurrencies, ...total }) => ({
      ...total,
      usd: usdText(usdMinor),
      unratedCurrencies: [...unratedCurrencies],
    })),
    withheldLines: "withheldLines" in report ? report.withheldLines : 0,
  };
}

function findingsJson(findings: readonly Finding[], asked: FlowsAsked): FindingsReportJson {
  const counts: Record<string, number> = {};
  for (const { kind } of findings) counts[kind] = (counts[kind] ?? 0) + 1;
  const shown = asked.view === "foreign" ? [] : findings;
  return {
    from: asked.from,
    to: asked.to,
    view: asked.view,
    counts,
    findings: shown.map(({ usdMinor, subjects, ...rest }) => ({
      ...rest,
      subjects: [...subjects],
      usd: usdMinor === null ? null : usdText(usdMinor),
    })),
  };
}

function targetReportJson({ target, progress }: TargetReport): TargetReportJson {
  const text = (value: bigint) => figureText(target, value);
  return {
    target: targetJson(target),
    progress: {
      ...progress,
      actual: text(progress.actual),
      rollingYear: text(progress.rollingYear),
      baselinePerYear: text(progress.baselinePerYear),
      goalPerYear: text(progress.goalPerYear),
    },
  };
}

function targetJson(target: SetTarget): TargetJson {
  const { targetId, goal, baseline, ...rest } = target;
  return {
    ...rest,
    id: targetId,
    goal: figureText(target, goal),
    baseline: { ...baseline, value: figureText(target, baseline.value) },
  };
}

/** The body as a target; a number of things has no decimals, an amount those of the dollar. */
function targetDraft(body: TargetBody, setBy: string): TargetDraft {
  const valueOf = (text: string, field: string): bigint => {
    const parsed = body.figure.endsWith("-usd") ? parseMinor(text, USD) : wholeNumber(text);
    if (parsed.ok && parsed.minor >= 0n) return parsed.minor;
    throw refusalProblem(
      refusalOf("target-invalid", `${field}: "${text}" is not a value of ${body.figure}.`),
    );
  };
  const goal = valueOf(body.goal, "goal");
  if (goal === 0n) throw problem("target-invalid", { detail: "goal: a target is above zero." });
  if ((body.basis === "cumulative") !== (body.sinceOn !== null)) {
    const detail = "sinceOn: a cumulative target begins on a day, one of a year has none.";
    throw problem("target-invalid", { detail });
  }
  return {
    title: body.title,
    figure: body.figure,
    only: body.only,
    basis: body.basis,
    sinceOn: body.sinceOn === null ? null : dayOf(body.sinceOn),
    dueOn: dayOf(body.dueOn),
    goal,
    baseline: {
      value: valueOf(body.baseline.value, "baseline.value"),
      from: dayOf(body.baseline.from),
      to: dayOf(body.baseline.to),
    },
    source: body.source,
    replaces: body.replaces,
    setBy,
  };
}

function wholeNumber(text: string): { ok: true; minor: bigint } | { ok: false } {
  return /^\d{1,15}$/.test(text) ? { ok: true, minor: BigInt(text) } : { ok: false };
}
