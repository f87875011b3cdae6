// One's own account: who one is here, and where one is signed in.

import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { useAct, useApi } from "../../api/use-api.ts";
import { useFormat } from "../../i18n/use-format.ts";
import { useWords } from "../../i18n/use-words.ts";
import { DataTable } from "../../parts/data-table.tsx";
import { Moment } from "../../parts/moment.tsx";
import { Facts, Page, Section } from "../../parts/page.tsx";
import { Shown } from "../../parts/query-states.tsx";
import { useMe } from "../../session/session.tsx";

export function MePage() {
  const { t } = useTranslation("work");
  const { t: shell } = useTranslation("shell");
  const format = useFormat();
  const me = useMe();
  return (
    <Page title={shell("account")}>
      <Section title={me.name}>
        <Facts
          facts={[
            { label: t("me.email"), value: me.email ?? "—" },
            { label: t("me.role"), value: shell(`role.${me.role}`) },
            me.sellerId === null ? null : { label: t("me.seller"), value: me.sellerId },
            me.factors === null
              ? null
              : {
                  label: t("me.factors"),
                  value: t("me.factorsOf", {
                    totp: me.factors.hasTotp ? t("me.yes") : t("me.no"),
                    passkeys: format.count(me.factors.passkeyCount),
                  }),
                },
          ]}
        />
      </Section>
      <Sessions />
    </Page>
  );
}

function Sessions() {
  const { t } = useTranslation("work");
  const word = useWords();
  const sessions = useApi("listMySessions", {});
  const end = useAct("endMySession");
  return (
    <Section title={t("me.sessions")} flush>
      <Shown query={sessions}>
        {({ data }) => (
          <DataTable
            label={t("me.sessions")}
            rows={data}
            rowKey={({ id }) => id}
            columns={[
              { key: "client", title: t("me.client"), cell: ({ client }) => client },
              {
                key: "factor",
                title: t("me.factor"),
                cell: ({ factor }) => word("factor", factor),
              },
              { key: "made", title: t("me.since"), cell: ({ madeAt }) => <Moment at={madeAt} /> },
              { key: "ends", title: t("me.until"), cell: ({ endsAt }) => <Moment at={endsAt} /> },
              {
                key: "act",
                title: t("me.end"),
                cell: ({ id, isThisOne }) =>
                  isThisOne ? (
                    t("me.thisOne")
                  ) : (
                    <Button size="small" onClick={() => end.mutate({ params: { sessionId: id } })}>
                      {t("me.end")}
                    </Button>
                  ),
              },
            ]}
          />
        )}
      </Shown>
    </Section>
  );
}
