// The seeds that always run; STRAITWAY_SIMULATION_SEEDS asks for more of them, and a failing one runs again alone with
// STRAITWAY_SIMULATION_SEED=<seed>.

import { simulateSeeds } from "./simulate-seeds.ts";

simulateSeeds({ part: 0, of: 2 });
