// Requests that two people must agree on: what waits for a decision, and what became of the others.

import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useList } from "../../api/use-api.ts";
import { ChoiceField, FilterBar, useFilter } from "../../parts/fields.tsx";
import { LongListShown } from "../../parts/list-shown.tsx";
import { Moment } from "../../parts/moment.tsx";
import { Page, Section } from "../../parts/page.tsx";
import { StateTag } from "../../parts/state-tag.tsx";

const STATES = ["pending", "all"] as const;
const PAGE_LENGTH = 100;

export function ApprovalList() {
  const { t } = useTranslation("work");
  const { t: seller } = useTranslation("seller");
  const [state, setState] = useFilter("state");
  const known = STATES.find((one) => one === state) ?? "pending";
  const list = useList("listApprovals", { query: { state: known, limit: PAGE_LENGTH } });
  return (
    <Page title={t("approvals.title")}>
      <FilterBar>
        <ChoiceField
          label={seller("holds.show")}
          value={known}
          onChange={setState}
          choices={STATES.map((value) => ({ value, text: t(`approvals.show.${value}`) }))}
        />
      </FilterBar>
      <Section title={t("approvals.title")} flush>
        <LongListShown
          list={list}
          label={t("approvals.title")}
          rowKey={({ id }) => id}
          rowLink={({ id }) => `/approvals/${id}`}
          empty={t("approvals.none")}
          columns={[
            {
              key: "kind",
              title: t("approvals.what"),
              width: "minmax(190px, 1fr)",
              cell: ({ id, kind }) => (
                <Link to={`/approvals/${id}`}>{t(`approvals.kind.${kind}`)}</Link>
              ),
            },
            {
              key: "state",
              title: seller("payouts.state"),
              width: "minmax(120px, 1fr)",
              cell: (one) => <StateTag group="approvalState" code={one.state} />,
            },
            {
              key: "reason",
              title: t("approvals.reason"),
              width: "minmax(260px, 3fr)",
              cell: ({ reason }) => reason,
            },
            {
              key: "maker",
              title: t("approvals.maker"),
              width: "minmax(180px, 1fr)",
              cell: ({ maker }) => <code>{maker}</code>,
            },
            {
              key: "at",
              title: t("approvals.requested"),
              width: "minmax(190px, 1fr)",
              cell: ({ requestedAt }) => <Moment at={requestedAt} />,
            },
            {
              key: "until",
              title: t("approvals.expires"),
              width: "minmax(190px, 1fr)",
              cell: ({ expiresAt }) => <Moment at={expiresAt} />,
            },
          ]}
        />
      </Section>
    </Page>
  );
}
