// What stands before every operation: the access token, the usage plan, and the faults that a control has ordered.

import type { Instant } from "../../time/instant.ts";
import type { Reply } from "./answers.ts";
import { error } from "./answers.ts";
import type { Call, Operation } from "./calls.ts";
import { checkAccessToken } from "./consents.ts";
import type { FaultState, MarketplaceState } from "./state.ts";
import { takeCall } from "./throttle.ts";

const DENIED = "Access to requested resource is denied.";

export type Incoming = Omit<Call, "state" | "seller" | "stores" | "now" | "isEmptyPage"> & {
  readonly accessToken: string | null;
};

/** The answer to a call, with what Amazon's gateway adds. */
export function answerCall(
  state: MarketplaceState,
  operation: Operation,
  incoming: Incoming,
  now: Instant,
): Reply {
  const { accessToken, ...parts } = incoming;
  if (accessToken === null || accessToken === "") {
    return error(403, "Unauthorized", DENIED, "Access token is missing in the request header.");
  }
  const access = checkAccessToken(state, accessToken, now);
  if (!access.ok) {
    const details =
      access.why === "expired"
        ? "The access token you provided has expired."
        : "The access token you provided is revoked, malformed or invalid.";
    return error(403, "Unauthorized", DENIED, details);
  }
  const { sellerId, clientId } = access.consent;
  const seller = state.sellers.find((one) => one.sellerId === sellerId);
  if (seller === undefined) return error(403, "Unauthorized", DENIED);
  const { rate, burst, name } = operation;
  const limit = { "x-amzn-RateLimit-Limit": String(rate) };
  const fault = takeFault(state, name);
  const isWithin =
    state.throttling === "off" ||
    takeCall(state, `${sellerId} ${clientId} ${name}`, { rate, burst }, now);
  if (!isWithin || fault === "throttled") return { ...quotaExceeded(), headers: limit };
  if (fault === "unavailable") {
    return error(
      503,
      "ServiceUnavailable",
      "Service is temporarily unavailable. Please try again.",
    );
  }
  if (fault === "internal") return internalFailure();
  const stores = state.stores.filter((store) => store.sellerId === sellerId);
  const isEmptyPage = fault === "empty-page";
  const reply = operation.answer({ state, seller, stores, now, isEmptyPage, ...parts });
  // What was done is done: only the caller does not hear of it.
  if (fault === "lost-answer") return internalFailure();
  return { ...reply, headers: { ...limit, ...reply.headers } };
}

function quotaExceeded(): Reply {
  return error(429, "QuotaExceeded", "You exceeded your quota for the requested resource.");
}

function internalFailure(): Reply {
  return error(500, "InternalFailure", "We encountered an internal error. Please try again.");
}

function takeFault(state: MarketplaceState, operation: string): FaultState["kind"] | null {
  const fault = state.faults.find((one) => one.operation === operation && one.times > 0);
  if (fault === undefined) return null;
  fault.times -= 1;
  if (fault.times === 0) state.faults.splice(state.faults.indexOf(fault), 1);
  return fault.kind;
}
