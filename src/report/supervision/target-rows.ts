// Targets on record: set, replaced and withdrawn by rows that are added; none is changed.

import { accepted, type Outcome, refused } from "../../errors/refusal.ts";
import { objectId } from "../../ids/object-id.ts";
import type { Tx } from "../../storage/database.ts";
import type { CivilDate, Instant } from "../../time/instant.ts";
import type { Words } from "../document/report-document.ts";
import type { FlowDimension } from "./flow.ts";
import { type Target, type TargetBasis, type TargetFigure, targetSpan } from "./target.ts";

export type SetTarget = Target & {
  readonly targetId: string;
  readonly title: Words;
  /** Where the programme says so: a document, a page. */
  readonly source: string;
  readonly setBy: string;
  readonly setAt: Instant;
  readonly replaces: string | null;
};

/** Targets in force at most; a programme has a handful. */
export const TARGETS_MAX = 200;

type TargetRow = {
  target_id: string;
  title_en: string;
  title_zh: string;
  figure: TargetFigure;
  dimension: FlowDimension | null;
  dimension_value: string | null;
  basis: TargetBasis;
  since_on: CivilDate | null;
  goal: bigint;
  due_on: CivilDate;
  baseline: bigint;
  baseline_from: CivilDate;
  baseline_to: CivilDate;
  source: string;
  set_by: string;
  set_at: Instant;
  replaces: string | null;
};

/** The targets in force, the one due first first. */
export async function loadTargets(tx: Tx, tenantId: string): Promise<readonly SetTarget[]> {
  const rows = await tx.query<TargetRow>(
    `SELECT * FROM programme_target t
      WHERE t.tenant_id = $1 AND NOT t.is_withdrawn
        AND NOT EXISTS (SELECT 1 FROM programme_target n WHERE n.tenant_id = $1 AND n.replaces = t.target_id)
      ORDER BY t.due_on, t.target_id`,
    [tenantId],
  );
  return rows.map((row) => ({
    targetId: row.target_id,
    title: { en: row.title_en, zh: row.title_zh },
    figure: row.figure,
    only:
      row.dimension === null || row.dimension_value === null
        ? null
        : { dimension: row.dimension, value: row.dimension_value },
    basis: row.basis,
    sinceOn: row.since_on,
    dueOn: row.due_on,
    goal: row.goal,
    baseline: { value: row.baseline, from: row.baseline_from, to: row.baseline_to },
    source: row.source,
    setBy: row.set_by,
    setAt: row.set_at,
    replaces: row.replaces,
  }));
}

export type TargetDraft = Omit<SetTarget, "targetId" | "setAt">;

/** Sets a target, in the place of another where it names one that is in force. */
export async function setTarget(
  tx: Tx,
  tenantId: string,
  draft: TargetDraft,
  now: Instant,
): Promise<Outcome<SetTarget>> {
  const { from, to } = targetSpan(draft);
  if (from > to) {
    return refused("target-invalid", `A target due on ${to} cannot begin on ${from}.`);
  }
  if (draft.baseline.from > draft.baseline.to) {
    return refused("target-invalid", "The baseline's last day is before its first.");
  }
  const inForce = await loadTargets(tx, tenantId);
  if (draft.replaces !== null && !inForce.some((one) => one.targetId === draft.replaces)) {
    return refused("not-found", `No target ${draft.replaces} is in force.`);
  }
  if (draft.replaces === null && inForce.length >= TARGETS_MAX) {
    return refused("target-invalid", `There are ${TARGETS_MAX} targets: withdraw one first.`);
  }
  const target = {
    ...draft,
    targetId: objectId(
      "tgt",
      tenantId,
      draft.title.en,
      draft.figure,
      draft.goal,
      draft.replaces,
      draft.setBy,
      now,
    ),
    setAt: now,
  };
  await insertTarget(tx, tenantId, target, false);
  return accepted(target);
}

/** Gives a target up: it stays on record with the row that says so. */
export async function withdrawTarget(
  tx: Tx,
  tenantId: string,
  targetId: string,
  by: { readonly actor: string; readonly now: Instant },
): Promise<Outcome<null>> {
  const target = (await loadTargets(tx, tenantId)).find((one) => one.targetId === targetId);
  if (target === undefined) return refused("not-found", `No target ${targetId} is in force.`);
  const end = {
    ...target,
    targetId: objectId("tgt", tenantId, "withdrawn", targetId),
    replaces: targetId,
    setBy: by.actor,
    setAt: by.now,
  };
  await insertTarget(tx, tenantId, end, true);
  return accepted(null);
}

async function insertTarget(
  tx: Tx,
  tenantId: string,
  target: SetTarget,
  isWithdrawn: boolean,
): Promise<void> {
  await tx.query(
    `INSERT INTO programme_target (tenant_id, target_id, title_en, title_zh, figure, dimension, dimension_value, basis,
       since_on, goal, due_on, baseline, baseline_from, baseline_to, source, set_by, set_at, replaces, is_withdrawn)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)`,
    [
      tenantId,
      target.targetId,
      target.title.en,
      target.title.zh,
      target.figure,
      target.only?.dimension ?? null,
      target.only?.value ?? null,
      target.basis,
      target.sinceOn,
      target.goal,
      target.dueOn,
      target.baseline.value,
      target.baseline.from,
      target.baseline.to,
      target.source,
      target.setBy,
      target.setAt,
      target.replaces,
      isWithdrawn,
    ],
  );
}
