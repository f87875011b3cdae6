// All payouts, by state and reference.

import { useTranslation } from "react-i18next";
import { useList } from "../../api/use-api.ts";
import { useWords } from "../../i18n/use-words.ts";
import { ChoiceField, FilterBar, TextField, useFilter } from "../../parts/fields.tsx";
import { LongListShown } from "../../parts/list-shown.tsx";
import { Page, Section } from "../../parts/page.tsx";
import { usePayoutColumns } from "./payout-columns.tsx";

const STATES = [
  "expected",
  "announced",
  "held",
  "released",
  "part-released",
  "returned",
  "failed",
  "charged",
] as const;

/** Payouts asked for at once. */
const PAGE_LENGTH = 100;

export function PayoutList() {
  const { t } = useTranslation("seller");
  const word = useWords();
  const [state, setState] = useFilter("state");
  const [reference, setReference] = useFilter("reference");
  const [sellerId] = useFilter("sellerId");
  const known = STATES.find((one) => one === state);
  const list = useList("listPayouts", {
    query: {
      limit: PAGE_LENGTH,
      ...(known === undefined ? {} : { state: known }),
      ...(reference === "" ? {} : { reference }),
      ...(sellerId === "" ? {} : { sellerId }),
    },
  });
  const columns = usePayoutColumns();
  return (
    <Page title={t("payouts.title")}>
      <FilterBar>
        <ChoiceField
          label={t("payouts.state")}
          value={state}
          onChange={setState}
          choices={[
            { value: "", text: t("any") },
            ...STATES.map((code) => ({ value: code, text: word("payoutState", code) })),
          ]}
        />
        <TextField
          label={t("payouts.reference")}
          type="search"
          value={reference}
          onChange={setReference}
        />
      </FilterBar>
      <Section title={t("payouts.list")} flush>
        <LongListShown
          list={list}
          label={t("payouts.list")}
          columns={columns}
          rowKey={({ id }) => id}
          rowLink={({ id }) => `/payouts/${id}`}
          empty={t("payouts.none")}
        />
      </Section>
    </Page>
  );
}
