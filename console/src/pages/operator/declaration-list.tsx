// Declarations of receipts: where each stands, what is wrong with it, what the authority answered.

import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useAct, useList } from "../../api/use-api.ts";
import { useFormat } from "../../i18n/use-format.ts";
import { Dialogue } from "../../parts/dialogue.tsx";
import { TextField } from "../../parts/fields.tsx";
import { LongListShown } from "../../parts/list-shown.tsx";
import { CivilDay } from "../../parts/moment.tsx";
import { Page, Section } from "../../parts/page.tsx";
import { RefusalNote } from "../../parts/refusal-note.tsx";
import { StateTag } from "../../parts/state-tag.tsx";
import { useMay } from "../../session/session.tsx";

const PAGE_LENGTH = 100;

export function DeclarationList() {
  const { t } = useTranslation("work");
  const { t: seller } = useTranslation("seller");
  const format = useFormat();
  const may = useMay();
  const list = useList("listDeclarations", { query: { limit: PAGE_LENGTH } });
  return (
    <Page title={t("declarations.title")}>
      <Section title={t("declarations.title")} note={t("declarations.note")} flush>
        <LongListShown
          list={list}
          label={t("declarations.title")}
          rowKey={({ id }) => id}
          rowLink={({ creditId }) => `/credits/${creditId}`}
          empty={t("declarations.none")}
          columns={[
            {
              key: "number",
              title: t("declarations.number"),
              width: "minmax(210px, 2fr)",
              cell: ({ rptNo, creditId }) => <Link to={`/credits/${creditId}`}>{rptNo}</Link>,
            },
            {
              key: "state",
              title: seller("payouts.state"),
              width: "minmax(110px, 1fr)",
              cell: ({ state, isLate }) => (
                <StateTag
                  group="declarationState"
                  code={state}
                  {...(isLate ? { tone: "bad" as const } : {})}
                />
              ),
            },
            {
              key: "due",
              title: t("declarations.due"),
              width: "minmax(120px, 1fr)",
              cell: ({ dueOn }) => <CivilDay on={dueOn} />,
            },
            {
              key: "amount",
              title: seller("payouts.amount"),
              width: "minmax(130px, 1fr)",
              isFigure: true,
              cell: ({ amount, currency }) => `${format.amount(amount)} ${currency}`,
            },
            {
              key: "code",
              title: t("declarations.code"),
              width: "minmax(110px, 1fr)",
              cell: ({ codes }) => codes.map(({ code }) => code).join(", "),
            },
            {
              key: "wrong",
              title: t("declarations.wrong"),
              width: "minmax(300px, 3fr)",
              cell: ({ answer, faults }) => (
                <span lang="en">
                  {answer ?? faults.map(({ field, message }) => `${field}: ${message}`).join(" ")}
                </span>
              ),
            },
            {
              key: "complete",
              title: t("declarations.complete"),
              width: "minmax(110px, 1fr)",
              cell: ({ id, state }) =>
                state === "incomplete" && may("declarations.write") ? (
                  <Complete declarationId={id} />
                ) : null,
            },
          ]}
        />
      </Section>
    </Page>
  );
}

/** What only the payee knows: where the payer resides. */
function Complete({ declarationId }: { readonly declarationId: string }) {
  const { t } = useTranslation("work");
  const [isOpen, setOpen] = useState(false);
  const [country, setCountry] = useState("");
  const complete = useAct("completeDeclaration", () => setOpen(false));
  const letters = country.trim().toUpperCase();
  return (
    <>
      <Button
        size="small"
        onClick={(event) => {
          event.stopPropagation();
          setOpen(true);
        }}
      >
        {t("declarations.complete")}
      </Button>
      <Dialogue isOpen={isOpen} title={t("declarations.complete")} onClose={() => setOpen(false)}>
        <div className="stack">
          <TextField label={t("declarations.country")} value={country} onChange={setCountry} />
          {complete.isError ? <RefusalNote error={complete.error} /> : null}
          <div className="row">
            <Button
              type="primary"
              disabled={!/^[A-Z]{2,3}$/.test(letters)}
              loading={complete.isPending}
              onClick={() =>
                complete.mutate({
                  params: { declarationId },
                  json: { country: letters, payType: null, remark: null },
                })
              }
            >
              {t("declarations.confirm")}
            </Button>
          </div>
        </div>
      </Dialogue>
    </>
  );
}
