// What happened, newest first: the feed of events, in words.

import { useTranslation } from "react-i18next";
import { useApi } from "../../api/use-api.ts";
import { useWords } from "../../i18n/use-words.ts";
import { DataTable } from "../../parts/data-table.tsx";
import { FilterBar, TextField, useFilter } from "../../parts/fields.tsx";
import { Moment } from "../../parts/moment.tsx";
import { Money } from "../../parts/money.tsx";
import { Page, Section } from "../../parts/page.tsx";
import { Shown } from "../../parts/query-states.tsx";
import { ObjectLink } from "../../parts/source-link.tsx";

const EVENTS_SHOWN = 100;

export function Notifications() {
  const { t } = useTranslation("seller");
  const word = useWords();
  const [subject, setSubject] = useFilter("subject");
  const events = useApi("listEvents", {
    query: { limit: EVENTS_SHOWN, ...(subject === "" ? {} : { subject }) },
  });
  return (
    <Page title={t("events.title")}>
      <FilterBar>
        <TextField
          label={t("events.subject")}
          type="search"
          value={subject}
          onChange={setSubject}
        />
      </FilterBar>
      <Section title={t("events.title")} note={t("events.note")} flush>
        <Shown query={events}>
          {({ data }) => (
            <DataTable
              label={t("events.title")}
              rows={data}
              rowKey={({ id }) => id}
              columns={[
                { key: "at", title: t("events.at"), cell: ({ time }) => <Moment at={time} /> },
                {
                  key: "type",
                  title: t("events.what"),
                  cell: ({ type }) => word("eventType", type),
                },
                {
                  key: "subject",
                  title: t("events.subject"),
                  cell: ({ subject: id }) => <ObjectLink id={id} />,
                },
                {
                  key: "amount",
                  title: t("payouts.amount"),
                  isFigure: true,
                  cell: ({ data: facts }) => <EventMoney facts={facts} />,
                },
              ]}
            />
          )}
        </Shown>
      </Section>
    </Page>
  );
}

function EventMoney({ facts }: { readonly facts: Readonly<Record<string, unknown>> }) {
  const { amount, currency } = facts;
  if (typeof amount === "string" && typeof currency === "string")
    return <Money value={{ amount, currency }} />;
  return <>—</>;
}
