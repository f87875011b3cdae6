// All statements: proven to the cent, or not and why.

import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useList } from "../../api/use-api.ts";
import { useFormat } from "../../i18n/use-format.ts";
import { useWords } from "../../i18n/use-words.ts";
import { ChoiceField, FilterBar, TextField, useFilter } from "../../parts/fields.tsx";
import { LongListShown } from "../../parts/list-shown.tsx";
import { Moment } from "../../parts/moment.tsx";
import { Money } from "../../parts/money.tsx";
import { Page, Section } from "../../parts/page.tsx";
import { StateTag } from "../../parts/state-tag.tsx";

const VERDICTS = ["proven", "quarantined"] as const;
const PAGE_LENGTH = 100;

export function StatementList() {
  const { t } = useTranslation("seller");
  const word = useWords();
  const format = useFormat();
  const [verdict, setVerdict] = useFilter("verdict");
  const [settlementId, setSettlement] = useFilter("settlementId");
  const known = VERDICTS.find((one) => one === verdict);
  const list = useList("listStatements", {
    query: {
      limit: PAGE_LENGTH,
      ...(known === undefined ? {} : { verdict: known }),
      ...(settlementId === "" ? {} : { settlementId }),
    },
  });
  return (
    <Page title={t("statements.title")}>
      <FilterBar>
        <ChoiceField
          label={t("statements.verdict")}
          value={verdict}
          onChange={setVerdict}
          choices={[
            { value: "", text: t("any") },
            ...VERDICTS.map((code) => ({ value: code, text: word("verdict", code) })),
          ]}
        />
        <TextField
          label={t("statements.settlement")}
          type="search"
          value={settlementId}
          onChange={setSettlement}
        />
      </FilterBar>
      <Section title={t("statements.title")} flush>
        <LongListShown
          list={list}
          label={t("statements.title")}
          rowKey={({ id }) => id}
          rowLink={({ id }) => `/statements/${id}`}
          columns={[
            {
              key: "id",
              title: t("statements.settlement"),
              width: "minmax(150px, 2fr)",
              cell: ({ id, settlementId: number }) => (
                <Link to={`/statements/${id}`}>{number}</Link>
              ),
            },
            {
              key: "verdict",
              title: t("statements.verdict"),
              width: "minmax(150px, 1fr)",
              cell: (one) => <StateTag group="verdict" code={one.verdict} />,
            },
            {
              key: "market",
              title: t("payouts.marketplace"),
              width: "minmax(120px, 1fr)",
              cell: ({ marketplaceNames, marketplace }) =>
                marketplaceNames.join(", ") || marketplace,
            },
            {
              key: "end",
              title: t("statements.periodEnd"),
              width: "minmax(190px, 1fr)",
              cell: ({ periodEnd }) => <Moment at={periodEnd} />,
            },
            {
              key: "lines",
              title: t("statements.lines"),
              width: "minmax(80px, 1fr)",
              isFigure: true,
              cell: ({ lineCount }) => format.count(lineCount),
            },
            {
              key: "total",
              title: t("statements.total"),
              width: "minmax(140px, 1fr)",
              isFigure: true,
              cell: ({ summedTotal }) =>
                summedTotal === null ? "—" : <Money value={summedTotal} />,
            },
          ]}
        />
      </Section>
    </Page>
  );
}
