// What one transaction says when it stands for a whole entry: an entry without details, or one whose details
// cannot be split because their amounts are not said. No text or reference is lost in joining them.

import { referenceOf } from "./fields.ts";
import type { TransactionFacts } from "./transaction.ts";
import type { XmlNode } from "./xml-node.ts";
import { child } from "./xml-node.ts";

/** For an entry without details: the reference that the entry itself has, nothing else. */
export function factsWithoutDetails(node: XmlNode): TransactionFacts {
  return {
    line: node.line,
    endToEndId: null,
    uetr: null,
    instructionId: null,
    transactionId: null,
    servicerReference: referenceOf(child(node, "AcctSvcrRef")),
    clearingReference: null,
    instructedAmount: null,
    exchange: null,
    charges: [],
    payer: null,
    ultimatePayer: null,
    payerAgent: null,
    payee: null,
    purpose: null,
    remittance: [],
    additionalInfo: null,
    returned: null,
  };
}

const REFERENCES = [
  "endToEndId",
  "uetr",
  "instructionId",
  "transactionId",
  "servicerReference",
  "clearingReference",
] as const;
const PARTIES = ["payer", "ultimatePayer", "payee"] as const;

/**
 * Several details as one: a field stays where all agree; references and names that differ are kept among the
 * remittance lines, so that a trace id is still found and a payer is still screened.
 */
export function joinedFacts(details: readonly TransactionFacts[]): TransactionFacts {
  const [first] = details as readonly [TransactionFacts];
  const isAgreed = (key: keyof TransactionFacts): boolean => {
    const text = stable(first[key]);
    return details.every((detail) => stable(detail[key]) === text);
  };
  const agreed = <Key extends keyof TransactionFacts>(key: Key): TransactionFacts[Key] | null =>
    isAgreed(key) ? first[key] : null;
  const differing = [
    ...REFERENCES.filter((key) => !isAgreed(key)).flatMap((key) =>
      details.map((detail) => detail[key]),
    ),
    ...PARTIES.filter((key) => !isAgreed(key)).flatMap((key) =>
      details.flatMap((detail) => [detail[key]?.name ?? null, detail[key]?.account ?? null]),
    ),
  ].filter((text) => text !== null);
  return {
    line: first.line,
    endToEndId: agreed("endToEndId"),
    uetr: agreed("uetr"),
    instructionId: agreed("instructionId"),
    transactionId: agreed("transactionId"),
    servicerReference: agreed("servicerReference"),
    clearingReference: agreed("clearingReference"),
    instructedAmount: null,
    exchange: agreed("exchange"),
    charges: details.flatMap((detail) => detail.charges),
    payer: agreed("payer"),
    ultimatePayer: agreed("ultimatePayer"),
    payerAgent: agreed("payerAgent"),
    payee: agreed("payee"),
    purpose: agreed("purpose"),
    remittance: distinct([...details.flatMap((detail) => detail.remittance), ...differing]),
    additionalInfo: joinedText(details.map((detail) => detail.additionalInfo)),
    returned: agreed("returned"),
  };
}

function joinedText(texts: readonly (string | null)[]): string | null {
  const known = distinct(texts.filter((text) => text !== null));
  return known.length > 0 ? known.join(" ") : null;
}

function distinct(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)];
}

/** Equal text for equal values; money holds bigints, which JSON cannot write. */
function stable(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === "bigint" ? part.toString() : part,
  );
}
