// The sign-in page: one address that shows where a sign-in stands, and forms that move it on. Over the same use cases
// as the API's own routes. It needs no script, so that the way in stands on as little as possible; who is in goes on to
// the console.

import type { Context } from "hono";
import type { Refusal } from "../../errors/refusal.ts";
import type { AccessDeps, AccessOutcome } from "../../identity/access-deps.ts";
import { loadFactors, methodsOf } from "../../identity/sessions/factors.ts";
import { findSession, type Session } from "../../identity/sessions/sessions.ts";
import {
  confirmTotp,
  offeredTotp,
  offerTotp,
  sessionToSetUp,
} from "../../identity/sessions/set-up-factors.ts";
import {
  type SignInStep,
  signInWithPassword,
  signInWithRecoveryCode,
  signInWithTotp,
  signOut,
} from "../../identity/sessions/sign-in.ts";
import { acceptInvitation } from "../../identity/users/invite-user.ts";
import { LOOK_AROUND_ROLES } from "../../identity/users/sandbox-users.ts";
import { loadUser } from "../../identity/users/users.ts";
import { type Language, languageOf } from "../language.ts";
import { PROBLEMS, type ProblemEntry, problem } from "../problems.ts";
import { refusalProblem } from "../refused.ts";
import type { ApiEnv, RegisterRoutes } from "../register.ts";
import {
  checkOrigin,
  chosenLanguage,
  clearSessionCookie,
  clientOf,
  keepLanguage,
  keepReturnPath,
  sessionToken,
  setSessionCookie,
  takeReturnPath,
} from "../session-cookie.ts";
import { PAGE_CSS, PASSKEY_SCRIPT } from "../sign-in-page/page-assets.ts";
import { type PageState, renderPage } from "../sign-in-page/render-page.ts";

const POLICY =
  "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self'; " +
  "base-uri 'none'; frame-ancestors 'none'";

export const signInPageRoutes: RegisterRoutes = (app, { access, lookAround, hasConsole }) => {
  const act = (path: string, move: (c: Context<ApiEnv>, form: FormTexts) => Promise<Response>) => {
    app.post(`/sign-in/${path}`, async (c) => {
      checkOrigin(c, true);
      return move(c, await formTexts(c));
    });
  };
  app.get("/sign-in", async (c) => {
    const { invitation: token, language, returnTo } = c.req.query();
    const chosen = language === undefined ? chosenLanguage(c) : languageOf(language);
    if (language !== undefined) keepLanguage(c, chosen);
    if (returnTo !== undefined) keepReturnPath(c, returnTo);
    const state = await stateOf(access, sessionToken(c));
    if (state.kind === "signed-in" && hasConsole) return c.redirect(takeReturnPath(c), 303);
    const invited = token !== undefined && state.kind === "begin";
    return show(c, invited ? { kind: "invitation", token } : state, null, chosen);
  });
  act("look-around", async (c, form) => {
    const role = LOOK_AROUND_ROLES.find((known) => known === form("role"));
    const step = role === undefined ? null : await lookAround?.(role, clientOf(c));
    if (step === null || step === undefined) throw problem("not-found");
    return moveOn(c, { ok: true, value: step });
  });
  app.get("/sign-in/page.css", (c) =>
    c.body(PAGE_CSS, 200, { "Content-Type": "text/css; charset=utf-8" }),
  );
  app.get("/sign-in/passkey.js", (c) =>
    c.body(PASSKEY_SCRIPT, 200, { "Content-Type": "text/javascript; charset=utf-8" }),
  );
  act("password", async (c, form) => {
    const typed = { email: form("email"), password: form("password") };
    return moveOn(c, await signInWithPassword(access, typed, clientOf(c)));
  });
  act("totp", async (c, form) =>
    moveOn(c, await signInWithTotp(access, sessionToken(c) ?? "", form("code"), clientOf(c))),
  );
  act("recovery-code", async (c, form) => {
    const code = form("recovery-code");
    return moveOn(
      c,
      await signInWithRecoveryCode(access, sessionToken(c) ?? "", code, clientOf(c)),
    );
  });
  act("invitation", async (c, form) => {
    const typed = { token: form("token"), password: form("password") };
    const outcome = await acceptInvitation(access, typed, clientOf(c));
    const again = !outcome.ok && outcome.refusal.code === "password-weak";
    return again
      ? show(c, { kind: "invitation", token: typed.token }, outcome.refusal)
      : moveOn(c, outcome);
  });
  act("confirm", (c, form) => confirm(c, access, form("ticket"), form("code")));
  act("sign-out", async (c) => {
    const token = sessionToken(c);
    if (token !== null) await signOut(access, token, clientOf(c));
    clearSessionCookie(c);
    return c.redirect("/sign-in", 303);
  });
};

type FormTexts = (name: string) => string;

async function formTexts(c: Context<ApiEnv>): Promise<FormTexts> {
  const form = await c.req.parseBody();
  return (name) => {
    const value = form[name];
    return typeof value === "string" ? value : "";
  };
}

/** Where the sign-in of this browser stands. */
async function stateOf(access: AccessDeps, token: string | null): Promise<PageState> {
  const { database, clock, tenantId } = access;
  const found = token === null ? null : await findSession(database, access, token, clock.now());
  if (found === null) {
    return { kind: "begin", sso: access.settings.sso.map(({ id, name }) => ({ id, name })) };
  }
  const { session } = found;
  if (session.stage === "enrol") return { kind: "enrol", offer: await offerTotp(access, session) };
  if (session.stage === "first-factor") {
    const factors = await loadFactors(database, tenantId, session.userId);
    return { kind: "second-factor", methods: methodsOf(factors) };
  }
  const user = await loadUser(database, tenantId, session.userId);
  return { kind: "signed-in", name: user?.name ?? "", role: found.role };
}

/** On to the next page; where it was refused, the same page with the reason. */
async function moveOn(c: Context<ApiEnv>, outcome: AccessOutcome<SignInStep>): Promise<Response> {
  if (outcome.ok) {
    setSessionCookie(c, outcome.value.token, outcome.value.session.endsAt);
    return c.redirect("/sign-in", 303);
  }
  return show(c, await stateOf(c.get("deps").access, sessionToken(c)), outcome.refusal);
}

async function confirm(
  c: Context<ApiEnv>,
  access: AccessDeps,
  ticket: string,
  code: string,
): Promise<Response> {
  const allowed = await sessionToSetUp(access, sessionToken(c) ?? "");
  if (!allowed.ok) return show(c, await stateOf(access, sessionToken(c)), allowed.refusal);
  const session: Session = allowed.value;
  const outcome = await confirmTotp(access, session, { ticket, code }, clientOf(c));
  if (!outcome.ok) {
    const offer =
      (await offeredTotp(access, session, ticket)) ?? (await offerTotp(access, session));
    return show(c, { kind: "enrol", offer }, outcome.refusal);
  }
  const { signedIn, recoveryCodes } = outcome.value;
  if (signedIn !== null) setSessionCookie(c, signedIn.token, signedIn.session.endsAt);
  return recoveryCodes === null
    ? c.redirect("/sign-in", 303)
    : show(c, { kind: "recovery-codes", codes: recoveryCodes });
}

function show(
  c: Context<ApiEnv>,
  state: PageState,
  refusal: Refusal | null = null,
  language: Language = chosenLanguage(c),
): Response {
  const lookAround = c.get("deps").lookAround === null ? [] : LOOK_AROUND_ROLES;
  c.header("Content-Security-Policy", POLICY);
  // Without a referrer, the forms of the page would have no origin either, by which they are known as ours.
  c.header("Referrer-Policy", "same-origin");
  c.header("Content-Language", language);
  c.header("Vary", "Accept-Language, Cookie");
  if (refusal === null)
    return c.html(renderPage(state, { error: null, language, lookAround }), 200);
  const { code, facts } = refusalProblem(refusal);
  const entry: ProblemEntry = PROBLEMS[code];
  const text = language === "zh-CN" ? entry.titleZh : (facts.detail ?? entry.title);
  c.set("problem", code);
  return c.html(renderPage(state, { error: text, language, lookAround }), entry.status);
}
