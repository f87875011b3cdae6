// One's own account over HTTP: thin over the use cases.

import type { AuthenticationResponseJSON, RegistrationResponseJSON } from "@simplewebauthn/server";
import type { Context } from "hono";
import { loadKey } from "../../identity/api-keys/api-keys.ts";
import { recordActs } from "../../identity/audit.ts";
import type { Caller } from "../../identity/caller.ts";
import { listPasskeys, loadFactors } from "../../identity/sessions/factors.ts";
import { addPasskey, askForStepUp, offerPasskey } from "../../identity/sessions/passkeys.ts";
import { endSession, listSessions, type Session } from "../../identity/sessions/sessions.ts";
import {
  confirmTotp,
  type FactorAdded,
  offerTotp,
  removeFactor,
  renewRecoveryCodes,
  sessionToSetUp,
} from "../../identity/sessions/set-up-factors.ts";
import {
  type SteppedUp,
  stepUpWithPasskey,
  stepUpWithTotp,
} from "../../identity/sessions/step-up.ts";
import { changePassword } from "../../identity/users/change-password.ts";
import { loadUser } from "../../identity/users/users.ts";
import {
  addMyPasskey,
  confirmMyTotp,
  endMySession,
  type FactorAddedJson,
  getMe,
  listMyPasskeys,
  listMySessions,
  type MeJson,
  offerMyPasskey,
  offerMyTotp,
  removeMyPasskey,
  removeMyTotp,
  renewMyRecoveryCodes,
  setMyPassword,
  stepUpOptions,
  stepUpPasskey,
  stepUpTotp,
} from "../contract/me.ts";
import { webAuthnJson } from "../contract/sign-in.ts";
import type { ApiDeps } from "../deps.ts";
import { problem } from "../problems.ts";
import { valueOf } from "../refused.ts";
import type { ApiEnv, RegisterRoutes } from "../register.ts";
import { checkOrigin, clientOf, sessionToken, setSessionCookie } from "../session-cookie.ts";
import { stepAnswer } from "./sign-in.ts";

export const meRoutes: RegisterRoutes = (app, { access }) => {
  const { clock, tenantId, database } = access;
  app.openapi(getMe, async (c) => c.json(await meJson(c.get("deps"), c.get("caller")), 200));
  app.openapi(listMySessions, async (c) => {
    const caller = c.get("caller");
    const sessions = await listSessions(database, access, caller.id, clock.now());
    const data = sessions.map((session) => ({
      id: session.sessionId,
      isThisOne: session.sessionId === caller.sessionId,
      factor: session.factor,
      client: session.client,
      madeAt: session.madeAt,
      seenAt: session.seenAt,
      endsAt: session.endsAt,
    }));
    return c.json({ data }, 200);
  });
  app.openapi(endMySession, async (c) => {
    const { id } = c.get("caller");
    const { sessionId } = c.req.valid("param");
    const now = clock.now();
    const isEnded = await database.transaction(async (tx) => {
      if (!(await endSession(tx, tenantId, id, sessionId, now))) return false;
      const act = { subject: id, at: now, actor: id, client: clientOf(c) } as const;
      await recordActs(tx, tenantId, [{ ...act, kind: "session-ended", data: { sessionId } }]);
      return true;
    });
    if (!isEnded) throw problem("not-found");
    return c.body(null, 204);
  });
  app.openapi(setMyPassword, async (c) => {
    const session = await toSetUp(c);
    const outcome = await changePassword(access, session, c.req.valid("json"), clientOf(c));
    return c.json(valueOf(outcome, clock.now()), 200);
  });
};

async function meJson({ access }: ApiDeps, caller: Caller): Promise<MeJson> {
  const { database, tenantId } = access;
  const { kind, id, role, sellerId, steppedUpAt, sessionId } = caller;
  const shared = { kind, id, role, sellerId, scopes: [...caller.scopes], steppedUpAt, sessionId };
  if (kind === "key") {
    const key = await loadKey(database, tenantId, id);
    return { ...shared, name: key?.name ?? "", email: null, factors: null };
  }
  const user = await loadUser(database, tenantId, id);
  const factors = await loadFactors(database, tenantId, id);
  return { ...shared, name: user?.name ?? "", email: user?.email ?? null, factors };
}

/** The session that may change factors, of a request of our own pages. */
async function toSetUp(c: Context<ApiEnv>): Promise<Session> {
  checkOrigin(c, true);
  const { access } = c.get("deps");
  return valueOf(await sessionToSetUp(access, sessionToken(c) ?? ""), access.clock.now());
}

function factorAnswer(c: Context<ApiEnv>, added: FactorAdded): FactorAddedJson {
  return {
    recoveryCodes: added.recoveryCodes === null ? null : [...added.recoveryCodes],
    signedIn: added.signedIn === null ? null : stepAnswer(c, added.signedIn),
  };
}

export const stepUpRoutes: RegisterRoutes = (app, { access }) => {
  const { clock } = access;
  const renewed = (c: Context<ApiEnv>, { token, session }: SteppedUp) => {
    setSessionCookie(c, token, session.endsAt);
    return { steppedUpAt: clock.now() };
  };
  app.openapi(stepUpTotp, async (c) => {
    const { code } = c.req.valid("json");
    const outcome = await stepUpWithTotp(access, sessionToken(c) ?? "", code, clientOf(c));
    return c.json(renewed(c, valueOf(outcome, clock.now())), 200);
  });
  app.openapi(stepUpOptions, async (c) => {
    const outcome = await askForStepUp(access, sessionToken(c) ?? "");
    return c.json(webAuthnJson(valueOf(outcome, clock.now())), 200);
  });
  app.openapi(stepUpPasskey, async (c) => {
    const answer = c.req.valid("json") as AuthenticationResponseJSON;
    const outcome = await stepUpWithPasskey(access, sessionToken(c) ?? "", answer, clientOf(c));
    return c.json(renewed(c, valueOf(outcome, clock.now())), 200);
  });
};

export const factorRoutes: RegisterRoutes = (app, { access }) => {
  const { clock, database, tenantId } = access;
  app.openapi(offerMyTotp, async (c) => c.json(await offerTotp(access, await toSetUp(c)), 200));
  app.openapi(confirmMyTotp, async (c) => {
    const session = await toSetUp(c);
    const outcome = await confirmTotp(access, session, c.req.valid("json"), clientOf(c));
    return c.json(factorAnswer(c, valueOf(outcome, clock.now())), 200);
  });
  app.openapi(removeMyTotp, async (c) => {
    const session = await toSetUp(c);
    valueOf(await removeFactor(access, session, { kind: "totp" }, clientOf(c)), clock.now());
    return c.body(null, 204);
  });
  app.openapi(listMyPasskeys, async (c) => {
    const passkeys = await listPasskeys(database, tenantId, c.get("caller").id);
    const data = passkeys.map(({ credentialId, name, isBackedUp, addedAt, usedAt }) => {
      return { id: credentialId, name, isBackedUp, addedAt, usedAt };
    });
    return c.json({ data }, 200);
  });
  app.openapi(offerMyPasskey, async (c) =>
    c.json(webAuthnJson(await offerPasskey(access, await toSetUp(c))), 200),
  );
  app.openapi(addMyPasskey, async (c) => {
    const session = await toSetUp(c);
    const { name, answer } = c.req.valid("json");
    const response = answer as unknown as RegistrationResponseJSON;
    const outcome = await addPasskey(access, session, { name, response }, clientOf(c));
    return c.json(factorAnswer(c, valueOf(outcome, clock.now())), 201);
  });
  app.openapi(removeMyPasskey, async (c) => {
    const session = await toSetUp(c);
    const { passkeyId: credentialId } = c.req.valid("param");
    const what = { kind: "passkey", credentialId } as const;
    valueOf(await removeFactor(access, session, what, clientOf(c)), clock.now());
    return c.body(null, 204);
  });
  app.openapi(renewMyRecoveryCodes, async (c) => {
    const session = await toSetUp(c);
    const outcome = await renewRecoveryCodes(access, session, clientOf(c));
    return c.json({ recoveryCodes: [...valueOf(outcome, clock.now())] }, 200);
  });
};
