// One payout: what is expected next, how long it took, how it was matched, what is held and why, and every figure down to
// the line where it was read.

import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { Link, useParams } from "react-router";
import type { Payout } from "../../api/operations.ts";
import { useApi } from "../../api/use-api.ts";
import { isZero } from "../../format/amount.ts";
import { useFormat } from "../../i18n/use-format.ts";
import { useWords } from "../../i18n/use-words.ts";
import { DataTable } from "../../parts/data-table.tsx";
import { Figures } from "../../parts/figures.tsx";
import { HoldCard } from "../../parts/hold-card.tsx";
import { MinuteClock } from "../../parts/minute-clock.tsx";
import { Moment } from "../../parts/moment.tsx";
import { Money } from "../../parts/money.tsx";
import { Facts, Page, Section } from "../../parts/page.tsx";
import { Shown } from "../../parts/query-states.tsx";
import { SourceLink } from "../../parts/source-link.tsx";
import { StateTag } from "../../parts/state-tag.tsx";
import { Story } from "../../parts/story.tsx";
import { today } from "../../session/business-day.ts";
import { MatchFlows } from "./match-flows.tsx";
import { useNextStep } from "./next-step.ts";
import { PayoutEvidence, PayoutVerdicts } from "./payout-evidence.tsx";
import { ReleaseRequest } from "./release-request.tsx";

export function PayoutPage() {
  const { payoutId = "" } = useParams();
  const payout = useApi("getPayout", { params: { payoutId } });
  return <Shown query={payout}>{(value) => <PayoutShown payout={value} />}</Shown>;
}

function PayoutShown({ payout }: { readonly payout: Payout }) {
  const { t } = useTranslation("seller");
  const { t: part } = useTranslation("parts");
  return (
    <Page
      title={payout.reference}
      crumbs={[{ to: "/payouts", text: t("payouts.title") }]}
      mark={<StateTag group="payoutState" code={payout.state} />}
      acts={<Button onClick={() => print()}>{part("print")}</Button>}
    >
      <PayoutFigures payout={payout} />
      <Holds payout={payout} />
      <PayoutEvidence payoutId={payout.id} />
      <div className="grid-2">
        <PayoutStory payout={payout} />
        <Section title={part("clock.title")}>
          <MinuteClock payout={payout} />
        </Section>
      </div>
      {payout.matches.length === 0 ? null : (
        <Section title={t("flow.title")}>
          <MatchFlows payout={payout} />
        </Section>
      )}
      <Statements payout={payout} />
      <PayoutVerdicts payoutId={payout.id} />
      <About payout={payout} />
    </Page>
  );
}

function PayoutFigures({ payout }: { readonly payout: Payout }) {
  const { t } = useTranslation("seller");
  const word = useWords();
  const { amount, originalAmount, credited, charged, holds, state } = payout;
  return (
    <Figures
      figures={[
        {
          title: t("payouts.amount"),
          value: <Money value={amount} />,
          ...(originalAmount === null ? {} : { note: <Money value={originalAmount} /> }),
        },
        { title: t("payouts.credited"), value: <Money value={credited} /> },
        {
          title: t("payouts.charged"),
          value: <Money value={charged} />,
          note: t("payouts.chargedNote"),
        },
        {
          title: t("payouts.held"),
          value:
            holds.length === 0
              ? "—"
              : holds.map((hold) => <Money key={hold.id} value={hold.amount} />),
          note: word("payoutStateMeaning", state),
        },
      ]}
    />
  );
}

function Holds({ payout }: { readonly payout: Payout }) {
  const { t } = useTranslation("seller");
  if (payout.holds.length === 0) return null;
  return (
    <Section title={t("holds.open")}>
      <div className="stack">
        {payout.holds.map((hold) => (
          <HoldCard key={hold.id} hold={hold} today={today()}>
            <ReleaseRequest holdId={hold.id} held={hold.amount} />
          </HoldCard>
        ))}
      </div>
    </Section>
  );
}

function PayoutStory({ payout }: { readonly payout: Payout }) {
  const { t } = useTranslation("seller");
  const timeline = useApi("getPayoutTimeline", { params: { payoutId: payout.id } });
  const next = useNextStep(payout);
  return (
    <Section title={t("payouts.story")}>
      <Shown query={timeline}>{({ data }) => <Story entries={data} next={next} />}</Shown>
    </Section>
  );
}

function Statements({ payout }: { readonly payout: Payout }) {
  const { t } = useTranslation("seller");
  const format = useFormat();
  return (
    <Section title={t("statements.title")} flush>
      <DataTable
        label={t("statements.title")}
        rows={payout.statements}
        rowKey={({ id }) => id}
        rowLink={({ id }) => `/statements/${id}`}
        empty={t("payouts.noStatement")}
        columns={[
          {
            key: "id",
            title: t("statements.settlement"),
            cell: ({ id, settlementId }) => <Link to={`/statements/${id}`}>{settlementId}</Link>,
          },
          {
            key: "verdict",
            title: t("statements.verdict"),
            cell: ({ verdict }) => <StateTag group="verdict" code={verdict} />,
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
            cell: ({ total }) => <Money value={total} />,
          },
          {
            key: "source",
            title: t("flow.source"),
            cell: ({ source }) => <SourceLink source={source} />,
          },
        ]}
      />
    </Section>
  );
}

function About({ payout }: { readonly payout: Payout }) {
  const { t } = useTranslation("seller");
  const { id, marketplace, source, announcedStatus, initiatedAt, sellerId, originalAmount } =
    payout;
  return (
    <Section title={t("payouts.about")}>
      <Facts
        facts={[
          { label: t("payouts.id"), value: <code>{id}</code> },
          { label: t("payouts.marketplace"), value: marketplace },
          { label: t("payouts.source"), value: source },
          { label: t("payouts.announcedStatus"), value: announcedStatus },
          { label: t("payouts.initiated"), value: <Moment at={initiatedAt} /> },
          sellerId === null ? null : { label: t("seller"), value: <code>{sellerId}</code> },
          originalAmount === null || isZero(originalAmount.amount)
            ? null
            : { label: t("payouts.original"), value: <Money value={originalAmount} /> },
        ]}
      />
    </Section>
  );
}
