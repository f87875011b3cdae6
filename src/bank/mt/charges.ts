// Charges of MT103: 71F what each bank on the way took, 71G what the sender pays to the receiver's
// bank on top. Rule: 32A = 33B + 71G − sum of 71F, where all are in one currency (SWIFT user
// handbook, MT103 usage rules).

import type { Money } from "../../money/money.ts";
import { displayMoney } from "../../money/money.ts";
import type { Charge } from "../message.ts";
import { singleLine } from "./fields.ts";
import type { Findings } from "./findings.ts";
import { addNote, addReason, addRefusal } from "./findings.ts";
import type { MtMessage } from "./header.ts";
import { readCurrencyAmount } from "./values.ts";

/**
 * The charges in order; 71F was taken from the money, 71G came on top, and 32A already includes
 * both.
 */
export function chargesOf(
  message: MtMessage,
  bearer: string | null,
  findings: Findings,
): readonly Charge[] {
  const charges: Charge[] = [];
  for (const field of message.fields) {
    if (field.tag !== "71F" && field.tag !== "71G") continue;
    const amount = readCurrencyAmount(singleLine(field) ?? "", field.line);
    if (amount.ok)
      charges.push({
        amount: amount.value,
        direction: field.tag === "71F" ? "debit" : "credit",
        included: true,
        bearer,
        type: field.tag,
        agentBic: null,
      });
    else addRefusal(findings, amount.refusal);
  }
  return charges;
}

/**
 * Adds a reason unless the settled amount follows; silent where two currencies make the sum
 * impossible.
 */
export function proveCharges(
  settled: Money,
  instructed: Money | null,
  charges: readonly Charge[],
  line: number,
  findings: Findings,
): void {
  if (instructed === null) return;
  const amounts = [instructed, ...charges.map((charge) => charge.amount)];
  if (amounts.some(({ currency }) => currency !== settled.currency)) return;
  const expectedMinor = charges.reduce(
    (sum, { amount, direction }) =>
      direction === "debit" ? sum - amount.minor : sum + amount.minor,
    instructed.minor,
  );
  if (expectedMinor === settled.minor) return;
  const expected = displayMoney({ currency: settled.currency, minor: expectedMinor });
  // Banks on the way often deduct without a 71F (3 of 16 public samples): the money is what 32A says, and
  // whether the shortfall is explained is for matching and release to say. More than instructed is a fault.
  if (settled.minor < expectedMinor) {
    addNote(
      findings,
      "mt-note-charges-unstated",
      line,
      `Line ${line}: ${displayMoney({ currency: settled.currency, minor: expectedMinor - settled.minor })} ` +
        `less than instructed was settled, and no 71F says who took it.`,
    );
    return;
  }
  addReason(
    findings,
    "mt-charges-mismatch",
    line,
    `Line ${line}: :33B: ${displayMoney(instructed)} with 71F and 71G makes ${expected}, ` +
      `but :32A: settles ${displayMoney(settled)}.`,
  );
}
