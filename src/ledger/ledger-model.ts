// A ledger as one would write it on a sheet of paper: lists, sums over all of them, a copy before every posting. It
// shares no code with the real one, which must answer alike. Used by tests only; the program never imports it.

import type { AccountLimit, Leg, Posting, PostingRefusalCode } from "./posting.ts";

export type ModelAccount = { id: string; currency: string; limit: AccountLimit };

/** Version, debits and credits posted, debits and credits pending. */
export type ModelBalances = [bigint, bigint, bigint, bigint, bigint];

export type ModelAnswer =
  | { outcome: "posted" | "exists"; balances: Record<string, ModelBalances> }
  | { outcome: PostingRefusalCode; leg: number | null };

type Line = {
  postingId: string;
  leg: number;
  kind: Leg["kind"];
  of: Line | null;
  debit: string;
  credit: string;
  currency: string;
  minor: bigint;
};

const MOST = 2n ** 63n - 1n;

export class LedgerModel {
  lines: Line[] = [];
  readonly #accounts: readonly ModelAccount[];
  readonly #answers = new Map<string, { body: string; answer: ModelAnswer }>();

  constructor(accounts: readonly ModelAccount[]) {
    this.#accounts = accounts;
  }

  post(posting: Posting): ModelAnswer {
    const body = JSON.stringify({ ...posting, id: "" }, (_key, value: unknown) =>
      typeof value === "bigint" ? `${value}` : value,
    );
    const known = this.#answers.get(posting.id);
    if (known !== undefined)
      return known.body === body
        ? ({ ...known.answer, outcome: "exists" } as ModelAnswer)
        : { outcome: "id-reused-with-another-body", leg: null };
    const before = [...this.lines];
    for (const [index, leg] of posting.legs.entries()) {
      const refusal = this.#add(posting.id, index, leg);
      if (refusal === null) continue;
      this.lines = before;
      return { outcome: refusal, leg: index };
    }
    const touched = this.lines.slice(before.length).flatMap((line) => [line.debit, line.credit]);
    const answer: ModelAnswer = {
      outcome: "posted",
      balances: Object.fromEntries(touched.map((id) => [id, this.balances(id)])),
    };
    this.#answers.set(posting.id, { body, answer });
    return answer;
  }

  balances(id: string): ModelBalances {
    const sums: ModelBalances = [0n, 0n, 0n, 0n, 0n];
    for (const line of this.lines) {
      for (const side of [0, 1] as const) {
        if ((side === 0 ? line.debit : line.credit) !== id) continue;
        sums[0] += 1n;
        if (line.kind !== "pending" && line.kind !== "void") sums[side === 0 ? 1 : 2] += line.minor;
        if (line.kind === "pending") sums[side === 0 ? 3 : 4] += line.minor;
        if (line.kind === "commit" || line.kind === "void") sums[side === 0 ? 3 : 4] -= line.minor;
      }
    }
    return sums;
  }

  #add(postingId: string, leg: number, asked: Leg): PostingRefusalCode | null {
    const { currency, minor } = asked.amount;
    let [debit, credit, of] = ["", "", null as Line | null];
    if ("of" in asked) {
      const wanted = asked.of;
      of = this.lines.find((l) => l.postingId === wanted.postingId && l.leg === wanted.leg) ?? null;
      if (of === null) return "transfer-not-found";
      if (asked.kind === "reverse" && of.kind !== "post" && of.kind !== "commit")
        return "transfer-not-posted";
      if (asked.kind !== "reverse" && of.kind !== "pending") return "transfer-not-pending";
      if (of.currency !== currency) return "account-currency-differs";
      let left = of.minor;
      for (const line of this.lines) if (line.of === of) left -= line.minor;
      if (minor > left) return "exceeds-remainder";
      [debit, credit] = asked.kind === "reverse" ? [of.credit, of.debit] : [of.debit, of.credit];
    } else [debit, credit] = [asked.debit, asked.credit];
    const found = [debit, credit].map((id) => this.#accounts.find((a) => a.id === id));
    const line = { postingId, leg, kind: asked.kind, of, debit, credit, currency, minor };
    // The debit side is judged first, as if the credit side were not there yet; it cannot see the difference.
    this.lines.push(line);
    for (const account of found) {
      if (account === undefined) return "account-not-found";
      if (account.currency !== currency) return "account-currency-differs";
      const [, debits, credits, heldDebits, heldCredits] = this.balances(account.id);
      if (debits + heldDebits > MOST || credits + heldCredits > MOST) return "amount-too-large";
      if (account.limit === "debits-within-credits" && debits + heldDebits > credits)
        return "limit-exceeded";
      if (account.limit === "credits-within-debits" && credits + heldCredits > debits)
        return "limit-exceeded";
    }
    return null;
  }
}
