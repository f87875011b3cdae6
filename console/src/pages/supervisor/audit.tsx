// Who did what, and what was refused to whom: the trail of acts.

import { useTranslation } from "react-i18next";
import { useList } from "../../api/use-api.ts";
import { useWords } from "../../i18n/use-words.ts";
import { FilterBar, TextField, useFilter } from "../../parts/fields.tsx";
import { LongListShown } from "../../parts/list-shown.tsx";
import { Moment } from "../../parts/moment.tsx";
import { Page, Section } from "../../parts/page.tsx";
import { ObjectLink, pathOfObject } from "../../parts/source-link.tsx";

const PAGE_LENGTH = 100;

export function AuditPage() {
  const { t } = useTranslation("reports");
  const word = useWords();
  const [actor, setActor] = useFilter("actor");
  const [subject, setSubject] = useFilter("subject");
  const list = useList("listActs", {
    query: {
      limit: PAGE_LENGTH,
      ...(actor === "" ? {} : { actor }),
      ...(subject === "" ? {} : { subject }),
    },
  });
  return (
    <Page title={t("audit.title")}>
      <FilterBar>
        <TextField label={t("audit.actor")} type="search" value={actor} onChange={setActor} />
        <TextField label={t("audit.subject")} type="search" value={subject} onChange={setSubject} />
      </FilterBar>
      <Section title={t("audit.title")} flush>
        <LongListShown
          list={list}
          label={t("audit.title")}
          rowKey={({ id }) => id}
          rowLink={({ subject: id }) => pathOfObject(id) ?? "/audit"}
          columns={[
            {
              key: "at",
              title: t("audit.at"),
              width: "minmax(190px, 1fr)",
              cell: ({ at }) => <Moment at={at} />,
            },
            {
              key: "kind",
              title: t("audit.kind"),
              width: "minmax(190px, 1fr)",
              cell: ({ kind }) => word("timelineKind", kind),
            },
            {
              key: "actor",
              title: t("audit.actor"),
              width: "minmax(210px, 1fr)",
              cell: ({ actor: id }) => <code>{id}</code>,
            },
            {
              key: "subject",
              title: t("audit.subject"),
              width: "minmax(220px, 1fr)",
              cell: ({ subject: id }) => <ObjectLink id={id} />,
            },
          ]}
        />
      </Section>
    </Page>
  );
}
