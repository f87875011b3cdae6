// The marketplace's limits say "later", and how much later: not a failure, so whoever runs the work goes on then.

import { Outage } from "../../../errors/outage.ts";
import type { Instant } from "../../../time/instant.ts";

export class Throttled extends Outage {
  /** When a call may be made again. */
  readonly freeAt: Instant;

  constructor(operation: string, freeAt: Instant) {
    super("amazon", `${operation} may be called again at ${freeAt}`, { retryable: true });
    this.name = "Throttled";
    this.freeAt = freeAt;
  }
}
