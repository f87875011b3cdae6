// Acts of people and their programs on the timeline: who, what, when, from where, also when it was refused. Nothing
// secret and no typed text stands in an act: what was typed wrong may be a password.

import { freshId } from "../secret/random.ts";
import type { Tx } from "../storage/database.ts";
import type { Instant } from "../time/instant.ts";
import { appendEvents } from "../timeline/timeline.ts";
import type { Client } from "./access-deps.ts";

/** What people do about access. Kinds end up in the audit trail as they stand here. */
export const ACT_KINDS = [
  "signed-in",
  "sign-in-refused",
  "signed-out",
  "session-ended",
  "stepped-up",
  "step-up-refused",
  "act-refused",
  "second-factor-added",
  "second-factor-removed",
  "recovery-codes-made",
  "recovery-code-used",
  "password-set",
  "identity-linked",
  "user-proposed",
  "user-invited",
  "invitation-accepted",
  "user-role-changed",
  "user-disabled",
  "user-enabled",
  "api-key-made",
  "api-key-rotated",
  "api-key-revoked",
  "api-key-refused",
] as const;
export type ActKind = (typeof ACT_KINDS)[number];

export type Act = {
  /** The user or key that the act is about; `nobody` where nobody of that name is known. */
  readonly subject: string;
  readonly kind: ActKind;
  readonly at: Instant;
  /** Who did it: a user, a key, `command-line`; null where nobody is known: it stands as `nobody`. */
  readonly actor: string | null;
  readonly client: Client | null;
  readonly data?: Readonly<Record<string, unknown>>;
};

/** Subject and actor of refused sign-ins of nobody, and actor of what nobody proved to be. */
export const NOBODY = "nobody";
/** Actor of what is done at the machine itself. */
export const COMMAND_LINE = "command-line";

/** Writes acts as events; each is an occasion of its own, however alike they are. Call it last in a transaction. */
export async function recordActs(tx: Tx, tenantId: string, acts: readonly Act[]): Promise<void> {
  await appendEvents(
    tx,
    tenantId,
    acts.map(({ subject, kind, at, actor, client, data }) => ({
      subject,
      kind,
      at,
      data: {
        ...(client === null || client.address === "" ? {} : { address: client.address }),
        ...data,
      },
      source: null,
      occasion: freshId("act", at),
      actor: actor ?? NOBODY,
    })),
  );
}
