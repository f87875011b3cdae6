// What is held: each with its reason, what lifts it, whose turn it is and by when.

import { useTranslation } from "react-i18next";
import { Link, Navigate, useParams } from "react-router";
import { useApi, useList } from "../../api/use-api.ts";
import { ChoiceField, FilterBar, useFilter } from "../../parts/fields.tsx";
import { HoldCard } from "../../parts/hold-card.tsx";
import { ListShown } from "../../parts/list-shown.tsx";
import { Page } from "../../parts/page.tsx";
import { Empty, Shown } from "../../parts/query-states.tsx";
import { today } from "../../session/business-day.ts";
import { ReleaseRequest } from "./release-request.tsx";

const STATES = ["open", "closed", "all"] as const;
const PAGE_LENGTH = 50;

export function HoldList() {
  const { t } = useTranslation("seller");
  const { t: part } = useTranslation("parts");
  const [state, setState] = useFilter("state");
  const known = STATES.find((one) => one === state) ?? "open";
  const list = useList("listHolds", { query: { state: known, limit: PAGE_LENGTH } });
  return (
    <Page title={t("holds.title")}>
      <FilterBar>
        <ChoiceField
          label={t("holds.show")}
          value={known}
          onChange={setState}
          choices={STATES.map((value) => ({ value, text: t(`holds.states.${value}`) }))}
        />
      </FilterBar>
      <ListShown list={list}>
        {(holds) =>
          holds.length === 0 ? (
            <Empty text={t("holds.none")} />
          ) : (
            <div className="stack">
              {holds.map((hold) => (
                <HoldCard key={hold.id} hold={hold} today={today()}>
                  <Link to={`/payouts/${hold.payoutId}`}>{t("holds.toPayout")}</Link>
                  {hold.closedAt === null ? (
                    <ReleaseRequest holdId={hold.id} held={hold.amount} />
                  ) : null}
                </HoldCard>
              ))}
              {list.hasMore ? (
                <button type="button" className="linked" onClick={list.loadMore}>
                  {part("more")}
                </button>
              ) : null}
            </div>
          )
        }
      </ListShown>
    </Page>
  );
}

/** A hold's own address leads to its payout, where it stands. */
export function HoldPage() {
  const { holdId = "" } = useParams();
  const hold = useApi("getHold", { params: { holdId } });
  return (
    <Shown query={hold}>{({ payoutId }) => <Navigate to={`/payouts/${payoutId}`} replace />}</Shown>
  );
}
