// The minute clock: from the stored credit notice to the released money. The marketplace's transit stands beside it, with
// its own name, and is no part of it.

import { useTranslation } from "react-i18next";
import type { Payout } from "../api/operations.ts";
import { useFormat } from "../i18n/use-format.ts";

const MINUTE_MS = 60_000;

export function MinuteClock({ payout }: { readonly payout: Payout }) {
  const { t } = useTranslation("parts");
  const format = useFormat();
  const { minuteClock, transitDays } = payout;
  return (
    <div className="clock">
      <div>
        <div className="value">{minuteClock === null ? "—" : format.duration(minuteClock.ms)}</div>
        <div>{t("clock.text")}</div>
        <div className="muted small">
          {minuteClock === null
            ? t("clock.waiting")
            : minuteClock.ms <= MINUTE_MS
              ? t("clock.within")
              : t("clock.over")}
        </div>
      </div>
      <div>
        <div className="value">
          {transitDays === null ? "—" : t("clock.days", { count: transitDays })}
        </div>
        <div>{t("clock.transit")}</div>
        <div className="muted small">{t("clock.transitText")}</div>
      </div>
    </div>
  );
}
