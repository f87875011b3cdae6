// A way by which the sandbox bank's messages reach the channel. Each is the real transport's other side: what goes wrong
// between the two goes wrong as it would with a bank.

import type { BankMessageOut } from "../state.ts";

/** One way by which the bank's messages reach the channel; throws where it cannot now: it is tried again. */
export type Delivery = {
  /** Names the way in the saved state. */
  readonly name: string;
  readonly takes: (message: BankMessageOut) => boolean;
  readonly put: (message: BankMessageOut) => Promise<void>;
};

/** What every way is given: its name, and which messages go by it. */
export type DeliveryRoute = Pick<Delivery, "name" | "takes">;
