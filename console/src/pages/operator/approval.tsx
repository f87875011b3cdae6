// One request: how things stand and how they would stand, side by side, and the decision of another person.

import { Button } from "antd";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { useParams } from "react-router";
import type { OutputOf } from "../../api/operations.ts";
import { useAct, useTagged } from "../../api/use-api.ts";
import { useWords } from "../../i18n/use-words.ts";
import { AreaField } from "../../parts/fields.tsx";
import { CivilDay, Moment } from "../../parts/moment.tsx";
import { Money } from "../../parts/money.tsx";
import { type Fact, Facts, Page, Section } from "../../parts/page.tsx";
import { Shown } from "../../parts/query-states.tsx";
import { RefusalNote } from "../../parts/refusal-note.tsx";
import { ObjectLink } from "../../parts/source-link.tsx";
import { StateTag } from "../../parts/state-tag.tsx";
import { useMay, useMe } from "../../session/session.tsx";

type Approval = OutputOf<"getApproval">;

export function ApprovalPage() {
  const { t } = useTranslation("work");
  const { approvalId = "" } = useParams();
  const approval = useTagged("getApproval", { params: { approvalId } });
  return (
    <Shown query={approval}>
      {({ value, etag }) => (
        <Page
          title={t(`approvals.kind.${value.kind}`)}
          crumbs={[{ to: "/approvals", text: t("approvals.title") }]}
          mark={<StateTag group="approvalState" code={value.state} />}
        >
          <Section title={t("approvals.change")}>
            <Sides approval={value} />
          </Section>
          <Asked approval={value} />
          {value.state === "pending" ? <Decision approval={value} etag={etag} /> : null}
        </Page>
      )}
    </Shown>
  );
}

function Sides({ approval }: { readonly approval: Approval }) {
  const { t } = useTranslation("work");
  const sides = useSides(approval);
  return (
    <div className="two-sides">
      <section aria-label={t("approvals.before")}>
        <h3 className="muted small">{t("approvals.before")}</h3>
        <Facts facts={sides.before} />
      </section>
      <section aria-label={t("approvals.after")}>
        <h3 className="muted small">{t("approvals.after")}</h3>
        <Facts facts={sides.after} />
      </section>
    </div>
  );
}

type TwoSides = { readonly before: readonly Fact[]; readonly after: readonly Fact[] };

function useSides({ holdRelease, accountBinding, paymentOrder, roleChange }: Approval): TwoSides {
  const { t } = useTranslation("work");
  const word = useWords();
  if (holdRelease !== null) {
    const { code, held, amount, payoutId, message } = holdRelease;
    return {
      before: [
        { label: t("approvals.held"), value: <Money value={held} /> },
        { label: t("approvals.why"), value: word("holdCode", code) },
        { label: t("approvals.sentence"), value: <span lang="en">{message}</span> },
      ],
      after: [
        { label: t("approvals.released"), value: <Money value={amount} /> },
        { label: t("approvals.payout"), value: <ObjectLink id={payoutId} /> },
      ],
    };
  }
  if (accountBinding !== null) {
    const { accountNumber, currency, before, after, fromOn } = accountBinding;
    const account = `${accountNumber} ${currency}`;
    return {
      before: [{ label: account, value: before ?? "—" }],
      after: [
        { label: account, value: after },
        { label: t("approvals.from"), value: <CivilDay on={fromOn} /> },
      ],
    };
  }
  return { before: [], after: factsOf(paymentOrder ?? roleChange ?? {}) };
}

function factsOf(record: Readonly<Record<string, unknown>>): readonly Fact[] {
  return Object.entries(record).map(([label, value]) => ({ label, value: textOf(value) }));
}

function textOf(value: unknown): ReactNode {
  if (value === null || value === undefined) return "—";
  return typeof value === "object" ? (
    <code>{JSON.stringify(value)}</code>
  ) : (
    `${value as string | number | boolean}`
  );
}

function Asked({ approval }: { readonly approval: Approval }) {
  const { t } = useTranslation("work");
  const { subject, maker, reason, requestedAt, expiresAt, decision, execution } = approval;
  return (
    <Section title={t("approvals.request")}>
      <Facts
        facts={[
          { label: t("approvals.reason"), value: reason },
          { label: t("approvals.maker"), value: <code>{maker}</code> },
          { label: t("approvals.subject"), value: <ObjectLink id={subject} /> },
          { label: t("approvals.requested"), value: <Moment at={requestedAt} /> },
          { label: t("approvals.expires"), value: <Moment at={expiresAt} /> },
          decision === null
            ? null
            : {
                label: t("approvals.decided"),
                value: (
                  <>
                    <StateTag group="approvalState" code={decision.outcome} />{" "}
                    <code>{decision.checker}</code> <Moment at={decision.decidedAt} />{" "}
                    {decision.reason}
                  </>
                ),
              },
          execution === null
            ? null
            : {
                label: t("approvals.done"),
                value: (
                  <>
                    <StateTag group="approvalState" code={execution.outcome} />{" "}
                    <span lang="en">{execution.message}</span>
                  </>
                ),
              },
        ]}
      />
    </Section>
  );
}

function Decision({
  approval,
  etag,
}: {
  readonly approval: Approval;
  /** Of what was read: a decision on anything else is refused. */
  readonly etag: string | null;
}) {
  const { t } = useTranslation("work");
  const [reason, setReason] = useState("");
  const me = useMe();
  const may = useMay();
  const approve = useAct("approve");
  const deny = useAct("deny");
  if (!may("approvals.decide")) return <p className="note">{t("approvals.notYours")}</p>;
  if (approval.maker === me.id) return <p className="note">{t("approvals.own")}</p>;
  const asked = {
    params: { approvalId: approval.id },
    ...(etag === null ? {} : { ifMatch: etag }),
  };
  return (
    <Section title={t("approvals.decide")}>
      <div className="stack">
        <AreaField label={t("approvals.decisionReason")} value={reason} onChange={setReason} />
        <div className="row">
          <Button
            type="primary"
            loading={approve.isPending}
            onClick={() => approve.mutate({ ...asked, json: { reason: reason.trim() || null } })}
          >
            {t("approvals.approve")}
          </Button>
          <Button
            danger
            disabled={reason.trim() === ""}
            loading={deny.isPending}
            onClick={() => deny.mutate({ ...asked, json: { reason } })}
          >
            {t("approvals.deny")}
          </Button>
        </div>
        {approve.isError ? <RefusalNote error={approve.error} /> : null}
        {deny.isError ? <RefusalNote error={deny.error} /> : null}
      </div>
    </Section>
  );
}
