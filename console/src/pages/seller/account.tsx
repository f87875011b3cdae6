// One account with its books, and the entries of a book, each with the balance after it.

import { useTranslation } from "react-i18next";
import { useParams } from "react-router";
import type { InputOf, OutputOf } from "../../api/operations.ts";
import { useApi, useList } from "../../api/use-api.ts";
import { useWords } from "../../i18n/use-words.ts";
import { DataTable } from "../../parts/data-table.tsx";
import { ChoiceField, FilterBar, useFilter } from "../../parts/fields.tsx";
import { Figures } from "../../parts/figures.tsx";
import { LongListShown } from "../../parts/list-shown.tsx";
import { CivilDay } from "../../parts/moment.tsx";
import { Money } from "../../parts/money.tsx";
import { Page, Section } from "../../parts/page.tsx";
import { Shown } from "../../parts/query-states.tsx";
import { ObjectLink, pathOfObject } from "../../parts/source-link.tsx";

type Account = OutputOf<"getAccount">;
type BookName = NonNullable<NonNullable<InputOf<"listEntries">["query"]>["book"]>;

const ENTRIES_PAGE = 100;

export function AccountPage() {
  const { t } = useTranslation("seller");
  const { sellerId = "", currency = "" } = useParams();
  const account = useApi("getAccount", { params: { sellerId, currency } });
  return (
    <Page
      title={`${currency} · ${sellerId}`}
      crumbs={[{ to: "/accounts", text: t("accounts.title") }]}
    >
      <Shown query={account}>
        {(value) => (
          <>
            <AccountFigures account={value} />
            <Books account={value} />
            <Entries account={value} />
          </>
        )}
      </Shown>
    </Page>
  );
}

function AccountFigures({ account }: { readonly account: Account }) {
  const { t } = useTranslation("seller");
  const { available, held, inTransit, unexplained, overseasCharges } = account;
  return (
    <Figures
      figures={[
        { title: t("overview.available"), value: <Money value={available} /> },
        { title: t("overview.held"), value: <Money value={held} /> },
        { title: t("overview.onTheWay"), value: <Money value={inTransit} /> },
        { title: t("accounts.unexplained"), value: <Money value={unexplained} /> },
        { title: t("accounts.charges"), value: <Money value={overseasCharges} /> },
      ]}
    />
  );
}

function Books({ account }: { readonly account: Account }) {
  const { t } = useTranslation("seller");
  const word = useWords();
  return (
    <Section title={t("accounts.books")} flush>
      <DataTable
        label={t("accounts.books")}
        rows={account.books}
        rowKey={({ book }) => book}
        columns={[
          { key: "book", title: t("accounts.book"), cell: ({ book }) => word("book", book) },
          {
            key: "nature",
            title: t("accounts.nature"),
            cell: ({ nature }) => word("nature", nature),
          },
          {
            key: "balance",
            title: t("accounts.balance"),
            isFigure: true,
            cell: ({ balance }) => <Money value={balance} />,
          },
          {
            key: "pending",
            title: t("accounts.pending"),
            isFigure: true,
            cell: ({ pending }) => <Money value={pending} />,
          },
        ]}
      />
    </Section>
  );
}

function entriesAsked(sellerId: string, currency: string, book: BookName | null) {
  return {
    params: { sellerId, currency },
    query: { limit: ENTRIES_PAGE, ...(book === null ? {} : { book }) },
  };
}

function Entries({ account }: { readonly account: Account }) {
  const { t } = useTranslation("seller");
  const word = useWords();
  const [book, setBook] = useFilter("book");
  const known = account.books.find((one) => one.book === book)?.book ?? null;
  const asked = entriesAsked(account.sellerId, account.currency, known as BookName | null);
  const list = useList("listEntries", asked);
  return (
    <Section title={t("accounts.entries")} flush>
      <div className="inset">
        <FilterBar>
          <ChoiceField
            label={t("accounts.book")}
            value={book}
            onChange={setBook}
            choices={[
              { value: "", text: word("book", "fx-account") },
              ...account.books
                .filter((one) => one.book !== "fx-account")
                .map((one) => ({ value: one.book, text: word("book", one.book) })),
            ]}
          />
        </FilterBar>
      </div>
      <LongListShown
        list={list}
        label={t("accounts.entries")}
        rowKey={({ seq, postingId }) => `${seq}-${postingId}`}
        rowLink={({ subject }) => pathOfObject(subject) ?? "/accounts"}
        columns={[
          {
            key: "subject",
            title: t("accounts.subject"),
            width: "minmax(220px, 2fr)",
            cell: ({ subject }) => <ObjectLink id={subject} />,
          },
          {
            key: "on",
            title: t("accounts.effective"),
            width: "minmax(110px, 1fr)",
            cell: ({ effectiveOn }) => <CivilDay on={effectiveOn} />,
          },
          {
            key: "kind",
            title: t("accounts.kind"),
            width: "minmax(130px, 1fr)",
            cell: ({ kind }) => word("entryKind", kind),
          },
          {
            key: "amount",
            title: t("accounts.amount"),
            width: "minmax(130px, 1fr)",
            isFigure: true,
            cell: ({ amount }) => <Money value={amount} />,
          },
          {
            key: "balance",
            title: t("accounts.after"),
            width: "minmax(140px, 1fr)",
            isFigure: true,
            cell: ({ balance }) => <Money value={balance} />,
          },
        ]}
      />
    </Section>
  );
}
