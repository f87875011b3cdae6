// Who is signed in, and what is theirs to set: language, appearance, account, the way out.

import { type ReactNode, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { Link, useLocation } from "react-router";
import { call } from "../api/client.ts";
import type { Language } from "../format/locale-format.ts";
import { changeLanguage } from "../i18n/i18n.ts";
import { useMe } from "../session/session.tsx";
import { PersonIcon } from "./icons.tsx";
import { chooseTheme, THEME_CHOICES, type ThemeChoice, useThemeChoice } from "./theme-choice.ts";

const LANGUAGES: readonly (readonly [Language, string])[] = [
  ["en", "English"],
  ["zh-CN", "简体中文"],
];

export function UserMenu({ onHelp }: { readonly onHelp: () => void }) {
  const { t, i18n } = useTranslation("shell");
  const { name, role, email } = useMe();
  const choice = useThemeChoice();
  return (
    <Menu label={t(`role.${role}`)}>
      <p>
        <strong>{name}</strong>
        <br />
        <span className="muted small">{email}</span>
      </p>
      <fieldset>
        <legend>{t("language")}</legend>
        {LANGUAGES.map(([language, text]) => (
          <label key={language} lang={language}>
            <input
              type="radio"
              name="language"
              checked={i18n.language === language}
              onChange={() => void changeLanguage(language)}
            />
            {text}
          </label>
        ))}
      </fieldset>
      <fieldset>
        <legend>{t("theme.label")}</legend>
        {THEME_CHOICES.map((theme: ThemeChoice) => (
          <label key={theme}>
            <input
              type="radio"
              name="theme"
              checked={choice === theme}
              onChange={() => chooseTheme(theme)}
            />
            {t(`theme.${theme}`)}
          </label>
        ))}
      </fieldset>
      <Link to="/me">{t("account")}</Link>
      <button type="button" onClick={onHelp}>
        {t("help")} <kbd>?</kbd>
      </button>
      <a href="/reference">{t("reference")}</a>
      <button type="button" onClick={() => void signOut()}>
        {t("signOut")}
      </button>
    </Menu>
  );
}

async function signOut(): Promise<void> {
  await call("signOut", {});
  location.assign("/sign-in");
}

/** A disclosure: the browser's own, closed by Escape, by a click outside and by going elsewhere. */
function Menu({ label, children }: { readonly label: string; readonly children: ReactNode }) {
  const place = useRef<HTMLDetailsElement>(null);
  const { pathname } = useLocation();
  useEffect(() => {
    if (place.current !== null) place.current.open = false;
  }, [pathname]);
  useEffect(() => {
    const close = (event: Event): void => {
      const details = place.current;
      if (details === null || !details.open) return;
      const isOutside = event.target instanceof Node && !details.contains(event.target);
      const isEscape = event instanceof KeyboardEvent && event.key === "Escape";
      if (isEscape) details.querySelector("summary")?.focus();
      if (isEscape || (event.type === "pointerdown" && isOutside)) details.open = false;
    };
    document.addEventListener("pointerdown", close);
    document.addEventListener("keydown", close);
    return () => {
      document.removeEventListener("pointerdown", close);
      document.removeEventListener("keydown", close);
    };
  }, []);
  return (
    <details className="menu" ref={place}>
      <summary className="icon-button">
        <PersonIcon />
        <span className="only-wide">{label}</span>
        <span className="only-narrow visually-hidden">{label}</span>
      </summary>
      <div className="menu-list">{children}</div>
    </details>
  );
}
