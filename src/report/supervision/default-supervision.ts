// The supervision reports as they are when no settings say otherwise.

import { DEFAULT_FOREIGN_VIEW } from "./foreign-view.ts";
import type { SupervisionDeps } from "./supervision.ts";
import { usdOnly } from "./usd.ts";
import { DEFAULT_WATCH } from "./watch.ts";

export const DEFAULT_SUPERVISION: Pick<SupervisionDeps, "watch" | "foreign" | "loadUsd"> = {
  watch: DEFAULT_WATCH,
  foreign: DEFAULT_FOREIGN_VIEW,
  loadUsd: async () => usdOnly,
};
