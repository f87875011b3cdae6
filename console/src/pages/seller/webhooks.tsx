// Webhook endpoints: where events are sent, whether they arrive, and what was sent.

import { App, Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useParams } from "react-router";
import type { OutputOf } from "../../api/operations.ts";
import { useAct, useApi, useList } from "../../api/use-api.ts";
import { useFormat } from "../../i18n/use-format.ts";
import { useWords } from "../../i18n/use-words.ts";
import { DataTable } from "../../parts/data-table.tsx";
import { TextField } from "../../parts/fields.tsx";
import { ListShown, LongListShown } from "../../parts/list-shown.tsx";
import { Moment } from "../../parts/moment.tsx";
import { Facts, Page, Section } from "../../parts/page.tsx";
import { Shown } from "../../parts/query-states.tsx";
import { RefusalNote } from "../../parts/refusal-note.tsx";
import { StateTag } from "../../parts/state-tag.tsx";
import { useMay, useMe } from "../../session/session.tsx";

type Endpoint = OutputOf<"getWebhookEndpoint">;

const DELIVERIES_PAGE = 100;

export function WebhookList() {
  const { t } = useTranslation("seller");
  const word = useWords();
  const may = useMay();
  const list = useList("listWebhookEndpoints", { query: {} });
  return (
    <Page title={t("webhooks.title")}>
      <Section title={t("webhooks.title")} flush>
        <ListShown list={list}>
          {(endpoints) => (
            <DataTable
              label={t("webhooks.title")}
              rows={endpoints}
              rowKey={({ id }) => id}
              rowLink={({ id }) => `/webhooks/${id}`}
              empty={t("webhooks.none")}
              columns={[
                {
                  key: "url",
                  title: t("webhooks.url"),
                  cell: ({ id, url }) => <Link to={`/webhooks/${id}`}>{url}</Link>,
                },
                {
                  key: "state",
                  title: t("payouts.state"),
                  cell: ({ state, disabledCode }) => (
                    <>
                      <StateTag group="endpointState" code={state} />{" "}
                      {disabledCode === null ? null : word("disabledCode", disabledCode)}
                    </>
                  ),
                },
                {
                  key: "succeeded",
                  title: t("webhooks.succeeded"),
                  cell: ({ succeededAt }) => <Moment at={succeededAt} />,
                },
              ]}
            />
          )}
        </ListShown>
      </Section>
      {may("webhooks.write") ? <NewEndpoint /> : null}
    </Page>
  );
}

function NewEndpoint() {
  const { t } = useTranslation("seller");
  const { sellerId } = useMe();
  const [url, setUrl] = useState("");
  const [description, setDescription] = useState("");
  const [secret, setSecret] = useState<string | null>(null);
  const create = useAct("createWebhookEndpoint", (made) => setSecret(made.secret));
  return (
    <Section title={t("webhooks.new")}>
      <div className="stack">
        <div className="filters">
          <TextField label={t("webhooks.url")} value={url} onChange={setUrl} />
          <TextField
            label={t("webhooks.description")}
            value={description}
            onChange={setDescription}
          />
          <Button
            type="primary"
            disabled={url === ""}
            loading={create.isPending}
            onClick={() =>
              create.mutate({ json: { url, description, eventTypes: ["*"], sellerId } })
            }
          >
            {t("webhooks.create")}
          </Button>
        </div>
        {create.isError ? <RefusalNote error={create.error} /> : null}
        {secret === null ? null : (
          <p className="note" data-tone="good">
            {t("webhooks.secret")} <code className="breakable">{secret}</code>
          </p>
        )}
      </div>
    </Section>
  );
}

export function WebhookPage() {
  const { t } = useTranslation("seller");
  const { endpointId = "" } = useParams();
  const endpoint = useApi("getWebhookEndpoint", { params: { endpointId } });
  return (
    <Shown query={endpoint}>
      {(value) => (
        <Page
          title={value.url}
          crumbs={[{ to: "/webhooks", text: t("webhooks.title") }]}
          mark={<StateTag group="endpointState" code={value.state} />}
          acts={<Ping endpointId={endpointId} />}
        >
          <AboutEndpoint endpoint={value} />
          <Deliveries endpointId={endpointId} />
        </Page>
      )}
    </Shown>
  );
}

function Ping({ endpointId }: { readonly endpointId: string }) {
  const { t } = useTranslation("seller");
  const { message } = App.useApp();
  const may = useMay();
  const ping = useAct("pingWebhookEndpoint", () => void message.success(t("webhooks.pinged")));
  return may("webhooks.write") ? (
    <Button loading={ping.isPending} onClick={() => ping.mutate({ params: { endpointId } })}>
      {t("webhooks.ping")}
    </Button>
  ) : null;
}

function AboutEndpoint({ endpoint }: { readonly endpoint: Endpoint }) {
  const { t } = useTranslation("seller");
  const format = useFormat();
  return (
    <Section title={t("payouts.about")}>
      <Facts
        facts={[
          { label: t("webhooks.description"), value: endpoint.description || "—" },
          { label: t("webhooks.types"), value: endpoint.eventTypes.join(", ") },
          { label: t("webhooks.failures"), value: format.count(endpoint.failureCount) },
          { label: t("webhooks.succeeded"), value: <Moment at={endpoint.succeededAt} /> },
          {
            label: t("webhooks.key"),
            value: <code className="breakable">{endpoint.publicKey}</code>,
          },
        ]}
      />
    </Section>
  );
}

function Deliveries({ endpointId }: { readonly endpointId: string }) {
  const { t } = useTranslation("seller");
  const word = useWords();
  const format = useFormat();
  const list = useList("listWebhookDeliveries", {
    params: { endpointId },
    query: { limit: DELIVERIES_PAGE },
  });
  return (
    <Section title={t("webhooks.deliveries")} flush>
      <LongListShown
        list={list}
        label={t("webhooks.deliveries")}
        rowKey={({ id }) => id}
        rowLink={({ subject }) => `/notifications?subject=${encodeURIComponent(subject)}`}
        columns={[
          {
            key: "type",
            title: t("events.what"),
            width: "minmax(180px, 2fr)",
            cell: ({ eventType, subject }) => (
              <Link to={`/notifications?subject=${encodeURIComponent(subject)}`}>
                {word("eventType", eventType)}
              </Link>
            ),
          },
          {
            key: "state",
            title: t("payouts.state"),
            width: "minmax(110px, 1fr)",
            cell: ({ state }) => <StateTag group="deliveryState" code={state} />,
          },
          {
            key: "attempts",
            title: t("webhooks.attempts"),
            width: "minmax(80px, 1fr)",
            isFigure: true,
            cell: ({ attemptCount }) => format.count(attemptCount),
          },
          {
            key: "at",
            title: t("events.at"),
            width: "minmax(190px, 1fr)",
            cell: ({ madeAt }) => <Moment at={madeAt} />,
          },
        ]}
      />
    </Section>
  );
}
