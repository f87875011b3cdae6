// The gate of a route: nobody passes who is not signed in, or whose role and key do not permit it.

import type { Context, MiddlewareHandler } from "hono";
import { routePath } from "hono/route";
import { recordActs } from "../identity/audit.ts";
import { type Caller, callerMay, hasSteppedUp } from "../identity/caller.ts";
import type { Permission } from "../identity/roles.ts";
import { problem } from "./problems.ts";
import type { ApiEnv } from "./register.ts";
import { clientOf } from "./session-cookie.ts";

/** For what everybody may do who is known, as with their own account. */
export function signedIn(): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    knownCaller(c);
    await next();
  };
}

function knownCaller(c: Context<ApiEnv>): Caller {
  // Nobody is known on a request without a session or key, whatever the type says.
  const caller = c.get("caller") as Caller | undefined;
  if (caller === undefined) {
    throw problem("not-signed-in", { headers: { "WWW-Authenticate": "Bearer" } });
  }
  return caller;
}

export function permit(permission: Permission): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    const caller = knownCaller(c);
    if (!callerMay(caller, permission)) {
      await noteRefusedAct(c, caller, { permission });
      throw problem("not-permitted", { detail: `This needs the permission ${permission}.` });
    }
    await next();
  };
}

/** An act that somebody known was not permitted is on record too; a read that was refused is in the log only. */
async function noteRefusedAct(
  c: Context<ApiEnv>,
  caller: Caller,
  data: { readonly permission: Permission },
): Promise<void> {
  if (c.req.method === "GET" || c.req.method === "HEAD") return;
  const { access } = c.get("deps");
  const act = {
    subject: caller.id,
    kind: "act-refused",
    at: access.clock.now(),
    actor: caller.id,
    client: clientOf(c),
    data: { ...data, method: c.req.method, route: routePath(c, -1) },
  } as const;
  await access.database.transaction((tx) => recordActs(tx, access.tenantId, [act]));
}

/** For sensitive acts: the caller is a person who showed a second factor in the last minutes. */
export function stepUp(): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    if (!hasSteppedUp(c.get("caller"), c.get("deps").access.clock.now()))
      throw problem("step-up-needed");
    await next();
  };
}
