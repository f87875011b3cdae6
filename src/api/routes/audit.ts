// The audit trail over HTTP.

import { readActs } from "../../identity/read-acts.ts";
import type { Instant } from "../../time/instant.ts";
import { type ActJson, listActs } from "../contract/audit.ts";
import { pageFrom, placeOf } from "../page.ts";
import type { RegisterRoutes } from "../register.ts";

const LIST = "audit";

export const auditRoutes: RegisterRoutes = (app, deps) => {
  app.openapi(listActs, async (c) => {
    const { limit, cursor, actor, subject, kind, from, to } = c.req.valid("query");
    const caller = c.get("caller");
    const place = placeOf(LIST, cursor, ["count"]);
    const rows = await deps.read(caller, (tx) =>
      readActs(tx, deps.tenantId, {
        sellerId: caller.sellerId,
        actor: actor ?? null,
        subject: subject ?? null,
        kind: kind ?? null,
        from: (from as Instant | undefined) ?? null,
        to: (to as Instant | undefined) ?? null,
        before: place === null ? null : BigInt(place[0]!),
        limit: limit + 1,
      }),
    );
    const page = pageFrom(
      LIST,
      rows,
      limit,
      (row) => [String(row.seq)],
      (row): ActJson => ({
        id: `evt_${row.seq}`,
        at: row.at,
        actor: row.actor,
        kind: row.kind,
        subject: row.subject,
        data: { ...row.data },
      }),
    );
    return c.json(page, 200);
  });
};
