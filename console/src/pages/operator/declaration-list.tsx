// Declarations of receipts: where each stands, what is wrong with it, what the authority answered.

import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useList } from "../../api/use-api.ts";
import { useFormat } from "../../i18n/use-format.ts";
import { LongListShown } from "../../parts/list-shown.tsx";
import { CivilDay } from "../../parts/moment.tsx";
import { Page, Section } from "../../parts/page.tsx";
import { StateTag } from "../../parts/state-tag.tsx";

const PAGE_LENGTH = 100;

export function DeclarationList() {
  const { t } = useTranslation("work");
  const { t: seller } = useTranslation("seller");
  const format = useFormat();
  const list = useList("listDeclarations", { query: { limit: PAGE_LENGTH } });
  return (
    <Page title={t("declarations.title")}>
      <Section title={t("declarations.title")} note={t("declarations.note")} flush>
        <LongListShown
          list={list}
          label={t("declarations.title")}
          rowKey={({ id }) => id}
          rowLink={({ creditId }) => `/credits/${creditId}`}
          empty={t("declarations.none")}
          columns={[
            {
              key: "number",
              title: t("declarations.number"),
              width: "minmax(210px, 2fr)",
              cell: ({ rptNo, creditId }) => <Link to={`/credits/${creditId}`}>{rptNo}</Link>,
            },
            {
              key: "state",
              title: seller("payouts.state"),
              width: "minmax(110px, 1fr)",
              cell: ({ state, isLate }) => (
                <StateTag
                  group="declarationState"
                  code={state}
                  {...(isLate ? { tone: "bad" as const } : {})}
                />
              ),
            },
            {
              key: "due",
              title: t("declarations.due"),
              width: "minmax(120px, 1fr)",
              cell: ({ dueOn }) => <CivilDay on={dueOn} />,
            },
            {
              key: "amount",
              title: seller("payouts.amount"),
              width: "minmax(130px, 1fr)",
              isFigure: true,
              cell: ({ amount, currency }) => `${format.amount(amount)} ${currency}`,
            },
            {
              key: "code",
              title: t("declarations.code"),
              width: "minmax(110px, 1fr)",
              cell: ({ codes }) => codes.map(({ code }) => code).join(", "),
            },
            {
              key: "wrong",
              title: t("declarations.wrong"),
              width: "minmax(300px, 3fr)",
              cell: ({ answer, faults }) => (
                <span lang="en">
                  {answer ?? faults.map(({ field, message }) => `${field}: ${message}`).join(" ")}
                </span>
              ),
            },
          ]}
        />
      </Section>
    </Page>
  );
}
