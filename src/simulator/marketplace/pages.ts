// Lists in pages. A token is opaque to who gets it: it names the operation, the arguments it was made for and the
// last item given, so that items that come meanwhile shift nothing. Most operations want the same arguments again.

import { sandboxSignature } from "../seeded-draw.ts";

export type PageToken = {
  readonly operation: string;
  /** The arguments as one text. */
  readonly arguments: string;
  /** Key of the last item given; "" at the beginning. */
  readonly after: string;
  /** Pages given before it: no two tokens of one list are the same, also around a page without items. */
  readonly turn: number;
};

export type Page<Item> = { readonly items: readonly Item[]; readonly nextToken: string | null };

/** The items after the token's, at most `size`, and a token where there are more. */
export function pageOf<Item>(
  seed: number,
  items: readonly Item[],
  keyOf: (item: Item) => string,
  { token, size }: { readonly token: PageToken; readonly size: number },
): Page<Item> {
  const last = token.after === "" ? -1 : items.findIndex((item) => keyOf(item) === token.after);
  const given = items.slice(last + 1, last + 1 + size);
  const end = given.at(-1);
  const hasMore = last + 1 + size < items.length;
  if (!hasMore || end === undefined) return { items: given, nextToken: null };
  const next = { ...token, after: keyOf(end), turn: token.turn + 1 };
  return { items: given, nextToken: writeToken(seed, next) };
}

/** A page without items that goes on where the token stands: "this operation can return empty pages". */
export function emptyPage<Item>(seed: number, token: PageToken): Page<Item> {
  return { items: [], nextToken: writeToken(seed, { ...token, turn: token.turn + 1 }) };
}

export function writeToken(seed: number, token: PageToken): string {
  const text = Buffer.from(
    JSON.stringify([token.operation, token.arguments, token.after, token.turn]),
  );
  const body = text.toString("base64url");
  return `${body}.${sandboxSignature(seed, body).slice(0, 16)}`;
}

/** The token as it was written; null when it was not made here. */
export function readToken(seed: number, text: string): PageToken | null {
  const [body = "", signature] = text.split(".");
  if (signature !== sandboxSignature(seed, body).slice(0, 16)) return null;
  const [operation, given, after, turn] = JSON.parse(Buffer.from(body, "base64url").toString()) as [
    string,
    string,
    string,
    number,
  ];
  return { operation, arguments: given, after, turn };
}
