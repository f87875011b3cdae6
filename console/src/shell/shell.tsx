// The frame around every page: where one can go, the search, whether what is shown is live, language and appearance, who
// is signed in.

import { type ReactNode, Suspense, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, Outlet, useLocation, useNavigate } from "react-router";
import { useLive } from "../api/live-updates.tsx";
import { Loading } from "../parts/query-states.tsx";
import { useIsSandbox, useMay, useMe } from "../session/session.tsx";
import { MarkIcon, MenuIcon } from "./icons.tsx";
import { KeyboardHelp } from "./keyboard-help.tsx";
import { KeysProvider, useKeys } from "./keys.tsx";
import { navigationOf } from "./navigation.ts";
import { SearchBox } from "./search-box.tsx";
import { SideNavigation } from "./side-navigation.tsx";
import { UserMenu } from "./user-menu.tsx";

export function Shell() {
  return (
    <KeysProvider>
      <Frame>
        <Suspense fallback={<Loading lines={8} />}>
          <Outlet />
        </Suspense>
      </Frame>
    </KeysProvider>
  );
}

function Frame({ children }: { readonly children: ReactNode }) {
  const { t } = useTranslation("shell");
  const [isNavOpen, setNavOpen] = useState(false);
  const [isHelpOpen, setHelpOpen] = useState(false);
  const { pathname } = useLocation();
  const content = useRef<HTMLElement>(null);
  useShellKeys(useCallback(() => setHelpOpen(true), []));
  useEffect(() => setNavOpen(false), [pathname]);
  return (
    <div className="shell">
      <a className="skip" href="#content" onClick={() => content.current?.focus()}>
        {t("skip")}
      </a>
      <aside className="side" data-open={isNavOpen}>
        <Link className="brand" to="/">
          <MarkIcon />
          {t("product")}
        </Link>
        <SideNavigation />
      </aside>
      <div className="main-column">
        <header className="top">
          <button
            type="button"
            className="icon-button only-narrow"
            aria-expanded={isNavOpen}
            aria-label={isNavOpen ? t("closeNavigation") : t("openNavigation")}
            onClick={() => setNavOpen(!isNavOpen)}
          >
            <MenuIcon />
          </button>
          <SearchBox />
          <span className="grow" />
          <LiveMark />
          <UserMenu onHelp={() => setHelpOpen(true)} />
        </header>
        <SandboxNote />
        <main className="content" id="content" ref={content} tabIndex={-1}>
          {children}
        </main>
      </div>
      <KeyboardHelp isOpen={isHelpOpen} onClose={() => setHelpOpen(false)} />
    </div>
  );
}

function LiveMark() {
  const { t } = useTranslation("shell");
  const { isConnected } = useLive();
  return (
    <span className="live only-wide" data-on={isConnected} title={t("live.title")} role="status">
      {isConnected ? t("live.on") : t("live.off")}
    </span>
  );
}

function SandboxNote() {
  const { t } = useTranslation("shell");
  return useIsSandbox() ? <p className="sandbox-note">{t("sandbox")}</p> : null;
}

/** `g` and a letter for each place, and the help. */
function useShellKeys(onHelp: () => void): void {
  const { t } = useTranslation("shell");
  const navigate = useNavigate();
  const { role, scopes } = useMe();
  const may = useMay();
  const bindings = useMemo(
    () => [
      { keys: "?", text: t("keys.help"), place: "everywhere" as const, run: onHelp },
      { keys: "Esc", text: t("keys.close"), place: "everywhere" as const, run: null },
      ...navigationOf(role, may)
        .filter(({ key }) => key !== undefined)
        .map(({ name, to, key }) => ({
          keys: `g ${key}`,
          text: t("keys.goTo", { page: t(`nav.${name}`) }),
          place: "everywhere" as const,
          run: () => void navigate(to),
        })),
    ],
    // `may` follows from the scopes.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
    [t, role, scopes, navigate, onHelp],
  );
  useKeys(bindings);
}
