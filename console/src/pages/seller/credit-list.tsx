// The bank's credits and debits, and what is still unexplained of them.

import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useList } from "../../api/use-api.ts";
import { ChoiceField, FilterBar, useFilter } from "../../parts/fields.tsx";
import { LongListShown } from "../../parts/list-shown.tsx";
import { CivilDay } from "../../parts/moment.tsx";
import { Money } from "../../parts/money.tsx";
import { Page, Section } from "../../parts/page.tsx";
import { StateTag } from "../../parts/state-tag.tsx";

const PAGE_LENGTH = 100;

export function CreditList() {
  const { t } = useTranslation("seller");
  const [open, setOpen] = useFilter("open");
  const list = useList("listCredits", {
    query: { limit: PAGE_LENGTH, ...(open === "true" ? { open: "true" as const } : {}) },
  });
  return (
    <Page title={t("credits.title")}>
      <FilterBar>
        <ChoiceField
          label={t("credits.show")}
          value={open}
          onChange={setOpen}
          choices={[
            { value: "", text: t("any") },
            { value: "true", text: t("credits.openOnly") },
          ]}
        />
      </FilterBar>
      <Section title={t("credits.title")} flush>
        <LongListShown
          list={list}
          label={t("credits.title")}
          rowKey={({ id }) => id}
          rowLink={({ id }) => `/credits/${id}`}
          columns={[
            {
              key: "value",
              title: t("credits.value"),
              width: "minmax(120px, 1fr)",
              cell: ({ id, valueOn, bookedOn }) => (
                <Link to={`/credits/${id}`}>
                  <CivilDay on={valueOn ?? bookedOn} />
                </Link>
              ),
            },
            {
              key: "state",
              title: t("payouts.state"),
              width: "minmax(120px, 1fr)",
              cell: ({ state }) => <StateTag group="creditState" code={state} />,
            },
            {
              key: "payer",
              title: t("flow.payer"),
              width: "minmax(200px, 2fr)",
              cell: ({ payer }) => payer?.name ?? "—",
            },
            {
              key: "account",
              title: t("accounts.account"),
              width: "minmax(190px, 1fr)",
              cell: ({ account }) => account,
            },
            {
              key: "amount",
              title: t("payouts.amount"),
              width: "minmax(140px, 1fr)",
              isFigure: true,
              cell: ({ amount }) => <Money value={amount} />,
            },
            {
              key: "open",
              title: t("credits.unexplained"),
              width: "minmax(140px, 1fr)",
              isFigure: true,
              cell: (credit) => <Money value={credit.open} />,
            },
          ]}
        />
      </Section>
    </Page>
  );
}
