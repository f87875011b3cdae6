// Rule packs: what is shipped and in force, and rehearsals over what is on record.

import type { Pack } from "../../policy/pack.ts";
import { readPack, shippedPackIds } from "../../policy/read-packs.ts";
import { rehearsePack } from "../../report/verdicts.ts";
import { civilDateIn } from "../../time/instant.ts";
import { listRulePacks, type RulePackJson, rehearsePackRoute } from "../contract/rule-packs.ts";
import { problem } from "../problems.ts";
import type { RegisterRoutes } from "../register.ts";

export const rulePackRoutes: RegisterRoutes = (app, { policy, tenantId, clock, read }) => {
  /** A pack in force stands before the shipped one of its name. */
  const packOf = (id: string): Pack | null => {
    const inForce = policy.packs.find((pack) => pack.id === id);
    if (inForce !== undefined) return inForce;
    const shipped = shippedPackIds().includes(id) ? readPack(id, ".") : null;
    return shipped?.ok === true ? shipped.value : null;
  };
  app.openapi(listRulePacks, (c) => {
    const ids = new Set([...policy.packs.map(({ id }) => id), ...shippedPackIds()]);
    const packs = [...ids].map(packOf).filter((pack) => pack !== null);
    return c.json({ data: packs.map((pack) => packJson(pack, policy.packs.includes(pack))) }, 200);
  });
  app.openapi(rehearsePackRoute, async (c) => {
    const pack = packOf(c.req.valid("param").packId);
    if (pack === null) throw problem("not-found");
    const at = { policy, today: civilDateIn(policy.zone, clock.now()) };
    const { payouts, otherwise } = await read(c.get("caller"), (tx) =>
      rehearsePack(tx, tenantId, pack, at),
    );
    const told = otherwise.map(({ before, after, ...one }) => ({
      ...one,
      before: [...before],
      after: [...after],
    }));
    return c.json({ payouts, otherwise: told }, 200);
  });
};

function packJson(pack: Pack, isInForce: boolean): RulePackJson {
  const { id, version, title, region, effectiveFrom, effectiveTo, sha256, rules } = pack;
  return {
    id,
    version,
    title,
    region,
    effectiveFrom,
    effectiveTo,
    sha256,
    isInForce,
    rules: rules.map(({ ref, title: of, effect, when, source }) => ({
      rule: ref,
      title: of,
      effect,
      when: when.text,
      source,
    })),
  };
}
