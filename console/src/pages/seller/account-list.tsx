// The seller's accounts: what may be used, what is held, what is on the way.

import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useApi } from "../../api/use-api.ts";
import { DataTable } from "../../parts/data-table.tsx";
import { Money } from "../../parts/money.tsx";
import { Page, Section } from "../../parts/page.tsx";
import { Shown } from "../../parts/query-states.tsx";

export function AccountList() {
  const { t } = useTranslation("seller");
  const accounts = useApi("listAccounts", { query: {} });
  return (
    <Page title={t("accounts.title")}>
      <Section title={t("accounts.title")} flush>
        <Shown query={accounts}>
          {({ data }) => (
            <DataTable
              label={t("accounts.title")}
              rows={data}
              rowKey={({ id }) => id}
              rowLink={({ sellerId, currency }) => `/accounts/${sellerId}/${currency}`}
              columns={[
                {
                  key: "account",
                  title: t("accounts.account"),
                  cell: ({ sellerId, currency, numbers }) => (
                    <Link to={`/accounts/${sellerId}/${currency}`}>
                      {`${currency} ${numbers.join(", ")}`}
                    </Link>
                  ),
                },
                { key: "seller", title: t("seller"), cell: ({ sellerId }) => sellerId },
                {
                  key: "available",
                  title: t("overview.available"),
                  isFigure: true,
                  cell: ({ available }) => <Money value={available} />,
                },
                {
                  key: "held",
                  title: t("overview.held"),
                  isFigure: true,
                  cell: ({ held }) => <Money value={held} />,
                },
                {
                  key: "transit",
                  title: t("overview.onTheWay"),
                  isFigure: true,
                  cell: ({ inTransit }) => <Money value={inTransit} />,
                },
                {
                  key: "unexplained",
                  title: t("accounts.unexplained"),
                  isFigure: true,
                  cell: ({ unexplained }) => <Money value={unexplained} />,
                },
              ]}
            />
          )}
        </Shown>
      </Section>
    </Page>
  );
}
