// Signing in on the wire. The session goes by cookie; the answers say what comes next.

import { z } from "@hono/zod-openapi";
import { PASSKEY_NAME_LENGTH_MAX } from "../../identity/sessions/passkeys.ts";
import { PASSWORD_LENGTH_MAX } from "../../identity/users/password-rule.ts";
import { EMAIL_LENGTH_MAX } from "../../identity/users/users.ts";
import { apiRoute, json } from "../api-route.ts";
import { instant } from "./values.ts";

const TOKEN_LENGTH_MAX = 200;

export const password = z.string().max(PASSWORD_LENGTH_MAX * 4);
export const totpCode = z
  .string()
  .max(20)
  .openapi({ description: "Six digits.", example: "492039" });
const token = z.string().min(1).max(TOKEN_LENGTH_MAX);

/** WebAuthn's own JSON forms: passed to and from the browser as they are. */
export const webAuthnOptions = z.looseObject({ challenge: z.string() }).openapi("WebAuthnOptions", {
  description:
    "For `PublicKeyCredential.parseRequestOptionsFromJSON` or `…parseCreationOptionsFromJSON`.",
});
export type WebAuthnOptionsJson = z.infer<typeof webAuthnOptions>;

/** The library's options as plain JSON: what is undefined in them is left out. */
export function webAuthnJson(options: { readonly challenge: string }): WebAuthnOptionsJson {
  return JSON.parse(JSON.stringify(options)) as WebAuthnOptionsJson;
}

const base64url = z.string().max(16_384);
export const passkeyAnswer = z
  .object({
    id: base64url,
    rawId: base64url,
    type: z.literal("public-key"),
    clientExtensionResults: z.record(z.string(), z.unknown()).default({}),
    authenticatorAttachment: z.string().max(40).nullish(),
    response: z.object({
      clientDataJSON: base64url,
      authenticatorData: base64url,
      signature: base64url,
      userHandle: base64url.nullish(),
    }),
  })
  .openapi("PasskeyAnswer", {
    description: "`PublicKeyCredential.toJSON()` of `credentials.get`.",
  });
export const newPasskeyAnswer = z
  .object({
    id: base64url,
    rawId: base64url,
    type: z.literal("public-key"),
    clientExtensionResults: z.record(z.string(), z.unknown()).default({}),
    authenticatorAttachment: z.string().max(40).nullish(),
    response: z.looseObject({
      clientDataJSON: base64url,
      attestationObject: base64url,
      transports: z.array(z.string().max(40)).max(20).optional(),
    }),
  })
  .openapi("NewPasskeyAnswer", {
    description: "`PublicKeyCredential.toJSON()` of `credentials.create`.",
  });
export const passkeyName = z.string().max(PASSKEY_NAME_LENGTH_MAX);

export const signInStep = z
  .object({
    stage: z.enum(["first-factor", "enrol", "full"]).openapi({
      description:
        "`first-factor`: show a second factor; `enrol`: set one up; `full`: signed in, the cookie is good.",
    }),
    methods: z.array(z.enum(["totp", "passkey", "recovery-code"])),
    endsAt: instant,
  })
  .openapi("SignInStep");
export type SignInStepJson = z.infer<typeof signInStep>;

const tags = ["Sign-in"];
const OF_TRIES = ["sign-in-failed", "sign-in-locked", "origin-refused"] as const;
const shared = { tags, permission: "public", method: "post" } as const;

function body<Schema extends z.ZodType>(schema: Schema) {
  return { body: { required: true, content: { "application/json": { schema } } } };
}
const step = { 200: json(signInStep, "What comes next.") };

export const listSignInWays = apiRoute({
  method: "get",
  path: "/v1/sign-in/ways",
  operationId: "listSignInWays",
  summary: "The ways to sign in here",
  tags,
  permission: "public",
  responses: {
    200: json(
      z
        .object({
          sso: z.array(z.object({ id: z.string(), name: z.string() })),
          lookAround: z.array(z.string()).openapi({
            description: "Of a sandbox: the roles that a visitor may take by one click.",
          }),
        })
        .openapi("SignInWays"),
      "A password and a passkey always; the companies' own sign-ins besides.",
    ),
  },
});

export const passwordSignIn = apiRoute({
  ...shared,
  path: "/v1/sign-in/password",
  operationId: "signInWithPassword",
  summary: "First factor: e-mail address and password",
  request: body(z.object({ email: z.string().max(EMAIL_LENGTH_MAX), password })),
  responses: step,
  problems: OF_TRIES,
});

export const totpSignIn = apiRoute({
  ...shared,
  path: "/v1/sign-in/totp",
  operationId: "signInWithTotp",
  summary: "Second factor: the code of an authenticator app",
  request: body(z.object({ code: totpCode })),
  responses: step,
  problems: OF_TRIES,
});

export const recoveryCodeSignIn = apiRoute({
  ...shared,
  path: "/v1/sign-in/recovery-code",
  operationId: "signInWithRecoveryCode",
  summary: "For a lost device: a recovery code, then a new second factor",
  request: body(z.object({ code: z.string().max(60) })),
  responses: step,
  problems: OF_TRIES,
});

export const passkeyOptions = apiRoute({
  ...shared,
  path: "/v1/sign-in/passkey/options",
  operationId: "getPasskeySignInOptions",
  summary: "What to ask the device for: alone, or after a first factor",
  responses: { 200: json(webAuthnOptions, "Good for five minutes, once.") },
  problems: ["origin-refused"],
});

export const passkeySignIn = apiRoute({
  ...shared,
  path: "/v1/sign-in/passkey",
  operationId: "signInWithPasskey",
  summary: "Sign in with a passkey: alone, or after a first factor",
  request: body(passkeyAnswer),
  responses: step,
  problems: OF_TRIES,
});

export const invitationSignIn = apiRoute({
  ...shared,
  path: "/v1/sign-in/invitation",
  operationId: "acceptInvitation",
  summary: "Accept an invitation by setting a password",
  request: body(z.object({ token, password })),
  responses: step,
  problems: ["invitation-invalid", "password-weak", "sign-in-locked", "origin-refused"],
});

const providerId = z.string().max(31).openapi({ example: "company" });
const REDIRECT = {
  description: "On to the next page.",
  headers: z.object({ Location: z.string() }),
};

export const ssoBegin = apiRoute({
  method: "get",
  path: "/v1/sign-in/sso/{providerId}",
  operationId: "beginSso",
  summary: "Go to a company's own sign-in",
  tags,
  permission: "public",
  request: {
    params: z.object({ providerId }),
    query: z.object({ returnTo: z.string().max(500).default("/") }),
  },
  responses: { 302: REDIRECT },
  problems: ["not-found"],
});

export const ssoCallback = apiRoute({
  method: "get",
  path: "/v1/sign-in/sso/{providerId}/callback",
  operationId: "finishSso",
  summary: "Come back from a company's own sign-in",
  tags,
  permission: "public",
  request: { params: z.object({ providerId }) },
  responses: { 302: REDIRECT },
  problems: ["not-found", "sign-in-failed", "sign-in-locked"],
});

export const signOutRoute = apiRoute({
  ...shared,
  path: "/v1/sign-out",
  operationId: "signOut",
  summary: "End this session",
  responses: { 204: { description: "Signed out, or was not signed in." } },
  problems: ["origin-refused"],
});
