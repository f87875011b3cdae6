// What list operations share: the stores that their filters name, one page of what was found, and the two fields by
// which Amazon says whose something is and which settlement it belongs to.

import type { Answer, Reply } from "./answers.ts";
import { invalidInput } from "./answers.ts";
import type { Call } from "./calls.ts";
import { argumentsOf, listOf } from "./calls.ts";
import { marketplaceOf } from "./marketplaces.ts";
import { emptyPage, pageOf, readToken } from "./pages.ts";
import type { StoreState } from "./state.ts";

const PAGE_SIZE = 10;

/** The seller's stores that the filters name; null when a filter names no marketplace. */
export function storesAsked({ stores, query }: Call): readonly StoreState[] | null {
  const ids = listOf(query, "marketplaceIds");
  if (ids?.some((id) => marketplaceOf(id)?.id !== id)) return null;
  const accountType = query.get("accountType");
  return stores
    .filter(({ marketplaceId }) => ids?.includes(marketplaceId) ?? true)
    .filter((store) => accountType === null || isSameWord(store.accountType, accountType));
}

/** Amazon writes "Standard Orders" and "STANDARD_ORDERS". */
export function isSameWord(left: string, right: string): boolean {
  return plainWord(left) === plainWord(right);
}

function plainWord(word: string): string {
  return word.toLowerCase().replace(/[^a-z]/g, "");
}

export function partnerOf(store: StoreState): Answer {
  return {
    partnerId: store.sellerId,
    accountType: store.accountType.toUpperCase().replace(" ", "_"),
    marketplaceId: store.marketplaceId,
  };
}

export function settlementIdentifier(settlementId: string): Answer {
  return { relatedIdentifierName: "SETTLEMENT_ID", relatedIdentifierValue: settlementId };
}

/** One page of what was found, for operations that want the same arguments with each token. */
export function paged<Item>(
  { state, query, isEmptyPage }: Call,
  operation: string,
  found: readonly Item[],
  keyOf: (item: Item) => string,
  answer: (items: readonly Item[], nextToken: string | undefined) => Reply,
  { tokenName = "nextToken", size = PAGE_SIZE }: { tokenName?: string; size?: number } = {},
): Reply {
  const given = query.get(tokenName);
  const asked = argumentsOf(query, tokenName);
  const read = given === null ? null : readToken(state.seed, given);
  if (given !== null && (read?.operation !== operation || read.arguments !== asked)) {
    return invalidInput(`Invalid ${tokenName}`);
  }
  const token = read ?? { operation, arguments: asked, after: "", turn: 0 };
  const page = isEmptyPage
    ? emptyPage<Item>(state.seed, token)
    : pageOf(state.seed, found, keyOf, { token, size: state.pageSizes[operation] ?? size });
  return answer(page.items, page.nextToken ?? undefined);
}
