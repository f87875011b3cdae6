// Asks for held money to be released: a request with a reason, which another person decides.

import { App, Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Money as MoneyValue } from "../../api/operations.ts";
import { useAct } from "../../api/use-api.ts";
import { Dialogue } from "../../parts/dialogue.tsx";
import { AreaField } from "../../parts/fields.tsx";
import { Money } from "../../parts/money.tsx";
import { RefusalNote } from "../../parts/refusal-note.tsx";
import { useMay } from "../../session/session.tsx";

export function ReleaseRequest({
  holdId,
  held,
}: {
  readonly holdId: string;
  readonly held: MoneyValue;
}) {
  const { t } = useTranslation("seller");
  const { message } = App.useApp();
  const [isOpen, setOpen] = useState(false);
  const [reason, setReason] = useState("");
  const may = useMay();
  const ask = useAct("requestHoldRelease", () => {
    setOpen(false);
    void message.success(t("holds.asked"));
  });
  if (!may("holds.request-release")) return null;
  return (
    <>
      <Button onClick={() => setOpen(true)}>{t("holds.ask")}</Button>
      <Dialogue isOpen={isOpen} title={t("holds.ask")} onClose={() => setOpen(false)}>
        <div className="stack">
          <p>
            <Money value={held} />
          </p>
          <p className="muted">{t("holds.fourEyes")}</p>
          <AreaField label={t("holds.reason")} value={reason} onChange={setReason} />
          {ask.isError ? <RefusalNote error={ask.error} /> : null}
          <div className="row">
            <Button
              type="primary"
              disabled={reason.trim() === ""}
              loading={ask.isPending}
              onClick={() => ask.mutate({ params: { holdId }, json: { amount: null, reason } })}
            >
              {t("holds.ask")}
            </Button>
          </div>
        </div>
      </Dialogue>
    </>
  );
}
