// What an operation of the marketplace is handed and what it is: the seller whose consent the call carries, the
// parameters, the time. Operations are plain functions of these; the gate before them is gate.ts.

import type { Instant } from "../../time/instant.ts";
import { parseCivilDate, parseInstant } from "../../time/instant.ts";
import type { Reply } from "./answers.ts";
import type { MarketplaceState, SellerState, StoreState } from "./state.ts";

export type Call = {
  readonly state: MarketplaceState;
  readonly seller: SellerState;
  /** The seller's. */
  readonly stores: readonly StoreState[];
  readonly now: Instant;
  readonly query: URLSearchParams;
  readonly path: Readonly<Record<string, string>>;
  /** The parsed JSON body; null when there is none. */
  readonly body: unknown;
  /** "http://127.0.0.1:8080": where the caller reached the sandbox, and so where its documents are. */
  readonly origin: string;
  /** This answer is to be a page without items. */
  readonly isEmptyPage: boolean;
};

export type Operation = {
  readonly name: string;
  readonly method: "GET" | "POST";
  /** With ":name" for what varies. */
  readonly path: string;
  readonly rate: number;
  readonly burst: number;
  readonly answer: (call: Call) => Reply;
};

/** A comma list ("US,CA"); null when the parameter is absent. */
export function listOf(query: URLSearchParams, name: string): readonly string[] | null {
  const values = query.getAll(name).flatMap((text) => text.split(","));
  const given = values.map((text) => text.trim()).filter((text) => text !== "");
  return given.length === 0 ? null : given;
}

/** An instant or a date (its first moment, UTC); undefined when it is neither, null when it is absent. */
export function instantOf(query: URLSearchParams, name: string): Instant | null | undefined {
  const text = query.get(name);
  if (text === null || text === "") return null;
  const date = parseCivilDate(text);
  return (date === null ? parseInstant(text) : parseInstant(`${date}T00:00:00Z`)) ?? undefined;
}

/** The arguments of a call as one text, without its page token and in one order. */
export function argumentsOf(query: URLSearchParams, tokenName: string): string {
  return JSON.stringify(
    [...query].filter(([name]) => name !== tokenName).sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}
