// Users over HTTP: thin over the use cases. Another seller's user is as none.

import type { Context } from "hono";
import type { Caller } from "../../identity/caller.ts";
import { inviteUser, proposeUser } from "../../identity/users/invite-user.ts";
import { askUserChange, disableUser, isWithin } from "../../identity/users/user-change.ts";
import { listUsers, loadUser, lockUser, type User } from "../../identity/users/users.ts";
import type { Tx } from "../../storage/database.ts";
import {
  changeUserRoute,
  createUserRoute,
  disableUserRoute,
  getUserRoute,
  inviteUserRoute,
  listUsersRoute,
  type UserJson,
} from "../contract/users.ts";
import { checkMatch, etagOf } from "../entity-tag.ts";
import { pageFrom, placeOf } from "../page.ts";
import { problem } from "../problems.ts";
import { valueOf } from "../refused.ts";
import type { ApiEnv, RegisterRoutes } from "../register.ts";
import { sellerScope } from "../seller-scope.ts";
import { clientOf } from "../session-cookie.ts";

const LIST = "users";

export const userRoutes: RegisterRoutes = (app, deps) => {
  const { access } = deps;
  const { clock, tenantId } = access;
  app.openapi(listUsersRoute, async (c) => {
    const { limit, cursor, sellerId } = c.req.valid("query");
    const caller = c.get("caller");
    const after = placeOf(LIST, cursor, ["text"])?.[0] ?? null;
    const filter = { sellerId: sellerScope(caller, sellerId), after, limit: limit + 1 };
    const rows = await deps.read(caller, (tx) => listUsers(tx, tenantId, filter));
    return c.json(
      pageFrom(LIST, rows, limit, (row) => [row.userId], userJson),
      200,
    );
  });
  app.openapi(getUserRoute, async (c) => {
    const { userId } = c.req.valid("param");
    const caller = c.get("caller");
    const user = await deps.read(caller, async (tx) =>
      seen(caller, await loadUser(tx, tenantId, userId)),
    );
    return userAnswer(c, user);
  });
  app.openapi(createUserRoute, async (c) => {
    const { reason, ...newcomer } = c.req.valid("json");
    const outcome = await proposeUser(access, c.get("caller"), newcomer, reason, clientOf(c));
    const { user, approval, invitation } = valueOf(outcome, clock.now());
    c.header("Location", `/v1/users/${user.userId}`);
    const approvalId = approval?.approvalId ?? null;
    return c.json({ user: userJson(user), approvalId, invitation }, approval === null ? 201 : 202);
  });
  app.openapi(inviteUserRoute, async (c) => {
    const { userId } = c.req.valid("param");
    const caller = c.get("caller");
    seen(caller, await loadUser(access.database, tenantId, userId));
    const outcome = await inviteUser(access, caller, userId, clientOf(c));
    return c.json(valueOf(outcome, clock.now()), 201);
  });
};

export const userChangeRoutes: RegisterRoutes = (app, { access }) => {
  const { clock, database, tenantId } = access;
  app.openapi(changeUserRoute, async (c) => {
    const { userId } = c.req.valid("param");
    const { act, reason, ...asked } = c.req.valid("json");
    const caller = c.get("caller");
    const now = access.channelClock.now();
    const { user, approval } = await database.transaction(async (tx) => {
      const before = seen(caller, await lockUser(tx, tenantId, userId));
      checkMatch(c, before.version);
      const after =
        act === "change-role"
          ? { role: asked.role ?? before.role, sellerId: asked.sellerId ?? null }
          : { role: before.role, sellerId: before.sellerId };
      await checkSeller(tx, tenantId, after.sellerId);
      const request = { act, after, reason };
      const outcome = await askUserChange(tx, tenantId, caller, before, request, clientOf(c), now);
      const { approval } = valueOf(outcome, now);
      return { approval, user: (await loadUser(tx, tenantId, userId)) ?? before };
    });
    const approvalId = approval?.approvalId ?? null;
    const answer = { user: userJson(user), approvalId, invitation: null };
    return c.json(answer, approval === null ? 200 : 202);
  });
  app.openapi(disableUserRoute, async (c) => {
    const { userId } = c.req.valid("param");
    const caller = c.get("caller");
    const now = clock.now();
    const user = await database.transaction(async (tx) => {
      const before = seen(caller, await lockUser(tx, tenantId, userId));
      valueOf(await disableUser(tx, tenantId, caller, before, clientOf(c), now), now);
      return (await loadUser(tx, tenantId, userId)) ?? before;
    });
    return userAnswer(c, user);
  });
};

async function checkSeller(tx: Tx, tenantId: string, sellerId: string | null): Promise<void> {
  if (sellerId === null) return;
  const known = `SELECT 1 FROM seller WHERE tenant_id = $1 AND seller_id = $2`;
  if ((await tx.query(known, [tenantId, sellerId])).length === 0) throw problem("seller-unknown");
}

function seen(caller: Caller, user: User | null): User {
  if (user === null || !isWithin(caller, user)) throw problem("not-found");
  return user;
}

function userAnswer(c: Context<ApiEnv>, user: User) {
  c.header("ETag", etagOf(user.version));
  return c.json(userJson(user), 200);
}

function userJson(user: User): UserJson {
  return {
    id: user.userId,
    email: user.email,
    name: user.name,
    role: user.role,
    sellerId: user.sellerId,
    state: user.state,
    madeAt: user.madeAt,
    signedInAt: user.signedInAt,
  };
}
