// Amazon's own static sandbox: each request that matches the parameters of a published pair gets that pair's answer,
// word for word. The pairs are not part of this program; they are read from a folder of extracts of Amazon's models
// (one JSON list a file). It keeps no state and asks for no consent beyond a token being there, as Amazon's does.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Reply } from "./answers.ts";
import { error } from "./answers.ts";

/** Requests to this host, or under this path, are for the static sandbox. */
export const STATIC_HOST_PREFIX = "sandbox.";
export const STATIC_PATH_PREFIX = "/static-sandbox";

export type StaticPair = {
  readonly operationId: string;
  readonly method: string;
  /** "/reports/2021-06-30/reports/{reportId}". */
  readonly path: string;
  readonly status: number;
  readonly request: {
    readonly parameters: Readonly<Record<string, { readonly value: unknown } | undefined>>;
  };
  readonly response: unknown;
};

/** Every pair of the "*.sandbox.json" files of a folder, in the order of their names. */
export function readStaticPairs(folder: string): readonly StaticPair[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(".sandbox.json"))
    .sort()
    .flatMap((name) => JSON.parse(readFileSync(join(folder, name), "utf8")) as StaticPair[]);
}

export type StaticRequest = {
  readonly method: string;
  /** Without the prefix. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: unknown;
  readonly hasToken: boolean;
};

/** The answer of the pair that asks for most of what was given. */
export function answerStatic(
  pairs: readonly StaticPair[],
  request: StaticRequest,
): Reply & { readonly isEmpty: boolean } {
  if (!request.hasToken) {
    const denied = "Access to requested resource is denied.";
    return { ...error(403, "Unauthorized", denied), isEmpty: false };
  }
  const ofOperation = pairs.flatMap((pair) => {
    const inPath = pair.method === request.method ? pathValues(pair.path, request.path) : null;
    return inPath === null ? [] : [{ pair, inPath }];
  });
  const matching = ofOperation
    .filter(({ pair, inPath }) => isMatch(pair, request, inPath))
    .sort((a, b) => wanted(b.pair).length - wanted(a.pair).length);
  const chosen = matching[0]?.pair;
  if (chosen === undefined) {
    const known = ofOperation.length > 0;
    const reply = known
      ? error(400, "InvalidInput", "Could not match input arguments")
      : error(404, "NotFound", "The static sandbox has no such operation");
    return { ...reply, isEmpty: false };
  }
  return {
    status: chosen.status,
    body: chosen.response as Reply["body"],
    isEmpty: chosen.response === null,
  };
}

function wanted(pair: StaticPair): readonly (readonly [string, unknown])[] {
  return Object.entries(pair.request.parameters).map(([name, given]) => [name, given?.value]);
}

function isMatch(
  pair: StaticPair,
  { query, body }: StaticRequest,
  inPath: ReadonlyMap<string, string>,
): boolean {
  return wanted(pair).every(([name, value]) => {
    if (name === "body") return isWithin(value, body);
    const given = inPath.get(name) ?? query.getAll(name).join(",");
    return given === (Array.isArray(value) ? value.join(",") : String(value));
  });
}

/** Every field that the pair names is there with that value; more may be there. */
function isWithin(pattern: unknown, given: unknown): boolean {
  if (typeof pattern !== "object" || pattern === null) return pattern === given;
  if (typeof given !== "object" || given === null) return false;
  return Object.entries(pattern).every(([key, inner]) =>
    isWithin(inner, (given as Readonly<Record<string, unknown>>)[key]),
  );
}

/** What stands in the places of "{name}"; null when the path is another one. */
function pathValues(template: string, path: string): ReadonlyMap<string, string> | null {
  const [wantedParts, parts] = [template.split("/"), path.split("/")];
  if (wantedParts.length !== parts.length) return null;
  const values = new Map<string, string>();
  for (const [index, part] of wantedParts.entries()) {
    const given = parts[index] ?? "";
    const name = /^\{(.+)\}$/.exec(part)?.[1];
    if (name !== undefined && given !== "") values.set(name, decodeURIComponent(given));
    else if (part !== given) return null;
  }
  return values;
}
