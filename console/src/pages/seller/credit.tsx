// One credit or debit: what the bank said of it, in which files, and what it paid.

import { useTranslation } from "react-i18next";
import { Link, useParams } from "react-router";
import type { OutputOf } from "../../api/operations.ts";
import { useApi } from "../../api/use-api.ts";
import { DataTable } from "../../parts/data-table.tsx";
import { Figures } from "../../parts/figures.tsx";
import { CivilDay, Moment } from "../../parts/moment.tsx";
import { Money, MoneyList } from "../../parts/money.tsx";
import { Facts, Page, Section } from "../../parts/page.tsx";
import { Shown } from "../../parts/query-states.tsx";
import { SourceLink } from "../../parts/source-link.tsx";
import { StateTag } from "../../parts/state-tag.tsx";

type Credit = OutputOf<"getCredit">;

export function CreditPage() {
  const { t } = useTranslation("seller");
  const { creditId = "" } = useParams();
  const credit = useApi("getCredit", { params: { creditId } });
  return (
    <Shown query={credit}>
      {(value) => (
        <Page
          title={value.id}
          crumbs={[{ to: "/credits", text: t("credits.title") }]}
          mark={<StateTag group="creditState" code={value.state} />}
        >
          <Figures
            figures={[
              { title: t("payouts.amount"), value: <Money value={value.amount} /> },
              { title: t("credits.unexplained"), value: <Money value={value.open} /> },
              {
                title: t("flow.charges"),
                value: <MoneyList values={value.charges.map(({ amount }) => amount)} />,
              },
            ]}
          />
          <AboutCredit credit={value} />
          <Paid credit={value} />
          <Notices credit={value} />
        </Page>
      )}
    </Shown>
  );
}

function AboutCredit({ credit }: { readonly credit: Credit }) {
  const { t } = useTranslation("seller");
  const { payer, references, exchange } = credit;
  return (
    <Section title={t("payouts.about")}>
      <Facts
        facts={[
          { label: t("flow.payer"), value: payer?.name ?? "—" },
          { label: t("credits.payerAccount"), value: payer?.account ?? "—" },
          { label: t("credits.payerCountry"), value: payer?.country ?? "—" },
          { label: t("accounts.account"), value: credit.account },
          { label: t("credits.booked"), value: <CivilDay on={credit.bookedOn} /> },
          { label: t("credits.value"), value: <CivilDay on={credit.valueOn} /> },
          { label: t("credits.stored"), value: <Moment at={credit.storedAt} /> },
          { label: "UETR", value: references.uetr ?? "—" },
          { label: t("credits.endToEnd"), value: references.endToEndId ?? "—" },
          { label: t("credits.servicer"), value: references.servicerReference ?? "—" },
          { label: t("credits.remittance"), value: credit.remittance.join(" ") || "—" },
          exchange === null ? null : { label: t("credits.rate"), value: exchange.rate },
        ]}
      />
    </Section>
  );
}

function Paid({ credit }: { readonly credit: Credit }) {
  const { t } = useTranslation("seller");
  return (
    <Section title={t("credits.paid")} flush>
      <DataTable
        label={t("credits.paid")}
        rows={credit.matches}
        rowKey={({ matchId }) => matchId}
        rowLink={({ payoutId }) => `/payouts/${payoutId}`}
        columns={[
          {
            key: "payout",
            title: t("statements.payout"),
            cell: ({ payoutId }) => <Link to={`/payouts/${payoutId}`}>{payoutId}</Link>,
          },
          {
            key: "amount",
            title: t("payouts.amount"),
            isFigure: true,
            cell: ({ amount }) => <Money value={amount} />,
          },
        ]}
      />
    </Section>
  );
}

function Notices({ credit }: { readonly credit: Credit }) {
  const { t } = useTranslation("seller");
  return (
    <Section title={t("credits.notices")} flush>
      <DataTable
        label={t("credits.notices")}
        rows={credit.notices}
        rowKey={({ source }) => `${source.sha256}-${source.line}`}
        columns={[
          { key: "family", title: t("credits.message"), cell: ({ family }) => family },
          { key: "status", title: t("payouts.state"), cell: ({ status }) => status },
          {
            key: "at",
            title: t("credits.stored"),
            cell: ({ recordedAt }) => <Moment at={recordedAt} />,
          },
          {
            key: "source",
            title: t("flow.source"),
            cell: ({ source }) => <SourceLink source={source} />,
          },
        ]}
      />
    </Section>
  );
}
