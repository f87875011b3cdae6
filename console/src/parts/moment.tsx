// Instants, dates and lengths of time in the reader's language. An instant is shown in the reader's zone; on pointing at
// it, as it is on record.

import { useFormat } from "../i18n/use-format.ts";

export function Moment({
  at,
  as = "instant",
}: {
  readonly at: string | null;
  /** The whole of it, its time of day, or its day. */
  readonly as?: "instant" | "time" | "day";
}) {
  const format = useFormat();
  if (at === null) return <span className="muted">—</span>;
  const text = {
    instant: format.instant,
    time: format.timeOfDay,
    day: format.dayOf,
  }[as](at);
  return (
    <time className="nowrap" dateTime={at} title={at}>
      {text}
    </time>
  );
}

export function CivilDay({ on }: { readonly on: string | null }) {
  const format = useFormat();
  if (on === null) return <span className="muted">—</span>;
  return (
    <time className="nowrap" dateTime={on}>
      {format.civilDate(on)}
    </time>
  );
}

export function Duration({ ms }: { readonly ms: number }) {
  const format = useFormat();
  return <span className="nowrap">{format.duration(ms)}</span>;
}
