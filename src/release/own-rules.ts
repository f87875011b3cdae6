// The channel's own rules about a payout as a whole, in order of precedence: what it is, whose it is, what proves it. Each
// looks at the facts and says nothing, or what is wrong.

import type { Currency } from "../money/currency.ts";
import { formatMinor } from "../money/money.ts";
import { isKnownPayer, type Policy } from "../policy/policy.ts";
import type { Complaint, ReleaseFacts, ReleaseMatch } from "./decide-release.ts";
import { netPaidMinor } from "./net-paid.ts";

type Rule = (facts: ReleaseFacts, policy: Policy) => Complaint | null;

export const OWN_RULES: readonly Rule[] = [
  accountOfSeller,
  accountTail,
  payerNamed,
  payerKnown,
  notFailed,
  statementsPresent,
  statementsProven,
  statementsAgree,
  amountExplained,
  notOverpaid,
  hasReference,
];

function active(facts: ReleaseFacts): readonly ReleaseMatch[] {
  return facts.matches.filter((match) => match.amountMinor > match.undoneMinor);
}

/** The money must stand on an account of the seller whose store earned it. */
function accountOfSeller(facts: ReleaseFacts): Complaint | null {
  const wrong = active(facts).find((match) => match.accountSellerId !== facts.sellerId);
  return wrong === undefined
    ? null
    : {
        code: "account-of-another-seller",
        message: `The money came to account …${wrong.accountNumber.slice(-4)}, which is not bound to the payout's seller.`,
        papers: ["account confirmation by the bank"],
        owner: "operator",
      };
}

function accountTail(facts: ReleaseFacts): Complaint | null {
  const { accountTail: tail } = facts;
  if (tail === null) return null;
  const wrong = active(facts).find((match) => !match.accountNumber.endsWith(tail));
  return wrong === undefined
    ? null
    : {
        code: "account-tail-differs",
        message: `The marketplace paid to an account ending in ${tail}, but the money came to …${wrong.accountNumber.slice(-4)}.`,
        papers: ["deposit method shown by the marketplace"],
        owner: "seller",
        causes: (match) => (match.accountNumber.endsWith(tail) ? [] : [tail]),
      };
}

function payerNamed(facts: ReleaseFacts): Complaint | null {
  return active(facts).some((match) => match.payerName === null && match.ultimatePayerName === null)
    ? {
        code: "payer-not-named",
        message: "The bank's message does not name who paid, so the payer cannot be checked.",
        papers: ["payment message that names the payer (MT103 or pacs.008)"],
        owner: "bank",
      }
    : null;
}

/** Third-party money must not pass as the marketplace's. */
function payerKnown(facts: ReleaseFacts, policy: Policy): Complaint | null {
  const unknownNames = (match: ReleaseMatch) => {
    const names = [match.payerName, match.ultimatePayerName].filter((name) => name !== null);
    return names.some((name) => isKnownPayer(policy, facts.marketplace, name)) ? [] : names;
  };
  const unknown = active(facts).find((match) => unknownNames(match).length > 0);
  return unknown === undefined
    ? null
    : {
        code: "payer-not-known",
        message: `"${unknown.payerName ?? unknown.ultimatePayerName}" is not on the list of names under which ${facts.marketplace} pays.`,
        papers: ["proof that the payer pays for the marketplace"],
        owner: "operator",
        causes: unknownNames,
      };
}

function notFailed(facts: ReleaseFacts): Complaint | null {
  return facts.announcedStatus === "failed" || facts.announcedStatus === "cancelled"
    ? {
        code: "payout-failed",
        message: `The marketplace says this payout ${facts.announcedStatus === "failed" ? "failed" : "was cancelled"}, yet money came under its reference.`,
        papers: ["payout status from the marketplace"],
        owner: "marketplace",
        causes: () => [facts.announcedStatus],
      }
    : null;
}

function statementsPresent(facts: ReleaseFacts, policy: Policy): Complaint | null {
  if (!policy.requireProvenStatement) return null;
  if (facts.statements.length > 0 && facts.missingSettlementIds.length === 0) return null;
  const names = facts.missingSettlementIds.join(", ");
  return {
    code: "statement-missing",
    message:
      names === ""
        ? "No settlement statement behind this payout is on record."
        : `The settlement statement ${names} behind this payout is not on record.`,
    papers: [names === "" ? "settlement report of the period" : `settlement report ${names}`],
    owner: "seller",
    causes: () => facts.missingSettlementIds,
  };
}

function statementsProven(facts: ReleaseFacts, policy: Policy): Complaint | null {
  if (!policy.requireProvenStatement) return null;
  const unproven = facts.statements.filter((statement) => statement.verdict !== "proven");
  const [doubtful] = unproven;
  return doubtful === undefined
    ? null
    : {
        code: "statement-quarantined",
        message: `Settlement ${doubtful.settlementId} is not proven: ${doubtful.reasons[0]?.message ?? "its lines do not sum to its total."}`,
        papers: [`settlement report ${doubtful.settlementId}, downloaded again`],
        owner: "marketplace",
        causes: () => unproven.map((statement) => statement.settlementId),
      };
}

/** The payout must be what its statements say is owed, in the currency in which the store settles. */
function statementsAgree(facts: ReleaseFacts, policy: Policy): Complaint | null {
  if (!policy.requireProvenStatement || facts.statements.length === 0) return null;
  const currency = facts.originalCurrency ?? facts.currency;
  const owed = facts.originalMinor ?? facts.amountMinor;
  const total = facts.statements.reduce((sum, statement) => sum + statement.totalMinor, 0n);
  const agrees =
    total === owed && facts.statements.every((statement) => statement.currency === currency);
  return agrees || facts.missingSettlementIds.length > 0
    ? null
    : {
        code: "statements-differ",
        message: `The payout is ${currency} ${formatMinor(owed, currency as Currency)}, its statements sum to ${formatMinor(total, currency as Currency)}.`,
        papers: ["settlement reports of all periods that the payout covers"],
        owner: "marketplace",
        causes: () => facts.statements.map((statement) => statement.settlementId),
      };
}

/**
 * What arrived, with the charges that messages document, must be the payout to the cent. What the bank took back of
 * it is documented too: the rest is the seller's, whether that came before the payout was known or after. Once more
 * came than the payout, it was paid again, and only what is left counts.
 */
function amountExplained(facts: ReleaseFacts): Complaint | null {
  const arrived = facts.matches.reduce(
    (sum, match) => sum + match.paidMinor + match.undoneBeforeMinor,
    facts.returnedBeforeMinor,
  );
  const paid = arrived <= facts.amountMinor ? arrived : netPaidMinor(facts);
  if (paid >= facts.amountMinor) return null;
  const missing = formatMinor(facts.amountMinor - paid, facts.currency);
  return {
    code: "amount-short",
    message: `${facts.currency} ${missing} of ${formatMinor(facts.amountMinor, facts.currency)} has not arrived, and no message documents a charge for it.`,
    papers: ["charge advice of the banks on the way"],
    owner: "bank",
  };
}

/** A re-issued statement or a changed announcement may owe less than what was matched while it owed more. */
function notOverpaid(facts: ReleaseFacts): Complaint | null {
  const paid = facts.matches.reduce(
    (sum, match) => sum + match.paidMinor - match.undonePaidMinor,
    0n,
  );
  if (paid <= facts.amountMinor) return null;
  const over = formatMinor(paid - facts.amountMinor, facts.currency);
  return {
    code: "amount-over",
    message: `${facts.currency} ${over} more has arrived than the payout of ${formatMinor(facts.amountMinor, facts.currency)} owes now.`,
    papers: ["payout details from the marketplace that explain the difference"],
    owner: "operator",
  };
}

function hasReference(facts: ReleaseFacts, policy: Policy): Complaint | null {
  if (policy.releaseWithoutReference) return null;
  return active(facts).some((match) => match.layer !== "reference")
    ? {
        code: "matched-without-reference",
        message:
          "The money fits by amount, date and payer, but the bank gives no reference of the payout.",
        papers: ["payment details with the marketplace's reference"],
        owner: "operator",
      }
    : null;
}
