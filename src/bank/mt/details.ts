// What field 86 may tell about an entry, whatever way the bank writes it.

import type { Money } from "../../money/money.ts";
import type { Charge, Exchange, Party } from "../message.ts";

export type EntryDetails = {
  readonly endToEndId: string | null;
  readonly instructionId: string | null;
  readonly uetr: string | null;
  readonly purpose: string | null;
  /** The other side: payer of a credit, payee of a debit. */
  readonly counterparty: Party | null;
  /** Who the other side acts for. */
  readonly ultimateName: string | null;
  /** Code of a returned payment ("AC04", "MD06"). */
  readonly returnCode: string | null;
  /** What was instructed before charges and exchange (/OCMT/). */
  readonly instructedAmount: Money | null;
  readonly charges: readonly Charge[];
  readonly exchange: Exchange | null;
  readonly remittance: readonly string[];
};

export const NO_DETAILS: EntryDetails = {
  endToEndId: null,
  instructionId: null,
  uetr: null,
  purpose: null,
  counterparty: null,
  ultimateName: null,
  returnCode: null,
  instructedAmount: null,
  charges: [],
  exchange: null,
  remittance: [],
};
