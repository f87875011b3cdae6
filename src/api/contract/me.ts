// One's own account on the wire: who one is, second factors, sessions, stepping up.

import { z } from "@hono/zod-openapi";
import { PERMISSIONS, ROLES } from "../../identity/roles.ts";
import { apiRoute, json } from "../api-route.ts";
import {
  newPasskeyAnswer,
  passkeyAnswer,
  passkeyName,
  password,
  signInStep,
  totpCode,
  webAuthnOptions,
} from "./sign-in.ts";
import { idParam, instant } from "./values.ts";

export const role = z.enum(ROLES).openapi("Role");
export const permission = z.enum(PERMISSIONS).openapi("Permission");

const me = z
  .object({
    kind: z.enum(["user", "key"]),
    id: z.string().openapi({ example: "user_01kb2m9zk4h6x8q0c5w7e3r1tn" }),
    name: z.string(),
    email: z.string().nullable().openapi({ description: "Null for a key." }),
    role,
    sellerId: z.string().nullable(),
    scopes: z.array(permission),
    steppedUpAt: instant.nullable(),
    sessionId: z.string().nullable(),
    factors: z
      .object({ hasTotp: z.boolean(), passkeyCount: z.int(), recoveryCodeCount: z.int() })
      .nullable()
      .openapi({ description: "Null for a key." }),
  })
  .openapi("Me");
export type MeJson = z.infer<typeof me>;

const session = z
  .object({
    id: z.string(),
    isThisOne: z.boolean(),
    factor: z.string(),
    client: z.string(),
    madeAt: instant,
    seenAt: instant,
    endsAt: instant,
  })
  .openapi("Session");

const passkey = z
  .object({
    id: z.string(),
    name: z.string(),
    isBackedUp: z.boolean(),
    addedAt: instant,
    usedAt: instant.nullable(),
  })
  .openapi("Passkey");

const factorAdded = z
  .object({
    recoveryCodes: z.array(z.string()).nullable().openapi({
      description: "Shown once, with the first factor; null when there are some already.",
    }),
    signedIn: signInStep.nullable().openapi({ description: "The sign-in that this completed." }),
  })
  .openapi("FactorAdded");
export type FactorAddedJson = z.infer<typeof factorAdded>;

const tags = ["My account"];
/** Reached half-way through a sign-in too; the session itself is checked. */
const SET_UP = {
  tags,
  permission: "public",
  problems: ["not-signed-in", "step-up-needed", "origin-refused"],
} as const;
const OF_TRIES = ["sign-in-failed", "sign-in-locked", "origin-refused"] as const;

function body<Schema extends z.ZodType>(schema: Schema) {
  return { body: { required: true, content: { "application/json": { schema } } } };
}

export const getMe = apiRoute({
  method: "get",
  path: "/v1/me",
  operationId: "getMe",
  summary: "Who this session or key is, and what it may do",
  tags,
  permission: "signed-in",
  responses: { 200: json(me, "The caller.") },
});

export const listMySessions = apiRoute({
  method: "get",
  path: "/v1/me/sessions",
  operationId: "listMySessions",
  summary: "Where you are signed in",
  tags,
  permission: "signed-in",
  responses: { 200: json(z.object({ data: z.array(session) }), "The last one used first.") },
});

export const endMySession = apiRoute({
  method: "delete",
  path: "/v1/me/sessions/{sessionId}",
  operationId: "endMySession",
  summary: "End one of your sessions",
  tags,
  permission: "signed-in",
  request: {
    params: z.object({ sessionId: idParam("The session's id.", "ses_01kb2m9zk4h6x8q0") }),
  },
  responses: { 204: { description: "Ended." } },
  problems: ["not-found", "origin-refused"],
});

export const stepUpTotp = apiRoute({
  method: "post",
  path: "/v1/me/step-up/totp",
  operationId: "stepUpWithTotp",
  summary: "Show your second factor again, by a code",
  tags,
  permission: "signed-in",
  request: body(z.object({ code: totpCode })),
  responses: { 200: json(z.object({ steppedUpAt: instant }), "Good for ten minutes.") },
  problems: OF_TRIES,
});

export const stepUpOptions = apiRoute({
  method: "post",
  path: "/v1/me/step-up/passkey/options",
  operationId: "getStepUpOptions",
  summary: "What to ask the device for, to step up",
  tags,
  permission: "signed-in",
  responses: { 200: json(webAuthnOptions, "Good for five minutes, once.") },
  problems: ["sign-in-failed", "origin-refused"],
});

export const stepUpPasskey = apiRoute({
  method: "post",
  path: "/v1/me/step-up/passkey",
  operationId: "stepUpWithPasskey",
  summary: "Show your second factor again, by a passkey",
  tags,
  permission: "signed-in",
  request: body(passkeyAnswer),
  responses: { 200: json(z.object({ steppedUpAt: instant }), "Good for ten minutes.") },
  problems: OF_TRIES,
});

export const setMyPassword = apiRoute({
  ...SET_UP,
  method: "post",
  path: "/v1/me/password",
  operationId: "setMyPassword",
  summary: "Set another password; your other sessions end",
  request: body(
    z.object({
      old: password.openapi({ description: "Empty while there is none yet." }),
      password,
    }),
  ),
  responses: { 200: json(z.object({ endedSessions: z.int() }), "Set.") },
  problems: [...SET_UP.problems, "sign-in-failed", "sign-in-locked", "password-weak"],
});

export const offerMyTotp = apiRoute({
  ...SET_UP,
  method: "post",
  path: "/v1/me/totp/offer",
  operationId: "offerTotp",
  summary: "A new secret for an authenticator app; it counts once a code of it came",
  responses: {
    200: json(
      z.object({ secret: z.string(), uri: z.string(), ticket: z.string() }).openapi("TotpOffer"),
      "Good for 15 minutes. `uri` is what a QR code of it says.",
    ),
  },
});

export const confirmMyTotp = apiRoute({
  ...SET_UP,
  method: "put",
  path: "/v1/me/totp",
  operationId: "confirmTotp",
  summary: "Confirm the offered secret by its first code",
  request: body(z.object({ ticket: z.string().max(200), code: totpCode })),
  responses: { 200: json(factorAdded, "The app counts from now on, instead of one before.") },
  problems: [...SET_UP.problems, "sign-in-failed", "sign-in-locked"],
});

export const removeMyTotp = apiRoute({
  ...SET_UP,
  method: "delete",
  path: "/v1/me/totp",
  operationId: "removeTotp",
  summary: "Remove your authenticator app",
  responses: { 204: { description: "Removed." } },
  problems: [...SET_UP.problems, "last-factor", "not-found"],
});

export const listMyPasskeys = apiRoute({
  method: "get",
  path: "/v1/me/passkeys",
  operationId: "listPasskeys",
  summary: "Your passkeys",
  tags,
  permission: "signed-in",
  responses: { 200: json(z.object({ data: z.array(passkey) }), "The first one added first.") },
});

export const offerMyPasskey = apiRoute({
  ...SET_UP,
  method: "post",
  path: "/v1/me/passkeys/options",
  operationId: "getPasskeyOptions",
  summary: "What to ask the device for, to add a passkey",
  responses: { 200: json(webAuthnOptions, "Good for five minutes, once.") },
});

export const addMyPasskey = apiRoute({
  ...SET_UP,
  method: "post",
  path: "/v1/me/passkeys",
  operationId: "addPasskey",
  summary: "Add a passkey",
  request: body(z.object({ name: passkeyName, answer: newPasskeyAnswer })),
  responses: { 201: json(factorAdded, "It counts from now on.") },
  problems: [...SET_UP.problems, "passkey-refused"],
});

export const removeMyPasskey = apiRoute({
  ...SET_UP,
  method: "delete",
  path: "/v1/me/passkeys/{passkeyId}",
  operationId: "removePasskey",
  summary: "Remove a passkey",
  request: { params: z.object({ passkeyId: z.string().max(2048) }) },
  responses: { 204: { description: "Removed." } },
  problems: [...SET_UP.problems, "last-factor", "not-found"],
});

export const renewMyRecoveryCodes = apiRoute({
  ...SET_UP,
  method: "post",
  path: "/v1/me/recovery-codes",
  operationId: "renewRecoveryCodes",
  summary: "New recovery codes; the old ones are void",
  responses: {
    200: json(z.object({ recoveryCodes: z.array(z.string()) }), "Shown once: keep them."),
  },
  problems: [...SET_UP.problems, "last-factor"],
});
