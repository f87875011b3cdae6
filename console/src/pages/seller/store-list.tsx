// Stores and whether they may still be read: the seller's consent and its end.

import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useList } from "../../api/use-api.ts";
import { DataTable } from "../../parts/data-table.tsx";
import { ListShown } from "../../parts/list-shown.tsx";
import { Moment } from "../../parts/moment.tsx";
import { Page, Section } from "../../parts/page.tsx";
import { StateTag } from "../../parts/state-tag.tsx";

export function StoreList() {
  const { t } = useTranslation("seller");
  const list = useList("listStores", { query: {} });
  return (
    <Page title={t("stores.title")}>
      <Section title={t("stores.title")} flush>
        <ListShown list={list}>
          {(stores) => (
            <DataTable
              label={t("stores.title")}
              rows={stores}
              rowKey={({ id }) => id}
              rowLink={({ id }) => `/stores/${id}`}
              empty={t("stores.none")}
              columns={[
                {
                  key: "name",
                  title: t("stores.name"),
                  cell: ({ id, name }) => <Link to={`/stores/${id}`}>{name}</Link>,
                },
                {
                  key: "market",
                  title: t("payouts.marketplace"),
                  cell: ({ marketplace, region }) => `${marketplace} · ${region}`,
                },
                {
                  key: "state",
                  title: t("payouts.state"),
                  cell: ({ state }) => <StateTag group="storeState" code={state} />,
                },
                {
                  key: "check",
                  title: t("stores.nameCheck"),
                  cell: ({ nameCheck }) => <StateTag group="nameCheck" code={nameCheck} />,
                },
                {
                  key: "expires",
                  title: t("stores.expires"),
                  cell: ({ expiresAt }) => <Moment at={expiresAt} as="day" />,
                },
              ]}
            />
          )}
        </ListShown>
      </Section>
    </Page>
  );
}
