// One store: the consent to read it, where it sells, what the marketplace says is there, and payouts asked for by the seller.

import { App, Button } from "antd";
import { useTranslation } from "react-i18next";
import { useParams } from "react-router";
import type { OutputOf } from "../../api/operations.ts";
import { useAct, useApi } from "../../api/use-api.ts";
import { DataTable } from "../../parts/data-table.tsx";
import { Moment } from "../../parts/moment.tsx";
import { Facts, Page, Section } from "../../parts/page.tsx";
import { Shown } from "../../parts/query-states.tsx";
import { RefusalNote } from "../../parts/refusal-note.tsx";
import { StateTag } from "../../parts/state-tag.tsx";
import { useMay } from "../../session/session.tsx";

type Store = OutputOf<"getStore">;

export function StorePage() {
  const { t } = useTranslation("seller");
  const { storeId = "" } = useParams();
  const store = useApi("getStore", { params: { storeId } });
  return (
    <Shown query={store}>
      {(value) => (
        <Page
          title={value.name}
          crumbs={[{ to: "/stores", text: t("stores.title") }]}
          mark={<StateTag group="storeState" code={value.state} />}
          acts={<ConsentAct store={value} />}
        >
          <AboutStore store={value} />
          <Markets store={value} />
          <Requests storeId={value.id} />
          <Bindings store={value} />
        </Page>
      )}
    </Shown>
  );
}

/** Leads to the marketplace, where the seller consents; the marketplace leads back. */
function ConsentAct({ store }: { readonly store: Store }) {
  const { t } = useTranslation("seller");
  const may = useMay();
  const begin = useAct("beginStoreConsent", ({ consentUrl }) => location.assign(consentUrl));
  if (!may("stores.bind")) return null;
  return (
    <>
      <Button
        loading={begin.isPending}
        onClick={() => begin.mutate({ params: { storeId: store.id }, json: { country: null } })}
      >
        {store.state === "bound" || store.state === "expiring"
          ? t("stores.renew")
          : t("stores.bind")}
      </Button>
      {begin.isError ? <RefusalNote error={begin.error} /> : null}
    </>
  );
}

function AboutStore({ store }: { readonly store: Store }) {
  const { t } = useTranslation("seller");
  return (
    <Section title={t("payouts.about")}>
      <Facts
        facts={[
          { label: t("payouts.marketplace"), value: `${store.marketplace} · ${store.region}` },
          { label: t("stores.partner"), value: store.partnerId ?? "—" },
          { label: t("stores.legalName"), value: store.legalName ?? "—" },
          {
            label: t("stores.nameCheck"),
            value: <StateTag group="nameCheck" code={store.nameCheck} />,
          },
          { label: t("stores.bound"), value: <Moment at={store.boundAt} /> },
          { label: t("stores.expires"), value: <Moment at={store.expiresAt} /> },
        ]}
      />
    </Section>
  );
}

function Markets({ store }: { readonly store: Store }) {
  const { t } = useTranslation("seller");
  const { message } = App.useApp();
  const may = useMay();
  const ask = useAct("requestPayout", () => void message.success(t("stores.asked")));
  return (
    <Section title={t("stores.markets")} flush>
      {ask.isError ? <RefusalNote error={ask.error} /> : null}
      <DataTable
        label={t("stores.markets")}
        rows={store.participations}
        rowKey={({ marketplaceId }) => marketplaceId}
        columns={[
          {
            key: "name",
            title: t("payouts.marketplace"),
            cell: ({ name, marketplaceId }) => name ?? marketplaceId,
          },
          { key: "country", title: t("stores.country"), cell: ({ country }) => country ?? "—" },
          { key: "currency", title: t("stores.currency"), cell: ({ currency }) => currency ?? "—" },
          {
            key: "act",
            title: t("stores.payout"),
            cell: ({ marketplaceId }) =>
              may("payouts.initiate") ? (
                <Button
                  size="small"
                  loading={ask.isPending}
                  onClick={() =>
                    ask.mutate({ params: { storeId: store.id }, json: { marketplaceId } })
                  }
                >
                  {t("stores.request")}
                </Button>
              ) : (
                "—"
              ),
          },
        ]}
      />
    </Section>
  );
}

function Requests({ storeId }: { readonly storeId: string }) {
  const { t } = useTranslation("seller");
  const requests = useApi("listPayoutRequests", { params: { storeId } });
  return (
    <Section title={t("stores.requests")} flush>
      <Shown query={requests}>
        {({ data }) => (
          <DataTable
            label={t("stores.requests")}
            rows={data}
            rowKey={({ id }) => id}
            empty={t("stores.noRequests")}
            columns={[
              {
                key: "at",
                title: t("stores.requestedAt"),
                cell: ({ requestedAt }) => <Moment at={requestedAt} />,
              },
              {
                key: "state",
                title: t("payouts.state"),
                cell: ({ state }) => <StateTag group="requestState" code={state} />,
              },
              {
                key: "reference",
                title: t("payouts.reference"),
                cell: ({ reference }) => reference ?? "—",
              },
              {
                key: "reasons",
                title: t("stores.reasons"),
                cell: ({ reasons }) => (
                  <span lang="en">{reasons.map((reason) => reason.message).join(" ") || "—"}</span>
                ),
              },
            ]}
          />
        )}
      </Shown>
    </Section>
  );
}

function Bindings({ store }: { readonly store: Store }) {
  const { t } = useTranslation("seller");
  return (
    <Section title={t("stores.consents")} flush>
      <DataTable
        label={t("stores.consents")}
        rows={store.bindings}
        rowKey={({ id }) => id}
        columns={[
          {
            key: "bound",
            title: t("stores.bound"),
            cell: ({ boundAt }) => <Moment at={boundAt} />,
          },
          { key: "by", title: t("stores.by"), cell: ({ boundBy }) => <code>{boundBy}</code> },
          {
            key: "expires",
            title: t("stores.expires"),
            cell: ({ expiresAt }) => <Moment at={expiresAt} />,
          },
          {
            key: "ended",
            title: t("stores.ended"),
            cell: ({ endedAt }) => <Moment at={endedAt} />,
          },
        ]}
      />
    </Section>
  );
}
