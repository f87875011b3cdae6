// The pages of one list: the same question with the token of the last answer, until there is none. Empty pages are not
// the end of a list; a token that comes back unchanged is a fault.

import { Outage } from "../../../errors/outage.ts";
import { isObject, type JsonObject, type JsonValue, textOf } from "../json-decimal.ts";
import type { AmazonStore } from "./amazon-store.ts";
import type { Call } from "./client.ts";

/** Pages of one list at most: 500 items each at the most. */
export const PAGES_MAX = 400;

export type Page = {
  /** The answer as it came. */
  readonly bytes: Buffer;
  /** The object that holds the list, out of `payload` where it is wrapped. */
  readonly body: JsonObject;
};

export type PageTokens = {
  /** How the parameter and the field are spelled: "nextToken", or "NextToken" in the old Finances API. */
  readonly name: "nextToken" | "NextToken";
  /** True where the token must stand alone (getReports); else it repeats all parameters. */
  readonly alone: boolean;
};

export async function* pagesOf(
  store: AmazonStore,
  call: Call,
  tokens: PageTokens,
): AsyncGenerator<Page> {
  let token: string | null = null;
  for (let count = 1; count <= PAGES_MAX; count += 1) {
    const query: Call["query"] =
      token === null
        ? (call.query ?? {})
        : { ...(tokens.alone ? {} : call.query), [tokens.name]: token };
    const { bytes, json } = await store.ask({ ...call, query });
    const body = bodyOf(json);
    yield { bytes, body };
    const next = textOf(body, tokens.name);
    if (next === null || next === "") return;
    if (next === token) throw fault(call, "gives the same page again");
    token = next;
  }
  throw fault(call, `has more than ${PAGES_MAX} pages`);
}

function fault(call: Call, what: string): Outage {
  return new Outage("amazon", `${call.operation} ${what}`, { retryable: true });
}

function bodyOf(json: JsonValue): JsonObject {
  const outer: JsonObject = isObject(json) ? json : new Map();
  const payload = outer.get("payload");
  return isObject(payload) ? payload : outer;
}
