// Users on the wire: who may act, and how that changes.

import { z } from "@hono/zod-openapi";
import { EMAIL_LENGTH_MAX, NAME_LENGTH_MAX } from "../../identity/users/users.ts";
import { apiRoute, json, taggedJson } from "../api-route.ts";
import { pageOf, pageQuery } from "../page.ts";
import { role } from "./me.ts";
import { idParam, instant, sellerFilter } from "./values.ts";

const EXAMPLE = "user_01kb2m9zk4h6x8q0c5w7e3r1tn";
const sellerId = z.string().max(63).nullable();
const reason = z.string().max(1000).openapi({
  description: "Why; needed where a second person decides.",
  example: "She joins the operations desk on 1 December.",
});

export const user = z
  .object({
    id: z.string().openapi({ example: EXAMPLE }),
    email: z.string(),
    name: z.string(),
    role,
    sellerId,
    state: z.enum(["proposed", "invited", "active", "disabled"]).openapi({
      description:
        "`proposed`: waits for a second person; `invited`: may come in by an invitation or company sign-in.",
    }),
    madeAt: instant,
    signedInAt: instant.nullable(),
  })
  .openapi("User");
export type UserJson = z.infer<typeof user>;

const invitation = z
  .object({
    url: z.string().openapi({ description: "Shown once; hand it to the newcomer yourself." }),
    expiresAt: instant,
  })
  .openapi("Invitation");

const userAsked = z
  .object({
    user,
    approvalId: z
      .string()
      .nullable()
      .openapi({ description: "The request that a second person decides; null: done at once." }),
    invitation: invitation.nullable(),
  })
  .openapi("UserAsked");

const tags = ["Users"];
const params = z.object({ userId: idParam("The user's id.", EXAMPLE) });
const OF_ASKING = [
  "role-invalid",
  "role-not-yours",
  "reason-missing",
  "reason-too-long",
  "approval-pending",
  "origin-refused",
] as const;

function body<Schema extends z.ZodType>(schema: Schema) {
  return { body: { required: true, content: { "application/json": { schema } } } };
}

export const listUsersRoute = apiRoute({
  method: "get",
  path: "/v1/users",
  operationId: "listUsers",
  summary: "List users, the newest first",
  tags,
  permission: "users.read",
  request: { query: pageQuery.extend({ sellerId: sellerFilter }) },
  responses: { 200: json(pageOf(user, "UserPage"), "A page of users.") },
  problems: ["cursor-invalid"],
});

export const getUserRoute = apiRoute({
  method: "get",
  path: "/v1/users/{userId}",
  operationId: "getUser",
  summary: "One user",
  tags,
  permission: "users.read",
  request: { params },
  responses: { 200: taggedJson(user, "The user.") },
  problems: ["not-found"],
});

export const createUserRoute = apiRoute({
  method: "post",
  path: "/v1/users",
  operationId: "createUser",
  summary: "Propose a newcomer; a seller's own desk comes in at once",
  tags,
  permission: "users.write",
  stepUp: true,
  request: body(
    z.object({
      email: z.string().max(EMAIL_LENGTH_MAX),
      name: z.string().max(NAME_LENGTH_MAX),
      role,
      sellerId: sellerId.default(null),
      reason,
    }),
  ),
  responses: {
    201: json(userAsked, "Admitted, with an invitation."),
    202: json(userAsked, "Waits for a second person."),
  },
  problems: [...OF_ASKING, "email-invalid", "email-taken", "name-invalid", "seller-unknown"],
});

export const inviteUserRoute = apiRoute({
  method: "post",
  path: "/v1/users/{userId}/invitations",
  operationId: "inviteUser",
  summary: "A new invitation for an admitted user; the one before is void",
  tags,
  permission: "users.write",
  stepUp: true,
  request: { params },
  responses: { 201: json(invitation, "Shown once.") },
  problems: ["not-found", "user-state", "role-not-yours", "role-invalid", "origin-refused"],
});

export const changeUserRoute = apiRoute({
  method: "post",
  path: "/v1/users/{userId}/changes",
  operationId: "changeUser",
  summary: "Ask for another role, for a disabled user back, or for a sign-in begun anew",
  tags,
  permission: "users.write",
  stepUp: true,
  request: {
    params,
    ...body(
      z.object({
        act: z.enum(["admit", "change-role", "enable", "reset-sign-in"]).openapi({
          description:
            "`admit`: ask again for a proposed user whose request was denied or expired.",
        }),
        role: role.optional().openapi({ description: "With `change-role`." }),
        sellerId: sellerId.optional().openapi({ description: "With `change-role`." }),
        reason,
      }),
    ),
  },
  responses: {
    200: json(userAsked, "Done at once."),
    202: json(userAsked, "Waits for a second person."),
  },
  problems: [
    ...OF_ASKING,
    "not-found",
    "user-state",
    "not-yourself",
    "if-match-missing",
    "changed-meanwhile",
    "seller-unknown",
  ],
});

export const disableUserRoute = apiRoute({
  method: "post",
  path: "/v1/users/{userId}/disable",
  operationId: "disableUser",
  summary: "Take a user's access at once",
  tags,
  permission: "users.write",
  stepUp: true,
  request: { params },
  responses: { 200: taggedJson(user, "Disabled; sessions, keys and invitations with them.") },
  problems: [
    "not-found",
    "user-state",
    "not-yourself",
    "last-admin",
    "role-not-yours",
    "role-invalid",
    "origin-refused",
  ],
});
