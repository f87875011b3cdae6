// How far a payout is supported, and what would cure the rest: before the bank asks. And what each rule says, with where
// it comes from.

import { useTranslation } from "react-i18next";
import type { OutputOf } from "../../api/operations.ts";
import { useApi } from "../../api/use-api.ts";
import { useFormat } from "../../i18n/use-format.ts";
import { useWords } from "../../i18n/use-words.ts";
import { DataTable } from "../../parts/data-table.tsx";
import { DropZone } from "../../parts/drop-zone.tsx";
import { EvidenceMeter } from "../../parts/evidence-meter.tsx";
import { CivilDay } from "../../parts/moment.tsx";
import { Money } from "../../parts/money.tsx";
import { Section } from "../../parts/page.tsx";
import { Shown } from "../../parts/query-states.tsx";
import { useMay } from "../../session/session.tsx";

type Evidence = OutputOf<"getPayoutEvidence">;
type Verdict = OutputOf<"getPayoutVerdicts">["verdicts"][number];

export function PayoutEvidence({ payoutId }: { readonly payoutId: string }) {
  const { t } = useTranslation("parts");
  const evidence = useApi("getPayoutEvidence", { params: { payoutId } });
  if (evidence.data?.state === "not-in-force") return null;
  return (
    <Section title={t("evidence.title")}>
      <Shown query={evidence}>{(value) => <Meter evidence={value} />}</Shown>
    </Section>
  );
}

function Meter({ evidence }: { readonly evidence: Evidence }) {
  const { t } = useTranslation("seller");
  const word = useWords();
  const format = useFormat();
  const may = useMay();
  const { required, covered, missing, missingPapers, ordersUnshipped, findings } = evidence;
  return (
    <div className="stack">
      {required === null || covered === null ? null : (
        <EvidenceMeter
          covered={covered.amount}
          required={required.amount}
          currency={required.currency}
        />
      )}
      {ordersUnshipped === 0 ? null : (
        <p className="muted small">{t("evidence.unshipped", { count: ordersUnshipped })}</p>
      )}
      {missingPapers.length === 0 ? null : (
        <p>
          {missingPapers
            .map(({ paper, count }) => `${word("paper", paper)}: ${format.count(count)}`)
            .join(" · ")}
        </p>
      )}
      {missing.length === 0 ? null : (
        <DataTable
          label={t("evidence.missing")}
          rows={missing}
          rowKey={({ orderId, paper }) => `${orderId}-${paper}`}
          columns={[
            { key: "order", title: t("evidence.order"), cell: ({ orderId }) => orderId ?? "—" },
            { key: "paper", title: t("evidence.paper"), cell: ({ paper }) => word("paper", paper) },
            {
              key: "amount",
              title: t("evidence.supports"),
              isFigure: true,
              cell: ({ amount }) => <Money value={amount} />,
            },
            { key: "owner", title: t("evidence.owner"), cell: ({ owner }) => word("owner", owner) },
            { key: "due", title: t("evidence.due"), cell: ({ dueOn }) => <CivilDay on={dueOn} /> },
          ]}
        />
      )}
      {findings.map((finding) => (
        <p key={`${finding.code}-${finding.orderId}`} className="note" data-tone="warn">
          {`${word("evidenceFinding", finding.code)} · ${finding.orderId}`}
        </p>
      ))}
      {missing.length > 0 && may("uploads.write") ? <DropZone hint={t("evidence.hint")} /> : null}
    </div>
  );
}

export function PayoutVerdicts({ payoutId }: { readonly payoutId: string }) {
  const { t } = useTranslation("seller");
  const verdicts = useApi("getPayoutVerdicts", { params: { payoutId } });
  if (verdicts.data?.packs.length === 0) return null;
  return (
    <Section title={t("rules.title")} note={t("rules.note")} flush>
      <Shown query={verdicts}>
        {(value) => (
          <Verdicts verdicts={value.verdicts.filter(({ outcome }) => outcome !== "silent")} />
        )}
      </Shown>
    </Section>
  );
}

function Verdicts({ verdicts }: { readonly verdicts: readonly Verdict[] }) {
  const { t, i18n } = useTranslation("seller");
  const word = useWords();
  const isChinese = i18n.language === "zh-CN";
  return (
    <DataTable
      label={t("rules.title")}
      rows={verdicts}
      rowKey={({ rule, creditId }) => `${rule}-${creditId}`}
      empty={t("rules.silent")}
      columns={[
        {
          key: "rule",
          title: t("rules.rule"),
          cell: ({ title }) => (isChinese ? title.zh : title.en),
        },
        {
          key: "says",
          title: t("rules.says"),
          cell: ({ outcome, effect }) =>
            outcome === "speaks" ? word("ruleEffect", effect) : word("ruleOutcome", outcome),
        },
        {
          key: "message",
          title: t("rules.because"),
          cell: ({ message, messageZh, failure }) => failure ?? (isChinese ? messageZh : message),
        },
        {
          key: "looked",
          title: t("rules.lookedAt"),
          cell: ({ lookedAt }) => (
            <span className="mono small">
              {lookedAt
                .map(({ fact, value }) => `${fact} = ${value === "" ? "—" : value}`)
                .join("; ")}
            </span>
          ),
        },
        {
          key: "source",
          title: t("rules.source"),
          cell: ({ source }) => (
            <>
              {[source.notice, source.article].filter((part) => part !== null).join(", ")}{" "}
              <span className="muted small">{word("confidence", source.confidence)}</span>
            </>
          ),
        },
      ]}
    />
  );
}
