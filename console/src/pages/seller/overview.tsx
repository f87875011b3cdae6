// The start page of a seller: where the money is, one payout followed live, how long and how dear it was, what is held.

import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { Account, Hold, Money as MoneyValue, Payout } from "../../api/operations.ts";
import { useApi } from "../../api/use-api.ts";
import { isZero, sumAmounts } from "../../format/amount.ts";
import { Figures, Sums } from "../../parts/figures.tsx";
import { HoldCard } from "../../parts/hold-card.tsx";
import { MinuteClock } from "../../parts/minute-clock.tsx";
import { Money } from "../../parts/money.tsx";
import { Page, Section } from "../../parts/page.tsx";
import { Empty, Shown } from "../../parts/query-states.tsx";
import { StateTag } from "../../parts/state-tag.tsx";
import { Story } from "../../parts/story.tsx";
import { today } from "../../session/business-day.ts";
import { useNextStep } from "./next-step.ts";
import { CostPlot, TimePlot } from "./overview-plots.tsx";

/** Payouts that the plots look back on. */
const LOOKED_BACK = 30;
const HOLDS_SHOWN = 4;

export function Overview() {
  const { t } = useTranslation("seller");
  const payouts = useApi("listPayouts", { query: { limit: LOOKED_BACK } });
  return (
    <Page title={t("overview.title")}>
      <MoneyFigures />
      <Shown query={payouts}>
        {({ data }) => (
          <>
            <Tour payouts={data} />
            <div className="grid-2">
              <Section title={t("overview.time")}>
                <TimePlot payouts={data} />
              </Section>
              <Section title={t("overview.cost")}>
                <CostPlot payouts={data} />
              </Section>
            </div>
          </>
        )}
      </Shown>
      <OpenHolds />
    </Page>
  );
}

function MoneyFigures() {
  const { t } = useTranslation("seller");
  const accounts = useApi("listAccounts", { query: {} });
  const way = useApi("getMoneyOnTheWay", { query: {} });
  return (
    <Shown query={accounts}>
      {({ data }) => (
        <Figures
          figures={[
            {
              title: t("overview.atMarketplace"),
              value: (
                <Sums values={byCurrency((way.data?.balances ?? []).map((one) => one.amount))} />
              ),
              note: t("overview.atMarketplaceNote"),
            },
            {
              title: t("overview.onTheWay"),
              value: <Sums values={sumsOf(data, "inTransit")} />,
              note: t("overview.onTheWayNote"),
            },
            {
              title: t("overview.available"),
              value: <Sums values={sumsOf(data, "available")} />,
              note: <Link to="/accounts">{t("overview.toAccounts")}</Link>,
            },
            {
              title: t("overview.held"),
              value: <Sums values={sumsOf(data, "held")} />,
              note: <Link to="/holds">{t("overview.toHolds")}</Link>,
            },
          ]}
        />
      )}
    </Shown>
  );
}

function sumsOf(accounts: readonly Account[], figure: "inTransit" | "available" | "held") {
  return byCurrency(accounts.map((account) => account[figure]));
}

/** Added up within each currency, never across; currencies of which there is nothing stay out, unless all do. */
export function byCurrency(amounts: readonly MoneyValue[]): readonly MoneyValue[] {
  const currencies = [...new Set(amounts.map(({ currency }) => currency))].toSorted((a, b) =>
    a.localeCompare(b),
  );
  const sums = currencies.map((currency) => ({
    currency,
    amount: sumAmounts(
      amounts.filter((one) => one.currency === currency).map(({ amount }) => amount),
    ),
  }));
  const present = sums.filter(({ amount }) => !isZero(amount));
  return present.length === 0 ? sums.slice(0, 1) : present;
}

/** The newest payout, from the marketplace's balance to the account, as it happens. */
function Tour({ payouts }: { readonly payouts: readonly Payout[] }) {
  const { t } = useTranslation("seller");
  const [newest] = payouts;
  return (
    <Section title={t("overview.tour")} note={t("overview.tourNote")}>
      {newest === undefined ? <Empty text={t("overview.noPayout")} /> : <TourOf payout={newest} />}
    </Section>
  );
}

function TourOf({ payout }: { readonly payout: Payout }) {
  const timeline = useApi("getPayoutTimeline", { params: { payoutId: payout.id } });
  const next = useNextStep(payout);
  return (
    <div className="grid-2">
      <div className="stack">
        <div className="row">
          <Link to={`/payouts/${payout.id}`}>
            <strong>{payout.reference}</strong>
          </Link>
          <StateTag group="payoutState" code={payout.state} />
          <Money value={payout.amount} />
        </div>
        <Shown query={timeline}>{({ data }) => <Story entries={data} next={next} />}</Shown>
      </div>
      <MinuteClock payout={payout} />
    </div>
  );
}

function OpenHolds() {
  const { t } = useTranslation("seller");
  const holds = useApi("listHolds", { query: { state: "open", limit: HOLDS_SHOWN } });
  return (
    <Section title={t("holds.open")} acts={<Link to="/holds">{t("overview.toHolds")}</Link>}>
      <Shown query={holds}>
        {({ data }) =>
          data.length === 0 ? (
            <Empty text={t("holds.none")} />
          ) : (
            <div className="stack">
              {data.map((hold: Hold) => (
                <HoldCard key={hold.id} hold={hold} today={today()}>
                  <Link to={`/payouts/${hold.payoutId}`}>{t("holds.toPayout")}</Link>
                </HoldCard>
              ))}
            </div>
          )
        }
      </Shown>
    </Section>
  );
}
