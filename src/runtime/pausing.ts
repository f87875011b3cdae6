// A pause that can be ended early: between two looks at what is to do. A wake that comes while nobody pauses ends the
// next pause at once, so that nothing is overlooked.

export type Pausing = {
  /** Waits so long in real time, or until woken. */
  readonly pause: (ms: number) => Promise<void>;
  readonly wake: () => void;
};

export function pausing(): Pausing {
  let isWoken = false;
  let end: (() => void) | null = null;
  return {
    pause: (ms) =>
      new Promise((resolve) => {
        if (isWoken) {
          isWoken = false;
          resolve();
          return;
        }
        const done = (): void => {
          clearTimeout(timer);
          end = null;
          resolve();
        };
        const timer = setTimeout(done, ms);
        end = done;
      }),
    wake: () => {
      if (end === null) isWoken = true;
      else end();
    },
  };
}
