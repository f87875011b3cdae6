// The timeline of an object: what happened, when, who did it and where it was read; and what is expected next, by when.

import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { TimelineEntry } from "../api/operations.ts";
import { useFormat } from "../i18n/use-format.ts";
import { useWords } from "../i18n/use-words.ts";
import { Moment } from "./moment.tsx";
import { Money } from "./money.tsx";
import { SourceLink } from "./source-link.tsx";

export type NextStep = {
  readonly text: string;
  /** By when it should have happened; null: nobody can say. */
  readonly byAt: string | null;
  readonly isLate: boolean;
};

const BAD = /failed|undone|not-covered|quarantined|differing|denied/;
const WARN = /hold-opened|awaiting|expired|lapsed/;

export function Story({
  entries,
  next,
}: {
  readonly entries: readonly TimelineEntry[];
  readonly next?: NextStep | null;
}) {
  return (
    <ol className="story">
      {toldOnce(entries).map((entry, index) => (
        // A story is only ever added to: an entry keeps its place.
        // oxlint-disable-next-line react/no-array-index-key
        <StoryEntry key={index} entry={entry} />
      ))}
      {next === undefined || next === null ? null : <StoryNext next={next} />}
    </ol>
  );
}

/** The same act is on record with each object that it touches; here it is told once. */
function toldOnce(entries: readonly TimelineEntry[]): readonly TimelineEntry[] {
  const told = new Set<string>();
  return entries.filter(({ subject, kind, at, data }) => {
    const act = `${kind} ${at} ${String(data["amount"])}`;
    const isTold = told.has(act) && !told.has(`${act} ${subject}`);
    told.add(act);
    told.add(`${act} ${subject}`);
    return !isTold;
  });
}

function StoryEntry({ entry }: { readonly entry: TimelineEntry }) {
  const { t } = useTranslation("parts");
  const word = useWords();
  const { kind, data, at, actor, source } = entry;
  const tone = BAD.test(kind) ? "bad" : WARN.test(kind) ? "warn" : undefined;
  return (
    <li data-tone={tone}>
      <div className="what">
        <strong>{word("timelineKind", kind)}</strong>
        <EntryMoney data={data} />
        <EntryCode data={data} />
      </div>
      <div className="muted small row">
        <Moment at={at} />
        {actor === null ? null : <span>{t("timeline.actor", { actor })}</span>}
        {source === null ? null : <SourceLink source={source} />}
      </div>
    </li>
  );
}

function EntryMoney({ data }: { readonly data: TimelineEntry["data"] }) {
  const amount = data["amount"] ?? data["total"];
  const currency = data["currency"];
  if (typeof amount !== "string" || typeof currency !== "string") return null;
  return <Money value={{ amount, currency }} />;
}

function EntryCode({ data }: { readonly data: TimelineEntry["data"] }) {
  const word = useWords();
  const code = data["code"];
  return typeof code === "string" ? <span>{word("holdCode", code)}</span> : null;
}

function StoryNext({ next }: { readonly next: NextStep }): ReactNode {
  const { t } = useTranslation("parts");
  const format = useFormat();
  const at = next.byAt === null ? null : format.instant(next.byAt);
  return (
    <li data-tone="next">
      <div className="what">
        <span className="muted">{t("timeline.expected")}</span>
        <strong>{next.text}</strong>
      </div>
      {at === null ? null : (
        <div className="small muted">
          {next.isLate ? t("timeline.late", { at }) : t("timeline.by", { at })}
        </div>
      )}
    </li>
  );
}
