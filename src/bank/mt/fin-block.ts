// One FIN block "{n:content}" and the fields inside block 3 and 5 ("{108:…}", "{PDE:…}"), and what
// the basic and application headers say about type and sender. Source: SWIFT FIN message structure,
// blocks 1 to 5 and S.

export type FinBlock = {
  /** "1" to "5", or a letter ("S": trailer of the interface). */
  readonly id: string;
  readonly content: string;
  /** Characters of the block in the text, braces included. */
  readonly length: number;
};

/** The block that starts at the beginning of the text, or null when it does not close there. */
export function finBlockAt(text: string): FinBlock | null {
  const head = /^\{([0-9A-Z]):/.exec(text);
  if (head === null) return null;
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === "{") depth += 1;
    if (text[at] === "}") depth -= 1;
    if (depth === 0)
      return { id: head[1]!, content: text.slice(head[0].length, at), length: at + 1 };
  }
  return null;
}

/**
 * Fields of block 3, 5 or an acknowledgement: "{108:REF}{121:…}" → 108, 121. The first of a name
 * wins.
 */
export function finFields(content: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (const [, name = "", value = ""] of content.matchAll(/\{([0-9A-Z]{3}):([^{}]*)\}/g))
    if (!fields.has(name)) fields.set(name, value);
  return fields;
}

/** Message type by the application header, "I103BANKUS33XXXXN" or "O9401530…": "103", "940". */
export function messageTypeOfBlock2(applicationHeader: string): string | null {
  return /^[IO](\d{3})/.exec(applicationHeader)?.[1] ?? null;
}

/**
 * BIC of the sender: in an output message ("O", as received) the logical terminal in block 2's
 * input reference, else ("I", as sent) the one in block 1. Null when it is filled with zeros or not
 * a BIC.
 */
export function senderBicOf(basicHeader: string, applicationHeader: string): string | null {
  if (applicationHeader.startsWith("I")) return bicOfTerminal(basicHeader.slice(3, 15));
  // O, type 3, time 4, date 6, terminal 12, numbers 10, date 6, time 4, priority 1
  const output = /^O\d{3}\d{4}\d{6}([A-Z0-9]{12})\d{10}\d{6}\d{4}/.exec(applicationHeader);
  return output === null ? null : bicOfTerminal(output[1]!);
}

/**
 * "AAAAUS33AXXX" (BIC 8, terminal letter, branch 3) → "AAAAUS33"; a branch other than XXX is kept.
 */
function bicOfTerminal(terminal: string): string | null {
  const branch = terminal.slice(9);
  return bicOf(terminal.slice(0, 8) + (branch === "XXX" ? "" : branch));
}

/** The text as a BIC in upper case (ISO 9362: 8 or 11 characters), or null. */
export function bicOf(text: string): string | null {
  const bic = text.trim().toUpperCase();
  return /^[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?$/.test(bic) ? bic : null;
}
