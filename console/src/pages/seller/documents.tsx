// Files: handed in here, kept as they came, and every one that was ever read or refused.

import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useList } from "../../api/use-api.ts";
import { useFormat } from "../../i18n/use-format.ts";
import { useWords } from "../../i18n/use-words.ts";
import { DropZone } from "../../parts/drop-zone.tsx";
import { ChoiceField, FilterBar, useFilter } from "../../parts/fields.tsx";
import { LongListShown } from "../../parts/list-shown.tsx";
import { Moment } from "../../parts/moment.tsx";
import { Page, Section } from "../../parts/page.tsx";
import { StateTag } from "../../parts/state-tag.tsx";
import { useMay } from "../../session/session.tsx";

const STATES = ["stored", "read", "refused"] as const;
const PAGE_LENGTH = 100;

export function Documents() {
  const { t } = useTranslation("seller");
  const word = useWords();
  const format = useFormat();
  const may = useMay();
  const [state, setState] = useFilter("state");
  const known = STATES.find((one) => one === state);
  const list = useList("listFiles", {
    query: { limit: PAGE_LENGTH, ...(known === undefined ? {} : { state: known }) },
  });
  return (
    <Page title={t("documents.title")}>
      {may("uploads.write") ? <DropZone hint={t("documents.hint")} /> : null}
      <FilterBar>
        <ChoiceField
          label={t("payouts.state")}
          value={state}
          onChange={setState}
          choices={[
            { value: "", text: t("any") },
            ...STATES.map((code) => ({ value: code, text: word("fileState", code) })),
          ]}
        />
      </FilterBar>
      <Section title={t("documents.files")} flush>
        <LongListShown
          list={list}
          label={t("documents.files")}
          rowKey={({ sha256 }) => sha256}
          rowLink={({ sha256 }) => `/files/${sha256}`}
          columns={[
            {
              key: "name",
              title: t("documents.name"),
              width: "minmax(220px, 3fr)",
              cell: ({ sha256, name }) => <Link to={`/files/${sha256}`}>{name}</Link>,
            },
            {
              key: "kind",
              title: t("documents.kind"),
              width: "minmax(110px, 1fr)",
              cell: ({ kind }) => word("fileKind", kind),
            },
            {
              key: "format",
              title: t("statements.format"),
              width: "minmax(190px, 1fr)",
              cell: ({ format: name }) => name ?? "—",
            },
            {
              key: "state",
              title: t("payouts.state"),
              width: "minmax(100px, 1fr)",
              cell: (file) => <StateTag group="fileState" code={file.state} />,
            },
            {
              key: "size",
              title: t("documents.bytes"),
              width: "minmax(100px, 1fr)",
              isFigure: true,
              cell: ({ byteCount }) => format.count(byteCount),
            },
            {
              key: "at",
              title: t("credits.stored"),
              width: "minmax(190px, 1fr)",
              cell: ({ storedAt }) => <Moment at={storedAt} />,
            },
          ]}
        />
      </Section>
    </Page>
  );
}
