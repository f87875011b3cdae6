// What a person must look at, the most money waiting longest first.

import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { ItemOf } from "../../api/operations.ts";
import { useList } from "../../api/use-api.ts";
import en from "../../i18n/en/words.json";
import { useFormat } from "../../i18n/use-format.ts";
import { useWords } from "../../i18n/use-words.ts";
import { ChoiceField, FilterBar, useFilter } from "../../parts/fields.tsx";
import { LongListShown } from "../../parts/list-shown.tsx";
import { Money } from "../../parts/money.tsx";
import { Page, Section } from "../../parts/page.tsx";
import { pathOfObject } from "../../parts/source-link.tsx";

type Exception = ItemOf<"listExceptions">;

const KINDS = Object.keys(en.exceptionKind);
const PAGE_LENGTH = 100;

export function ExceptionList() {
  const { t } = useTranslation("work");
  const { t: seller } = useTranslation("seller");
  const word = useWords();
  const format = useFormat();
  const [kind, setKind] = useFilter("kind");
  const list = useList("listExceptions", {
    query: { limit: PAGE_LENGTH, ...(kind === "" ? {} : { kind }) },
  });
  return (
    <Page title={t("exceptions.title")}>
      <FilterBar>
        <ChoiceField
          label={t("exceptions.kind")}
          value={kind}
          onChange={setKind}
          choices={[
            { value: "", text: seller("any") },
            ...KINDS.map((value) => ({ value, text: word("exceptionKind", value) })),
          ]}
        />
      </FilterBar>
      <Section title={t("exceptions.title")} note={t("exceptions.order")} flush>
        <LongListShown
          list={list}
          label={t("exceptions.title")}
          rowKey={({ kind: one, subject, code, line }) => `${one}-${subject}-${code}-${line}`}
          rowLink={linkOf}
          empty={t("exceptions.none")}
          columns={[
            {
              key: "kind",
              title: t("exceptions.kind"),
              width: "minmax(190px, 1fr)",
              cell: (one) => <Link to={linkOf(one)}>{word("exceptionKind", one.kind)}</Link>,
            },
            {
              key: "amount",
              title: t("exceptions.stake"),
              width: "minmax(140px, 1fr)",
              isFigure: true,
              cell: ({ amount }) => (amount === null ? "—" : <Money value={amount} />),
            },
            {
              key: "age",
              title: t("exceptions.age"),
              width: "minmax(80px, 0.5fr)",
              isFigure: true,
              cell: ({ ageDays }) => format.count(ageDays),
            },
            {
              key: "code",
              title: t("exceptions.reason"),
              width: "minmax(180px, 1fr)",
              cell: ({ code }) => word("holdCode", code),
            },
            {
              key: "message",
              title: t("exceptions.message"),
              width: "minmax(320px, 3fr)",
              cell: ({ message }) => (
                <span lang="en" title={message}>
                  {message}
                </span>
              ),
            },
            {
              key: "seller",
              title: seller("seller"),
              width: "minmax(120px, 1fr)",
              cell: ({ sellerId }) => sellerId ?? "—",
            },
          ]}
        />
      </Section>
    </Page>
  );
}

function linkOf({ subject, file, line }: Exception): string {
  const path = pathOfObject(subject) ?? "/exceptions";
  return file !== null && line !== null && path.startsWith("/files/")
    ? `${path}?line=${line}`
    : path;
}
