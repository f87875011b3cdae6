// How far the papers cover a receipt: a bar with its figures as text, so that it is read without being seen.

import { useId } from "react";
import { useTranslation } from "react-i18next";
import { shareOf } from "../format/amount.ts";
import { useFormat } from "../i18n/use-format.ts";

export function EvidenceMeter({
  covered,
  required,
  currency,
}: {
  /** Exact texts in one currency. */
  readonly covered: string;
  readonly required: string;
  readonly currency: string;
}) {
  const { t } = useTranslation("parts");
  const format = useFormat();
  const id = useId();
  const bps = shareOf(covered, required);
  return (
    <div className="stack-tight">
      <div className="row spread">
        <span id={id}>
          {t("evidence.of", {
            covered: format.amount(covered),
            required: format.amount(required),
            currency,
          })}
        </span>
        <strong>{format.basisPoints(bps)}</strong>
      </div>
      <div
        className="meter"
        role="meter"
        aria-labelledby={id}
        aria-valuemin={0}
        aria-valuemax={10_000}
        aria-valuenow={bps}
        aria-valuetext={format.basisPoints(bps)}
      >
        <span style={{ width: `${bps / 100}%` }} />
      </div>
    </div>
  );
}
