// Ctrl-C and SIGTERM as a service hears them: the first one asks for an orderly stop, a second one does not wait.

/** Conventional exit codes: 128 and the signal's number. */
const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const;

export type StopSignals = {
  /** Resolves at the first signal. */
  readonly asked: Promise<NodeJS.Signals>;
  /** Hears no more. */
  readonly close: () => void;
};

/** `cutOff` runs when a second signal comes, right before the process ends. */
export function hearStopSignals(cutOff: () => void): StopSignals {
  let tell!: (signal: NodeJS.Signals) => void;
  const asked = new Promise<NodeJS.Signals>((resolve) => {
    tell = resolve;
  });
  let isAsked = false;
  const hear = (signal: NodeJS.Signals): void => {
    if (isAsked) {
      cutOff();
      process.exit(EXIT_CODES[signal as keyof typeof EXIT_CODES]);
    }
    isAsked = true;
    tell(signal);
  };
  process.on("SIGINT", hear);
  process.on("SIGTERM", hear);
  return {
    asked,
    close: () => {
      process.off("SIGINT", hear);
      process.off("SIGTERM", hear);
    },
  };
}
