// Signing in over HTTP: thin over the use cases. The token goes into the cookie and into no answer.

import type { AuthenticationResponseJSON } from "@simplewebauthn/server";
import type { Context } from "hono";
import { askForPasskey, signInWithPasskey } from "../../identity/sessions/passkeys.ts";
import {
  halfWay,
  type SignInStep,
  signInWithPassword,
  signInWithRecoveryCode,
  signInWithTotp,
  signOut,
} from "../../identity/sessions/sign-in.ts";
import { acceptInvitation } from "../../identity/users/invite-user.ts";
import { LOOK_AROUND_ROLES } from "../../identity/users/sandbox-users.ts";
import {
  invitationSignIn,
  listSignInWays,
  passkeyOptions,
  passkeySignIn,
  passwordSignIn,
  recoveryCodeSignIn,
  type SignInStepJson,
  signOutRoute,
  ssoBegin,
  ssoCallback,
  totpSignIn,
  webAuthnJson,
} from "../contract/sign-in.ts";
import { problem } from "../problems.ts";
import { valueOf } from "../refused.ts";
import type { ApiEnv, RegisterRoutes } from "../register.ts";
import {
  checkOrigin,
  clearSessionCookie,
  clearSsoCookie,
  clientOf,
  sessionToken,
  setSessionCookie,
  setSsoCookie,
  ssoToken,
} from "../session-cookie.ts";

/** The session moves into the cookie; what is left is the answer. */
export function stepAnswer(
  c: Context<ApiEnv>,
  { session, token, methods }: SignInStep,
): SignInStepJson {
  setSessionCookie(c, token, session.endsAt);
  return { stage: session.stage, methods: [...methods], endsAt: session.endsAt };
}

export const signInRoutes: RegisterRoutes = (app, { access, lookAround }) => {
  const { clock } = access;
  app.openapi(listSignInWays, (c) =>
    c.json(
      {
        sso: access.settings.sso.map(({ id, name }) => ({ id, name })),
        lookAround: lookAround === null ? [] : [...LOOK_AROUND_ROLES],
      },
      200,
    ),
  );
  app.openapi(passwordSignIn, async (c) => {
    checkOrigin(c, false);
    const outcome = await signInWithPassword(access, c.req.valid("json"), clientOf(c));
    return c.json(stepAnswer(c, valueOf(outcome, clock.now())), 200);
  });
  app.openapi(totpSignIn, async (c) => {
    checkOrigin(c, false);
    const { code } = c.req.valid("json");
    const outcome = await signInWithTotp(access, sessionToken(c) ?? "", code, clientOf(c));
    return c.json(stepAnswer(c, valueOf(outcome, clock.now())), 200);
  });
  app.openapi(recoveryCodeSignIn, async (c) => {
    checkOrigin(c, false);
    const { code } = c.req.valid("json");
    const outcome = await signInWithRecoveryCode(access, sessionToken(c) ?? "", code, clientOf(c));
    return c.json(stepAnswer(c, valueOf(outcome, clock.now())), 200);
  });
  app.openapi(invitationSignIn, async (c) => {
    checkOrigin(c, false);
    const outcome = await acceptInvitation(access, c.req.valid("json"), clientOf(c));
    return c.json(stepAnswer(c, valueOf(outcome, clock.now())), 200);
  });
  app.openapi(signOutRoute, async (c) => {
    checkOrigin(c, false);
    const token = sessionToken(c);
    if (token !== null) await signOut(access, token, clientOf(c));
    clearSessionCookie(c);
    return c.body(null, 204);
  });
};

export const passkeySignInRoutes: RegisterRoutes = (app, { access }) => {
  app.openapi(passkeyOptions, async (c) => {
    checkOrigin(c, false);
    const token = sessionToken(c);
    const session = token === null ? null : await halfWay(access, token, "first-factor");
    return c.json(webAuthnJson(await askForPasskey(access, session)), 200);
  });
  app.openapi(passkeySignIn, async (c) => {
    checkOrigin(c, false);
    const answer = c.req.valid("json") as AuthenticationResponseJSON;
    const outcome = await signInWithPasskey(access, sessionToken(c), answer, clientOf(c));
    return c.json(stepAnswer(c, valueOf(outcome, access.clock.now())), 200);
  });
};

export const ssoRoutes: RegisterRoutes = (app, { access, sso }) => {
  app.openapi(ssoBegin, async (c) => {
    const { providerId } = c.req.valid("param");
    const begun = await sso.begin(providerId, c.req.valid("query").returnTo);
    if (!begun.ok) throw problem("not-found", { detail: begun.refusal.message });
    setSsoCookie(c, begun.value.browserToken);
    return c.redirect(begun.value.url, 302);
  });
  app.openapi(ssoCallback, async (c) => {
    const { providerId } = c.req.valid("param");
    const query = new URL(c.req.url).searchParams;
    const outcome = await sso.finish(providerId, query, ssoToken(c), clientOf(c));
    if (!outcome.ok && outcome.refusal.code === "sso-unknown") throw problem("not-found");
    clearSsoCookie(c);
    const { step, returnTo } = valueOf(outcome, access.clock.now());
    setSessionCookie(c, step.token, step.session.endsAt);
    return c.redirect(step.session.stage === "full" ? returnTo : "/sign-in", 302);
  });
};
