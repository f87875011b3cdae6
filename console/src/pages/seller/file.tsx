// One raw file, byte for byte as it came, opened at the line that a figure points to.

import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { useParams, useSearchParams } from "react-router";
import { useApi, useList } from "../../api/use-api.ts";
import { useFormat } from "../../i18n/use-format.ts";
import { useWords } from "../../i18n/use-words.ts";
import { ListShown } from "../../parts/list-shown.tsx";
import { Moment } from "../../parts/moment.tsx";
import { Facts, Page, Section } from "../../parts/page.tsx";
import { Shown } from "../../parts/query-states.tsx";
import { StateTag } from "../../parts/state-tag.tsx";
import { useMay } from "../../session/session.tsx";

/** Lines shown before the one that is pointed to. */
const LINES_BEFORE = 5;
const LINES_PAGE = 100;

export function FilePage() {
  const { t } = useTranslation("seller");
  const { sha256 = "" } = useParams();
  const [params] = useSearchParams();
  const marked = Number(params.get("line") ?? "0");
  const file = useApi("getFile", { params: { sha256 } });
  const may = useMay();
  const word = useWords();
  const format = useFormat();
  return (
    <Shown query={file}>
      {(value) => (
        <Page
          title={value.name}
          crumbs={[{ to: "/documents", text: t("documents.title") }]}
          mark={<StateTag group="fileState" code={value.state} />}
          acts={
            may("files.download") ? (
              <a href={`/v1/files/${sha256}/content`} download={value.name}>
                {t("documents.download")}
              </a>
            ) : undefined
          }
        >
          {value.reasons.map(({ code, line, message }) => (
            <p key={`${code}-${line}`} className="note" data-tone="bad" lang="en">
              {message}
            </p>
          ))}
          <Section title={t("payouts.about")}>
            <Facts
              facts={[
                { label: "SHA-256", value: <code className="breakable">{sha256}</code> },
                { label: t("documents.kind"), value: word("fileKind", value.kind) },
                { label: t("statements.format"), value: value.format ?? "—" },
                { label: t("documents.bytes"), value: format.count(value.byteCount) },
                { label: t("credits.stored"), value: <Moment at={value.storedAt} /> },
                { label: t("documents.read"), value: <Moment at={value.readAt} /> },
                { label: t("documents.arrivals"), value: format.count(value.arrivals.length) },
              ]}
            />
          </Section>
          <Lines sha256={sha256} marked={marked} />
        </Page>
      )}
    </Shown>
  );
}

function Lines({ sha256, marked }: { readonly sha256: string; readonly marked: number }) {
  const { t } = useTranslation("seller");
  const { t: part } = useTranslation("parts");
  const from = Math.max(1, marked - LINES_BEFORE);
  const list = useList("listFileLines", { params: { sha256 }, query: { from, limit: LINES_PAGE } });
  return (
    <Section title={t("documents.lines")} flush>
      <ListShown list={list}>
        {(lines) => (
          <>
            {/* Long lines are scrolled, also by keyboard. */}
            {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
            <pre className="raw-lines" tabIndex={0} aria-label={t("documents.lines")}>
              {lines.map(({ line, text, isCut }) => (
                <RawLine
                  key={line}
                  number={line}
                  text={isCut ? `${text}…` : text}
                  isMarked={line === marked}
                />
              ))}
            </pre>
            {list.hasMore ? (
              <div className="inset">
                <button type="button" className="linked" onClick={list.loadMore}>
                  {part("more")}
                </button>
              </div>
            ) : null}
          </>
        )}
      </ListShown>
    </Section>
  );
}

function RawLine({
  number,
  text,
  isMarked,
}: {
  readonly number: number;
  readonly text: string;
  readonly isMarked: boolean;
}) {
  const place = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    if (isMarked) place.current?.scrollIntoView({ block: "center" });
  }, [isMarked]);
  return (
    <span ref={place} className={isMarked ? "marked" : undefined}>
      <span className="number">{number}</span>
      {`${text}\n`}
    </span>
  );
}
