// One statement: what it declares and what its lines sum to, by kinds of lines, down to the lines themselves.

import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { Link, useParams } from "react-router";
import type { OutputOf } from "../../api/operations.ts";
import { useApi } from "../../api/use-api.ts";
import { subtractAmounts } from "../../format/amount.ts";
import { useFormat } from "../../i18n/use-format.ts";
import { useWords } from "../../i18n/use-words.ts";
import { DataTable } from "../../parts/data-table.tsx";
import { Figures } from "../../parts/figures.tsx";
import { Moment } from "../../parts/moment.tsx";
import { Money } from "../../parts/money.tsx";
import { Facts, Page, Section } from "../../parts/page.tsx";
import { Shown } from "../../parts/query-states.tsx";
import { SourceLink } from "../../parts/source-link.tsx";
import { StateTag } from "../../parts/state-tag.tsx";

type Statement = OutputOf<"getStatement">;

export function StatementPage() {
  const { t } = useTranslation("seller");
  const { t: part } = useTranslation("parts");
  const { statementId = "" } = useParams();
  const statement = useApi("getStatement", { params: { statementId } });
  return (
    <Shown query={statement}>
      {(value) => (
        <Page
          title={value.settlementId}
          crumbs={[{ to: "/statements", text: t("statements.title") }]}
          mark={<StateTag group="verdict" code={value.verdict} />}
          acts={<Button onClick={() => print()}>{part("print")}</Button>}
        >
          <Proof statement={value} />
          <Groups statement={value} />
        </Page>
      )}
    </Shown>
  );
}

function Proof({ statement }: { readonly statement: Statement }) {
  const { t } = useTranslation("seller");
  const format = useFormat();
  const word = useWords();
  const { declaredTotal, summedTotal, reasons, lineCount, source, lastLine } = statement;
  return (
    <>
      <Figures
        figures={[
          {
            title: t("statements.declared"),
            value: declaredTotal === null ? "—" : <Money value={declaredTotal} />,
          },
          {
            title: t("statements.summed"),
            value: summedTotal === null ? "—" : <Money value={summedTotal} />,
            note: t("statements.ofLines", {
              count: lineCount,
              replace: { count: format.count(lineCount) },
            }),
          },
          {
            title: t("statements.difference"),
            value:
              declaredTotal === null || summedTotal === null ? (
                "—"
              ) : (
                <Money
                  value={{
                    amount: subtractAmounts(summedTotal.amount, declaredTotal.amount),
                    currency: summedTotal.currency,
                  }}
                />
              ),
          },
        ]}
      />
      {reasons.map(({ code, line, message }) => (
        <p key={`${code}-${line}`} className="note" data-tone="bad" lang="en">
          {message}
        </p>
      ))}
      <Section title={t("payouts.about")}>
        <Facts
          facts={[
            { label: t("statements.state"), value: word("statementState", statement.state) },
            { label: t("payouts.marketplace"), value: statement.marketplaceNames.join(", ") },
            { label: t("statements.format"), value: statement.format },
            { label: t("statements.periodStart"), value: <Moment at={statement.periodStart} /> },
            { label: t("statements.periodEnd"), value: <Moment at={statement.periodEnd} /> },
            {
              label: t("statements.payout"),
              value:
                statement.payoutId === null ? (
                  "—"
                ) : (
                  <Link to={`/payouts/${statement.payoutId}`}>{statement.payoutId}</Link>
                ),
            },
            { label: t("flow.source"), value: <SourceLink source={source} /> },
            { label: t("statements.lastLine"), value: format.count(lastLine) },
          ]}
        />
      </Section>
    </>
  );
}

function Groups({ statement }: { readonly statement: Statement }) {
  const { t } = useTranslation("seller");
  const format = useFormat();
  const word = useWords();
  return (
    <Section title={t("statements.groups")} flush>
      <DataTable
        label={t("statements.groups")}
        rows={statement.groups}
        rowKey={(group) =>
          `${group.transactionType}|${group.amountType}|${group.amountDescription}`
        }
        columns={[
          {
            key: "what",
            title: t("statements.group"),
            cell: ({ transactionType, amountType, amountDescription, firstLine }) => (
              <Link to={`/files/${statement.source.sha256}?line=${firstLine}`}>
                {[transactionType, amountType, amountDescription]
                  .filter((one) => one !== "")
                  .join(" · ")}
              </Link>
            ),
          },
          {
            key: "class",
            title: t("accounts.book"),
            cell: ({ class: name, known }) => (
              <span data-tone={known ? undefined : "bad"}>{word("book", name)}</span>
            ),
          },
          {
            key: "lines",
            title: t("statements.lines"),
            isFigure: true,
            cell: ({ lineCount }) => format.count(lineCount),
          },
          {
            key: "total",
            title: t("statements.total"),
            isFigure: true,
            cell: ({ total }) => (total === null ? "—" : <Money value={total} />),
          },
        ]}
      />
    </Section>
  );
}
