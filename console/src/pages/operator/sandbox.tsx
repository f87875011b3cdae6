// The sandbox's controls: its clock, and the stories that can be played in it.

import { App, Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useAct, useApi } from "../../api/use-api.ts";
import { useFormat } from "../../i18n/use-format.ts";
import { DataTable } from "../../parts/data-table.tsx";
import { Moment } from "../../parts/moment.tsx";
import { Page, Section } from "../../parts/page.tsx";
import { Shown } from "../../parts/query-states.tsx";
import { RefusalNote } from "../../parts/refusal-note.tsx";

const CLOCK_MS = 1000;
const MOVES_DAYS = [1, 7, 14] as const;

export function SandboxPage() {
  const { t } = useTranslation("work");
  const sandbox = useApi("getSandbox", {}, { everyMs: CLOCK_MS });
  return (
    <Page title={t("sandbox.title")}>
      <Shown query={sandbox}>
        {({ now, scenarios }) => (
          <>
            <ClockSection now={now} />
            <Stories scenarios={scenarios} />
          </>
        )}
      </Shown>
    </Page>
  );
}

function ClockSection({ now }: { readonly now: string }) {
  const { t } = useTranslation("work");
  const move = useAct("moveSandboxClock");
  return (
    <Section title={t("sandbox.clock")} note={t("sandbox.clockNote")}>
      <div className="stack">
        <div className="row">
          <strong>
            <Moment at={now} />
          </strong>
          {MOVES_DAYS.map((days) => (
            <Button
              key={days}
              loading={move.isPending}
              onClick={() => move.mutate({ json: { days } })}
            >
              {t("sandbox.forward", { count: days })}
            </Button>
          ))}
        </div>
        {move.isError ? <RefusalNote error={move.error} /> : null}
      </div>
    </Section>
  );
}

type Scenario = {
  readonly name: string;
  readonly title: { readonly en: string; readonly zh: string };
  readonly stepCount: number;
  readonly days: number;
};

function Stories({ scenarios }: { readonly scenarios: readonly Scenario[] }) {
  const { t, i18n } = useTranslation("work");
  const format = useFormat();
  const { message } = App.useApp();
  const [playing, setPlaying] = useState<string | null>(null);
  const play = useAct("playScenario", ({ scenario }) => {
    setPlaying(null);
    void message.success(t("sandbox.played", { name: scenario }));
  });
  return (
    <Section title={t("sandbox.stories")} flush>
      {play.isError ? <RefusalNote error={play.error} /> : null}
      <DataTable
        label={t("sandbox.stories")}
        rows={scenarios}
        rowKey={({ name }) => name}
        columns={[
          {
            key: "title",
            title: t("sandbox.story"),
            cell: ({ title }) => (i18n.language === "zh-CN" ? title.zh : title.en),
          },
          { key: "name", title: t("sandbox.name"), cell: ({ name }) => <code>{name}</code> },
          {
            key: "days",
            title: t("sandbox.days"),
            isFigure: true,
            cell: ({ days }) => format.count(days),
          },
          {
            key: "play",
            title: t("sandbox.play"),
            cell: ({ name }) => (
              <Button
                size="small"
                aria-label={`${t("sandbox.play")} ${name}`}
                disabled={playing !== null}
                loading={playing === name}
                onClick={() => {
                  setPlaying(name);
                  play.mutate({ params: { name } }, { onError: () => setPlaying(null) });
                }}
              >
                {t("sandbox.play")}
              </Button>
            ),
          },
        ]}
      />
    </Section>
  );
}
