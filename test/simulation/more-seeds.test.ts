// The other half of the seeds, so that two workers share them.

import { simulateSeeds } from "./simulate-seeds.ts";

simulateSeeds({ part: 1, of: 2 });
