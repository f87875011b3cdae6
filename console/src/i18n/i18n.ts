// The console's words: i18next with the catalogue of one language, loaded when that language is wanted. Which language:
// what the reader chose (a cookie that the sign-in page shares), else the browser's.

import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import type { Language } from "../format/locale-format.ts";
import type { Catalogue } from "./catalogue.ts";

declare module "i18next" {
  interface CustomTypeOptions {
    defaultNS: "shell";
    resources: Catalogue;
    returnNull: false;
  }
}

const COOKIE = "straitway-language";
const COOKIE_SECONDS = 365 * 86_400;

export function chosenLanguage(): Language {
  const chosen = new RegExp(`(?:^|; )${COOKIE}=([^;]*)`).exec(document.cookie)?.[1];
  const wanted = chosen ?? navigator.languages.find((tag) => /^(zh|en)\b/i.test(tag)) ?? "en";
  return /^zh\b/i.test(wanted) ? "zh-CN" : "en";
}

async function catalogueOf(language: Language): Promise<Catalogue> {
  return (language === "en" ? await import("./en.ts") : await import("./zh.ts")).default;
}

export async function startI18n(): Promise<void> {
  const language = chosenLanguage();
  document.documentElement.lang = language;
  await i18next.use(initReactI18next).init({
    lng: language,
    resources: { [language]: await catalogueOf(language) },
    defaultNS: "shell",
    // React escapes what it shows.
    interpolation: { escapeValue: false },
    returnNull: false,
  });
}

/** Loads the other catalogue first, so that no page is shown half in one language. */
export async function changeLanguage(language: Language): Promise<void> {
  const catalogue = await catalogueOf(language);
  for (const [area, texts] of Object.entries(catalogue))
    i18next.addResourceBundle(language, area, texts, true, true);
  // The attributes are the sign-in page's own.
  const secure = location.protocol === "https:" ? "; Secure" : "";
  // oxlint-disable-next-line unicorn/no-document-cookie
  document.cookie = `${COOKIE}=${language}; Path=/; SameSite=Lax; Max-Age=${COOKIE_SECONDS}${secure}`;
  document.documentElement.lang = language;
  await i18next.changeLanguage(language);
}
