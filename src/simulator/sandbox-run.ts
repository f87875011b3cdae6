// A sandbox as it lives inside a running program: its world goes on by itself, what its bank writes is carried to the
// channel by the ways that are bound here, and all of it is saved, so that a stopped sandbox goes on where it was.

import { join } from "node:path";
import { accepted, type Outcome, refused } from "../errors/refusal.ts";
import type { Clock } from "../time/clock.ts";
import type { Instant } from "../time/instant.ts";
import type { Delivery } from "./bank/deliver/delivery.ts";
import { type Cast, DEMO_PACE, placeCast } from "./demo-cast.ts";
import { createSandbox, newSandboxState, type Sandbox, type SavedSandbox } from "./sandbox.ts";
import { type SandboxClock, sandboxClock } from "./sandbox-clock.ts";
import { readStateFile, stateText, writeStateFile } from "./saved-state.ts";
import { playScenario } from "./scenario/play-scenario.ts";
import { readScenario, type Scenario, scenarioNames } from "./scenario/scenario.ts";

const STATE_FILE = "sandbox.json";
const STATE_VERSION = 1;
/** How often the world is looked at while nobody asks. */
const TICK_MS = 200;
/** Made-up worlds differ by it; every sandbox that begins anew begins alike. */
const SEED = 2026;

/** What a person or a program may do with a running sandbox. */
export type SandboxControl = {
  readonly now: () => Instant;
  /** Scenarios that can be played. */
  readonly scenarios: () => readonly Scenario[];
  /**
   * Plays a scenario to its end; one at a time. Refused: `scenario-unknown`, `scenario-running`.
   */
  readonly play: (name: string) => Promise<Outcome<Scenario>>;
  /** Moves time forward for the channel, the marketplace and the bank. */
  readonly advance: (ms: number) => Promise<Instant>;
};

export type SandboxRun = {
  readonly clock: SandboxClock;
  readonly sandbox: Sandbox;
  readonly cast: Cast;
  readonly control: SandboxControl;
  /** True: the data folder held no sandbox before. */
  readonly isNew: boolean;
  /** Begins to live: `wake` lets the channel look at its connections, `settle` waits until it has. */
  readonly start: (bound: {
    readonly deliveries: readonly Delivery[];
    readonly wake: () => Promise<void>;
    readonly settle: () => Promise<void>;
    readonly onFailure: (error: unknown) => void;
  }) => void;
  /** Stops and saves. A second call does nothing. */
  readonly stop: () => Promise<void>;
};

/** The saved form: what `Sandbox` knows, and its time. */
type Saved = SavedSandbox & { readonly version: number };

/** Opens the sandbox of a data folder, which exists. Refused: `sandbox-state-unreadable`, `sandbox-state-version`. */
export function openSandboxRun(options: {
  readonly dataDir: string;
  readonly scenariosDir: string;
  readonly real: Clock;
}): Outcome<SandboxRun> {
  const path = join(options.dataDir, STATE_FILE);
  const saved = readStateFile<Saved>(path, STATE_VERSION);
  if (!saved.ok) return saved;
  const clock = sandboxClock(options.real, saved.value?.clock ?? null);
  const state = saved.value?.state ?? newSandboxState(SEED);
  const sandbox = createSandbox({ clock, state });
  const cast = placeCast(sandbox, DEMO_PACE);
  const run = new LivingSandbox(sandbox, cast, path);
  const control = controlOf(run, options.scenariosDir);
  return accepted({
    clock,
    sandbox,
    cast,
    control,
    isNew: saved.value === null,
    start: (bound) => run.start(bound),
    stop: () => run.stop(),
  });
}

type Bound = Parameters<SandboxRun["start"]>[0];

class LivingSandbox {
  readonly sandbox: Sandbox;
  readonly cast: Cast;
  readonly #path: string;
  #bound: Bound | null = null;
  #timer: NodeJS.Timeout | null = null;
  #working: Promise<void> = Promise.resolve();
  #savedText = "";
  #told = "";

  constructor(sandbox: Sandbox, cast: Cast, path: string) {
    this.sandbox = sandbox;
    this.cast = cast;
    this.#path = path;
  }

  start(bound: Bound): void {
    this.#bound = bound;
    this.#timer = setInterval(() => void this.live(), TICK_MS);
  }

  async stop(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    await this.#working;
    this.#save();
  }

  /** One look at the world; looks follow one another. */
  live(): Promise<void> {
    const look = async () => {
      this.sandbox.passTime();
      const delivered = await this.#deliver();
      const told = toldSoFar(this.sandbox);
      if (delivered || told !== this.#told) await this.#bound?.wake();
      this.#told = told;
      this.#save();
    };
    this.#working = this.#working.then(look).catch((error: unknown) => {
      this.#bound?.onFailure(error);
    });
    return this.#working;
  }

  /** Lets the channel see what happened: polls are due now, not at their turn. */
  async settle(): Promise<void> {
    await this.live();
    await this.#bound?.settle();
  }

  /** Each message goes each way once, in order; where a way fails, the rest waits for the next look. */
  async #deliver(): Promise<boolean> {
    const { state, bank } = this.sandbox;
    let isAny = false;
    for (const { name, takes, put } of this.#bound?.deliveries ?? []) {
      for (const message of bank.messagesFrom(state.delivered[name] ?? 0)) {
        if (takes(message)) {
          await put(message);
          isAny = true;
        }
        state.delivered[name] = (state.delivered[name] ?? 0) + 1;
      }
    }
    return isAny;
  }

  /** Written when something changed beside the time. */
  #save(): void {
    const state = { ...this.sandbox.state, marketplace: this.sandbox.marketplace.state() };
    const text = stateText(state);
    if (text === this.#savedText && this.#timer !== null) return;
    const saved: Saved = { version: STATE_VERSION, state, clock: this.sandbox.clock.saved() };
    writeStateFile(this.#path, saved);
    this.#savedText = text;
  }
}

/** What the marketplace would tell by now, as a mark that changes with it: reports that are there, steps of payouts. */
function toldSoFar({ marketplace, clock }: Sandbox): string {
  const now = clock.now();
  const { stores } = marketplace.state();
  const reports = stores.flatMap((store) =>
    store.reports.filter(({ createdAt }) => createdAt <= now),
  );
  const steps = stores.flatMap((store) => store.payouts.flatMap(({ history }) => history));
  return `${reports.length}/${steps.length}`;
}

function controlOf(run: LivingSandbox, scenariosDir: string): SandboxControl {
  const { sandbox, cast } = run;
  let isPlaying = false;
  return {
    now: () => sandbox.clock.now(),
    scenarios: () => scenarioNames(scenariosDir).map((name) => readScenario(scenariosDir, name)),
    play: async (name) => {
      if (!scenarioNames(scenariosDir).includes(name))
        return refused("scenario-unknown", `There is no scenario "${name}".`);
      if (isPlaying)
        return refused("scenario-running", "A scenario is being played: wait for its end.");
      isPlaying = true;
      try {
        const scenario = readScenario(scenariosDir, name);
        await playScenario(scenario, { sandbox, cast, settle: () => run.settle() });
        return accepted(scenario);
      } finally {
        isPlaying = false;
      }
    },
    advance: async (ms) => {
      sandbox.clock.advanceMs(ms);
      await run.settle();
      return sandbox.clock.now();
    },
  };
}
