// The formats of the reader's language, in components.

import { useTranslation } from "react-i18next";
import { type Language, type LocaleFormat, localeFormat } from "../format/locale-format.ts";

export function useFormat(): LocaleFormat {
  const { i18n } = useTranslation();
  return localeFormat(i18n.language as Language);
}
