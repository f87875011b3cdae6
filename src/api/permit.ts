// The gate of a route: nobody passes who is not signed in, or whose role and key do not permit it.

import type { MiddlewareHandler } from "hono";
import { callerMay, hasSteppedUp } from "../identity/caller.ts";
import type { Permission } from "../identity/roles.ts";
import { problem } from "./problems.ts";
import type { ApiEnv } from "./register.ts";

export function permit(permission: Permission): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    const caller = c.get("caller");
    if (caller === undefined) {
      throw problem("not-signed-in", { headers: { "WWW-Authenticate": "Bearer" } });
    }
    if (!callerMay(caller, permission)) {
      throw problem("not-permitted", { detail: `This needs the permission ${permission}.` });
    }
    await next();
  };
}

/** For sensitive acts: the caller is a person who showed a second factor in the last minutes. */
export function stepUp(): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    if (!hasSteppedUp(c.get("caller"), c.get("deps").clock.now())) throw problem("step-up-needed");
    await next();
  };
}
