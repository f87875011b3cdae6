// The frame of every try with a secret: counted before it is heard, refused unheard during a wait, and on record
// whether it was right or wrong.

import type { AccessDeps, AccessOutcome, Client } from "../access-deps.ts";
import { type ActKind, NOBODY, recordActs } from "../audit.ts";
import {
  forgiveAttempt,
  type Reserved,
  reserveAttempt,
  returnAttempt,
  type Tried,
} from "./attempts.ts";

/** A try that is heard: what was counted for it, and how many were refused unheard before. */
export type Hearing = { readonly tried: readonly Tried[]; readonly refusedCount: number };

/** What a try counts as: what is guessed, and the address it comes from. */
function countedAs(tried: Tried, client: Client): readonly Tried[] {
  return client.address === "" ? [tried] : [tried, { kind: "address", value: client.address }];
}

export async function openHearing(
  deps: AccessDeps,
  tried: Tried,
  client: Client,
): Promise<AccessOutcome<Hearing>> {
  const now = deps.clock.now();
  const counted = countedAs(tried, client);
  const reserved = await deps.database.transaction(async (tx) => {
    const all: Reserved[] = [];
    for (const one of counted) all.push(await reserveAttempt(tx, deps.tenantId, one, now));
    return all;
  });
  const locked = reserved.find((one) => !one.ok);
  if (locked !== undefined && !locked.ok) {
    const message = `Too many failures in a row: the next try is heard at ${locked.retryAt}.`;
    const refusal = { code: "sign-in-locked", message, line: null };
    return { ok: false, refusal, retryAt: locked.retryAt };
  }
  const refusedCount = reserved.reduce((sum, one) => sum + (one.ok ? one.refusedCount : 0), 0);
  return { ok: true, value: { tried: counted, refusedCount } };
}

/** The try was right: failures are forgotten, those of an address that others share only by this one. */
export async function closeHearing(
  tx: Parameters<typeof forgiveAttempt>[0],
  deps: AccessDeps,
  hearing: Hearing,
): Promise<void> {
  for (const one of hearing.tried) {
    if (one.kind === "address") await returnAttempt(tx, deps.tenantId, one);
    else await forgiveAttempt(tx, deps.tenantId, one);
  }
}

export type RefusedTry = {
  readonly kind: Extract<ActKind, `${string}-refused`>;
  /** Who it was about; null: nobody of that name. */
  readonly userId: string | null;
  readonly actor: string | null;
  readonly reason: string;
  readonly data?: Readonly<Record<string, unknown>>;
};

/** Puts a wrong try on record and gives the one answer that all of them get. */
export async function refuseTry<Value>(
  deps: AccessDeps,
  hearing: Hearing,
  client: Client,
  refused: RefusedTry,
): Promise<AccessOutcome<Value>> {
  const unheard = hearing.refusedCount > 0 ? { refusedUnheard: hearing.refusedCount } : {};
  await deps.database.transaction((tx) =>
    recordActs(tx, deps.tenantId, [
      {
        subject: refused.userId ?? NOBODY,
        kind: refused.kind,
        at: deps.clock.now(),
        actor: refused.actor,
        client,
        data: { reason: refused.reason, ...unheard, ...refused.data },
      },
    ]),
  );
  return failed();
}

/** The same words whatever was wrong, so that an answer tells nothing about who is known here. */
export function failed<Value>(): AccessOutcome<Value> {
  const message = "The sign-in is not right: check what you typed, or begin anew.";
  return { ok: false, refusal: { code: "sign-in-failed", message, line: null } };
}
