// Words for codes that the API gives: states, hold codes, events. Its lists are open, so a code that the catalogue does not
// know yet is shown as itself, readable.

import { useTranslation } from "react-i18next";
import type { Catalogue } from "./catalogue.ts";

export type WordGroup = keyof Catalogue["words"];

export type Words = (group: WordGroup, code: string) => string;

export function useWords(): Words {
  const { i18n } = useTranslation();
  return (group, code) => {
    const texts: unknown = i18n.getResource(i18n.language, "words", group);
    const found = (texts as Readonly<Record<string, string>> | undefined)?.[code];
    // What is no code is a sentence already.
    return found ?? (/^[a-z0-9._-]+$/.test(code) ? code.replace(/[-_.]/g, " ") : code);
  };
}
