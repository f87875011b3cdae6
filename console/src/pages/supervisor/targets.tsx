// Programme targets: what was promised, of a year or cumulative, from which baseline, and how far it is.

import { useTranslation } from "react-i18next";
import { useApi } from "../../api/use-api.ts";
import { useFormat } from "../../i18n/use-format.ts";
import { DataTable } from "../../parts/data-table.tsx";
import { CivilDay } from "../../parts/moment.tsx";
import { Page, Section } from "../../parts/page.tsx";
import { Shown } from "../../parts/query-states.tsx";
import { today } from "../../session/business-day.ts";
import { Downloads } from "./downloads.tsx";

export function TargetsPage() {
  const { t, i18n } = useTranslation("reports");
  const format = useFormat();
  const targets = useApi("listTargets", {});
  const on = today();
  const percent = (text: string | null) => (text === null ? "—" : `${format.amount(text)} %`);
  return (
    <Page
      title={t("targets.title")}
      acts={<Downloads report="targets" query={{ from: on, to: on }} />}
    >
      <Section title={t("targets.title")} note={t("targets.note")} flush>
        <Shown query={targets}>
          {({ data }) => (
            <DataTable
              label={t("targets.title")}
              rows={data}
              rowKey={({ target }) => target.id}
              empty={t("targets.none")}
              columns={[
                {
                  key: "title",
                  title: t("targets.target"),
                  cell: ({ target: { title } }) =>
                    i18n.language === "zh-CN" ? title.zh : title.en,
                },
                {
                  key: "basis",
                  title: t("span.basis"),
                  cell: ({ target: { basis } }) => t(`targetBasis.${basis}`),
                },
                {
                  key: "due",
                  title: t("targets.due"),
                  cell: ({ target }) => <CivilDay on={target.dueOn} />,
                },
                {
                  key: "goal",
                  title: t("targets.goal"),
                  isFigure: true,
                  cell: ({ target }) => format.amount(target.goal),
                },
                {
                  key: "actual",
                  title: t("targets.actual"),
                  isFigure: true,
                  cell: ({ progress }) => format.amount(progress.actual),
                },
                {
                  key: "reached",
                  title: t("targets.reached"),
                  isFigure: true,
                  cell: ({ progress }) => percent(progress.reachedPercent),
                },
                {
                  key: "growth",
                  title: t("targets.growth"),
                  isFigure: true,
                  cell: ({ progress }) => percent(progress.growthPerYearPercent),
                },
                { key: "source", title: t("targets.source"), cell: ({ target }) => target.source },
              ]}
            />
          )}
        </Shown>
      </Section>
    </Page>
  );
}
