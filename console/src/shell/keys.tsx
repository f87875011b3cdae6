// The keyboard: every page says which keys it has while it is open, and the help (?) lists exactly those. A key that is
// typed into a field is the field's.

import {
  createContext,
  type ReactNode,
  useContext,
  useEffect,
  useMemo,
  useRef,
  useState,
} from "react";

export type KeyBinding = {
  /** "/" or "?", or two after each other: "g p". */
  readonly keys: string;
  /** What it does, in the reader's language. */
  readonly text: string;
  readonly place: "everywhere" | "here";
  /** Null: listed here, handled where it belongs (a list's own keys). */
  readonly run: (() => void) | null;
};

type Registry = {
  readonly bindings: readonly KeyBinding[];
  readonly add: (bindings: readonly KeyBinding[]) => () => void;
};

const KeysContext = createContext<Registry>({ bindings: [], add: () => () => {} });

/** Time for the second key of two. */
const SECOND_KEY_MS = 1200;

export function KeysProvider({ children }: { readonly children: ReactNode }) {
  const [sets, setSets] = useState<readonly (readonly KeyBinding[])[]>([]);
  const bindings = useMemo(() => sets.flat(), [sets]);
  const [add] = useState(() => (added: readonly KeyBinding[]) => {
    setSets((before) => [...before, added]);
    return () => setSets((before) => before.filter((set) => set !== added));
  });
  useListening(bindings);
  const registry = useMemo(() => ({ bindings, add }), [bindings, add]);
  return <KeysContext value={registry}>{children}</KeysContext>;
}

function useListening(bindings: readonly KeyBinding[]): void {
  const current = useRef(bindings);
  current.current = bindings;
  useEffect(() => {
    let first: { readonly key: string; readonly atMs: number } | null = null;
    const hear = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
      if (isTyping(event.target)) return;
      const isSecond = first !== null && performance.now() - first.atMs < SECOND_KEY_MS;
      const typed = isSecond ? `${first?.key} ${event.key}` : event.key;
      const found = current.current.find(({ keys, run }) => keys === typed && run !== null);
      const opens = current.current.some(({ keys }) => keys.startsWith(`${event.key} `));
      first = !isSecond && opens ? { key: event.key, atMs: performance.now() } : null;
      if (found === undefined) return;
      event.preventDefault();
      found.run?.();
    };
    document.addEventListener("keydown", hear);
    return () => document.removeEventListener("keydown", hear);
  }, []);
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}

/** Adds keys while the component is shown. The list must be the same object as long as it says the same. */
export function useKeys(bindings: readonly KeyBinding[]): void {
  const { add } = useContext(KeysContext);
  useEffect(() => add(bindings), [add, bindings]);
}

export function useBindings(): readonly KeyBinding[] {
  return useContext(KeysContext).bindings;
}
