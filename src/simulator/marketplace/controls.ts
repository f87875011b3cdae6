// What a person, a scenario or a test may do to the sandbox marketplace: everything that buyers, sellers, Amazon and
// its banks would do. Each brings the marketplace up to the present first.

import { consentControls } from "./controls/consent-controls.ts";
import { faultControls } from "./controls/fault-controls.ts";
import { orderControls } from "./controls/order-controls.ts";
import { payoutControls } from "./controls/payout-controls.ts";
import { reportControls } from "./controls/report-controls.ts";
import { storeControls } from "./controls/store-controls.ts";
import type { Upkeep } from "./controls/upkeep.ts";

export type MarketplaceControls = ReturnType<typeof makeControls>;

export function makeControls(upkeep: Upkeep) {
  return {
    ...storeControls(upkeep),
    ...consentControls(upkeep),
    ...orderControls(upkeep),
    ...payoutControls(upkeep),
    ...reportControls(upkeep),
    ...faultControls(upkeep),
  };
}
