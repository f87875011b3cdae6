// Everything that all pages stand in: the cache of what the API said, antd's theme and language, the session, live
// updates, the router.

import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { App as AntdApp, ConfigProvider } from "antd";
import en from "antd/locale/en_GB";
import zh from "antd/locale/zh_CN";
import { useTranslation } from "react-i18next";
import { RouterProvider } from "react-router/dom";
import { LiveUpdates } from "./api/live-updates.tsx";
import { mayPass } from "./api/refusal.ts";
import { useApi } from "./api/use-api.ts";
import { Loading, Shown } from "./parts/query-states.tsx";
import { router } from "./router.tsx";
import { SessionProvider } from "./session/session.tsx";
import { StepUpDialogue } from "./session/step-up.tsx";
import { antdTheme } from "./shell/antd-theme.ts";
import { useIsDark } from "./shell/theme-choice.ts";

/** Tries of one question again by itself, when the answer may be better in a moment. */
const TRIES_MAX = 3;
/** What is shown is asked for again when somebody comes back to it after this long. */
const STALE_MS = 15_000;

const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      retry: (count, error) => count < TRIES_MAX && mayPass(error),
      staleTime: STALE_MS,
    },
  },
});

const nonce = document.querySelector<HTMLMetaElement>('meta[name="style-nonce"]')?.content ?? "";

export function Console() {
  const { i18n } = useTranslation();
  return (
    <ConfigProvider
      theme={antdTheme(useIsDark())}
      locale={i18n.language === "zh-CN" ? zh : en}
      csp={{ nonce }}
      button={{ autoInsertSpace: false }}
    >
      <AntdApp component={false}>
        <QueryClientProvider client={queryClient}>
          <SignedIn />
        </QueryClientProvider>
      </AntdApp>
    </ConfigProvider>
  );
}

/** Nothing is drawn before it is known who looks: a call that nobody is signed in for leads to the sign-in page. */
function SignedIn() {
  const me = useApi("getMe", {});
  const ways = useApi("listSignInWays", {});
  return (
    <Shown query={me} loading={<Loading />}>
      {(who) => (
        <SessionProvider session={{ me: who, ways: ways.data ?? { sso: [], lookAround: [] } }}>
          <LiveUpdates>
            <RouterProvider router={router} />
            <StepUpDialogue />
          </LiveUpdates>
        </SessionProvider>
      )}
    </Shown>
  );
}
