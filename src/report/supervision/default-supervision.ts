// The supervision reports as they are when no settings say otherwise.

import { DEFAULT_FOREIGN_VIEW } from "./foreign-view.ts";
import type { SupervisionDeps } from "./supervision.ts";
import { DEFAULT_WATCH } from "./watch.ts";

export const DEFAULT_SUPERVISION: Pick<SupervisionDeps, "watch" | "foreign"> = {
  watch: DEFAULT_WATCH,
  foreign: DEFAULT_FOREIGN_VIEW,
};
