// A hold: how much, why, what is needed, who acts next and by when, what happens then. Everything that the API says of it,
// and nothing more: the card equals the object.

import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Hold } from "../api/operations.ts";
import { useWords } from "../i18n/use-words.ts";
import { CivilDay, Moment } from "./moment.tsx";
import { Money } from "./money.tsx";
import { Facts } from "./page.tsx";

export type HoldShown = Pick<
  Hold,
  "code" | "amount" | "message" | "papers" | "owner" | "dueOn" | "openedAt"
> & {
  readonly closedAt?: string | null;
  readonly messageZh?: string | null;
  readonly consequence?: string | null;
  readonly consequenceZh?: string | null;
};

export function HoldCard({
  hold,
  today,
  children,
}: {
  readonly hold: HoldShown;
  /** The business day, by which the deadline is near or past. */
  readonly today: string;
  /** Acts on it. */
  readonly children?: ReactNode;
}) {
  const { t } = useTranslation("parts");
  const word = useWords();
  const isClosed = (hold.closedAt ?? null) !== null;
  const then = useSentence(hold.consequence, hold.consequenceZh);
  return (
    <article className="hold-card" data-closed={isClosed}>
      <header>
        <h3>{word("holdCode", hold.code)}</h3>
        <strong>
          <Money value={hold.amount} /> <span className="muted small">{t("hold.held")}</span>
        </strong>
      </header>
      <Sentence text={hold.message} textZh={hold.messageZh} />
      <Facts
        facts={[
          { label: t("hold.papers"), value: <Papers hold={hold} /> },
          { label: t("hold.owner"), value: word("owner", hold.owner) },
          { label: t("hold.due"), value: <Due on={hold.dueOn} today={today} /> },
          then === null ? null : { label: t("hold.then"), value: then },
        ]}
      />
      {isClosed ? (
        <footer className="muted small">
          <Moment at={hold.closedAt ?? null} />
        </footer>
      ) : null}
      {children === undefined ? null : <footer className="row no-print">{children}</footer>}
    </article>
  );
}

/** A sentence of the server in the reader's language; where there is only English, marked as such. */
function Sentence({
  text,
  textZh,
}: {
  readonly text: string;
  readonly textZh?: string | null | undefined;
}) {
  const { i18n } = useTranslation();
  const isChinese = i18n.language === "zh-CN";
  const hasChinese = textZh !== undefined && textZh !== null && textZh !== "";
  return isChinese && hasChinese ? (
    <p>{textZh}</p>
  ) : (
    <p lang={isChinese ? "en" : undefined}>{text}</p>
  );
}

function useSentence(
  text: string | null | undefined,
  textZh: string | null | undefined,
): string | null {
  const { i18n } = useTranslation();
  const chosen = i18n.language === "zh-CN" ? (textZh ?? text) : text;
  return chosen === undefined || chosen === null || chosen === "" ? null : chosen;
}

function Papers({ hold }: { readonly hold: HoldShown }) {
  const { t } = useTranslation("parts");
  const word = useWords();
  if (hold.papers.length === 0)
    return <>{t("hold.noPapers", { owner: word("owner", hold.owner) })}</>;
  return (
    <ul className="plain-list">
      {hold.papers.map((paper) => (
        <li key={paper}>{word("paper", paper)}</li>
      ))}
    </ul>
  );
}

const DAY_MS = 86_400_000;

function Due({ on, today }: { readonly on: string; readonly today: string }) {
  const { t } = useTranslation("parts");
  const days = Math.round((Date.parse(on) - Date.parse(today)) / DAY_MS);
  const text =
    days === 0
      ? t("hold.today")
      : days > 0
        ? t("hold.inDays", { days })
        : t("hold.overdue", { days: -days });
  return (
    <>
      <CivilDay on={on} />{" "}
      <span className="small" data-tone={days < 0 ? "bad" : undefined}>
        {`(${text})`}
      </span>
    </>
  );
}
