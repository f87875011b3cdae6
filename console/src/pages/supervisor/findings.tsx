// What a supervisor looks at twice: large days, splitting, sellers near the line, money without an explanation.

import { useTranslation } from "react-i18next";
import { useApi } from "../../api/use-api.ts";
import { useFormat } from "../../i18n/use-format.ts";
import { useWords } from "../../i18n/use-words.ts";
import { DataTable } from "../../parts/data-table.tsx";
import { Figures } from "../../parts/figures.tsx";
import { CivilDay } from "../../parts/moment.tsx";
import { Money } from "../../parts/money.tsx";
import { Page, Section } from "../../parts/page.tsx";
import { Shown } from "../../parts/query-states.tsx";
import { ObjectLink } from "../../parts/source-link.tsx";
import { Downloads } from "./downloads.tsx";
import { SpanBar, useSpan } from "./span.tsx";

/** Objects named in one row; the report's file has all. */
const SUBJECTS_SHOWN = 3;

export function FindingsPage() {
  const { t, i18n } = useTranslation("reports");
  const word = useWords();
  const format = useFormat();
  const span = useSpan();
  const report = useApi("getFindingsReport", { query: span });
  return (
    <Page
      title={t("findings.title")}
      acts={span.view === "foreign" ? undefined : <Downloads report="findings" query={span} />}
    >
      <SpanBar />
      <Shown query={report}>
        {({ counts, findings }) => (
          <>
            <Figures
              figures={Object.entries(counts).map(([kind, count]) => ({
                title: word("findingKind", kind),
                value: format.count(count),
              }))}
            />
            <Section title={t("findings.list")} flush>
              <DataTable
                label={t("findings.list")}
                rows={findings}
                rowKey={({ kind, sellerId, since, subjects }) =>
                  `${kind}-${sellerId}-${since}-${subjects[0]}`
                }
                empty={t("findings.none")}
                columns={[
                  {
                    key: "kind",
                    title: t("findings.kind"),
                    cell: ({ kind }) => word("findingKind", kind),
                  },
                  {
                    key: "seller",
                    title: t("findings.seller"),
                    cell: ({ sellerId }) => sellerId ?? "—",
                  },
                  {
                    key: "since",
                    title: t("findings.since"),
                    cell: ({ since }) => <CivilDay on={since} />,
                  },
                  {
                    key: "usd",
                    title: t("flows.usd"),
                    isFigure: true,
                    cell: ({ usd }) =>
                      usd === null ? "—" : <Money value={{ amount: usd, currency: "USD" }} />,
                  },
                  {
                    key: "detail",
                    title: t("findings.detail"),
                    cell: ({ detail }) => (i18n.language === "zh-CN" ? detail.zh : detail.en),
                  },
                  {
                    key: "subjects",
                    title: t("findings.subjects"),
                    cell: ({ subjects }) =>
                      subjects.slice(0, SUBJECTS_SHOWN).map((id) => (
                        <div key={id}>
                          <ObjectLink id={id} />
                        </div>
                      )),
                  },
                ]}
              />
            </Section>
          </>
        )}
      </Shown>
    </Page>
  );
}
