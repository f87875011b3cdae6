// What a report is of: its days, how they are cut, whether each step stands alone or adds up, and whose eyes it is for. In
// the address, so that a report can be linked to.

import { useTranslation } from "react-i18next";
import { ChoiceField, FilterBar, TextField, useFilter } from "../../parts/fields.tsx";
import { today } from "../../session/business-day.ts";

export const STEPS = ["day", "month", "quarter", "year"] as const;
export const BASES = ["period", "cumulative"] as const;
export const VIEWS = ["domestic", "foreign"] as const;
export const DIMENSIONS = [
  "seller",
  "store",
  "marketplace",
  "customs-mode",
  "transaction-code",
  "payer-country",
] as const;

export type Span = {
  readonly from: string;
  readonly to: string;
  readonly view: (typeof VIEWS)[number];
};

/** From the first of January of this year until today, unless the address says otherwise. */
export function useSpan(): Span {
  const [from] = useFilter("from");
  const [to] = useFilter("to");
  const [view] = useFilter("view");
  const until = to === "" ? today() : to;
  return {
    from: from === "" ? `${until.slice(0, 4)}-01-01` : from,
    to: until,
    view: VIEWS.find((one) => one === view) ?? "domestic",
  };
}

export function useCut() {
  const [step] = useFilter("step");
  const [basis] = useFilter("basis");
  const [by] = useFilter("by");
  return {
    step: STEPS.find((one) => one === step) ?? ("month" as const),
    basis: BASES.find((one) => one === basis) ?? ("period" as const),
    by: DIMENSIONS.find((one) => one === by) ?? null,
  };
}

export function SpanBar({ withCut = false }: { readonly withCut?: boolean }) {
  const { t } = useTranslation("reports");
  const span = useSpan();
  const cut = useCut();
  const [, setFrom] = useFilter("from");
  const [, setTo] = useFilter("to");
  const [, setView] = useFilter("view");
  const [, setStep] = useFilter("step");
  const [, setBasis] = useFilter("basis");
  const [, setBy] = useFilter("by");
  return (
    <FilterBar>
      <TextField label={t("span.from")} type="date" value={span.from} onChange={setFrom} />
      <TextField label={t("span.to")} type="date" value={span.to} onChange={setTo} />
      <ChoiceField
        label={t("span.view")}
        value={span.view}
        onChange={setView}
        choices={VIEWS.map((value) => ({ value, text: t(`view.${value}`) }))}
      />
      {withCut ? (
        <>
          <ChoiceField
            label={t("span.step")}
            value={cut.step}
            onChange={setStep}
            choices={STEPS.map((value) => ({ value, text: t(`step.${value}`) }))}
          />
          <ChoiceField
            label={t("span.basis")}
            value={cut.basis}
            onChange={setBasis}
            choices={BASES.map((value) => ({ value, text: t(`basis.${value}`) }))}
          />
          <ChoiceField
            label={t("span.by")}
            value={cut.by ?? ""}
            onChange={setBy}
            choices={[
              { value: "", text: t("span.byNothing") },
              ...DIMENSIONS.map((value) => ({ value, text: t(`dimension.${value}`) })),
            ]}
          />
        </>
      ) : null}
    </FilterBar>
  );
}
