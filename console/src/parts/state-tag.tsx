// A state as a word with a mark: the tone has a shape of its own, so that nobody needs to tell colours apart.

import { useWords, type WordGroup } from "../i18n/use-words.ts";

export type Tone = "good" | "warn" | "bad" | "info" | "plain";

const TONES: Readonly<Record<string, Tone>> = {
  released: "good",
  posted: "good",
  proven: "good",
  bound: "good",
  read: "good",
  delivered: "good",
  enabled: "good",
  booked: "good",
  same: "good",
  confirmed: "good",
  settled: "good",
  accepted: "good",
  initiated: "good",
  held: "warn",
  "part-released": "warn",
  "awaiting-seller": "warn",
  expiring: "warn",
  "pending-consent": "warn",
  pending: "warn",
  differs: "warn",
  unknown: "warn",
  failed: "bad",
  returned: "bad",
  quarantined: "bad",
  differing: "bad",
  refused: "bad",
  rejected: "bad",
  expired: "bad",
  revoked: "plain",
  disabled: "bad",
  announced: "info",
  expected: "info",
};

export function toneOf(code: string): Tone {
  return TONES[code] ?? "plain";
}

export function StateTag({
  group,
  code,
  tone,
}: {
  readonly group: WordGroup;
  readonly code: string;
  readonly tone?: Tone;
}) {
  const word = useWords();
  return (
    <span className="tag" data-tone={tone ?? toneOf(code)}>
      {word(group, code)}
    </span>
  );
}
