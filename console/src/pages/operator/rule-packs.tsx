// Rule packs: what each rule says, on which notice it rests and how sure that is; and what a pack would have decided
// otherwise.

import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { OutputOf } from "../../api/operations.ts";
import { useApi } from "../../api/use-api.ts";
import { useFormat } from "../../i18n/use-format.ts";
import { useWords } from "../../i18n/use-words.ts";
import { DataTable } from "../../parts/data-table.tsx";
import { Page, Section } from "../../parts/page.tsx";
import { Loading, Shown } from "../../parts/query-states.tsx";
import { useMay } from "../../session/session.tsx";

type Pack = OutputOf<"listRulePacks">["data"][number];

export function RulePacks() {
  const { t } = useTranslation("work");
  const packs = useApi("listRulePacks", {});
  return (
    <Page title={t("packs.title")}>
      <Shown query={packs}>
        {({ data }) => data.map((pack) => <PackShown key={pack.id} pack={pack} />)}
      </Shown>
    </Page>
  );
}

function PackShown({ pack }: { readonly pack: Pack }) {
  const { t, i18n } = useTranslation("work");
  const word = useWords();
  const isChinese = i18n.language === "zh-CN";
  return (
    <Section
      title={isChinese ? pack.title.zh : pack.title.en}
      note={`${pack.id} · ${pack.effectiveFrom} · ${pack.isInForce ? t("packs.inForce") : t("packs.notInForce")}`}
      flush
    >
      <DataTable
        label={isChinese ? pack.title.zh : pack.title.en}
        rows={pack.rules}
        rowKey={({ rule }) => rule}
        columns={[
          {
            key: "rule",
            title: t("packs.rule"),
            cell: ({ title }) => (isChinese ? title.zh : title.en),
          },
          {
            key: "effect",
            title: t("packs.effect"),
            cell: ({ effect }) => word("ruleEffect", effect),
          },
          {
            key: "when",
            title: t("packs.when"),
            cell: ({ when }) => <code className="breakable">{when}</code>,
          },
          {
            key: "source",
            title: t("packs.source"),
            cell: ({ source }) => (
              <>
                {[source.notice, source.article].filter((part) => part !== null).join(", ")}{" "}
                <span className="muted small">{word("confidence", source.confidence)}</span>
                <p className="muted small" lang="en">
                  {source.quote}
                </p>
              </>
            ),
          },
        ]}
      />
      <Rehearsal packId={pack.id} />
    </Section>
  );
}

/** Asked for only when somebody wants it: it looks at every payout on record. */
function Rehearsal({ packId }: { readonly packId: string }) {
  const { t } = useTranslation("work");
  const word = useWords();
  const format = useFormat();
  const may = useMay();
  const [isAsked, setAsked] = useState(false);
  const rehearsal = useApi("rehearseRulePack", { params: { packId } }, { enabled: isAsked });
  if (!may("rehearsals.read")) return null;
  if (!isAsked)
    return (
      <div className="inset">
        <Button onClick={() => setAsked(true)}>{t("packs.rehearse")}</Button>
      </div>
    );
  const codes = (list: readonly string[]) =>
    list.map((code) => word("holdCode", code)).join(", ") || "—";
  return (
    <div className="inset">
      <Shown query={rehearsal} loading={<Loading />}>
        {({ payouts, otherwise }) => (
          <>
            <p>
              {t("packs.rehearsed", {
                count: payouts,
                replace: {
                  count: format.count(payouts),
                  otherwise: format.count(otherwise.length),
                },
              })}
            </p>
            <DataTable
              label={t("packs.rehearse")}
              rows={otherwise}
              rowKey={({ payoutId }) => payoutId}
              rowLink={({ payoutId }) => `/payouts/${payoutId}`}
              empty={t("packs.same")}
              columns={[
                {
                  key: "payout",
                  title: t("packs.payout"),
                  cell: ({ payoutId, reference }) => (
                    <Link to={`/payouts/${payoutId}`}>{reference}</Link>
                  ),
                },
                { key: "before", title: t("packs.before"), cell: ({ before }) => codes(before) },
                { key: "after", title: t("packs.after"), cell: ({ after }) => codes(after) },
              ]}
            />
          </>
        )}
      </Shown>
    </div>
  );
}
