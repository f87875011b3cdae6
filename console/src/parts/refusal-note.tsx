// What the API refused, in its own words and the reader's language, with what support needs to find it.

import { useTranslation } from "react-i18next";
import { Refusal, Unreachable } from "../api/refusal.ts";

export function RefusalNote({ error }: { readonly error: unknown }) {
  const { t, i18n } = useTranslation("parts");
  if (error instanceof Refusal) {
    // The catalogue's title is in both languages; the sentence with the particulars is English.
    const isChinese = i18n.language === "zh-CN";
    return (
      <div className="note" data-tone="bad" role="alert">
        {isChinese && error.title !== "" ? <p>{error.title}</p> : null}
        <p lang={isChinese ? "en" : undefined}>{error.message}</p>
        {error.errors.length === 0 ? null : (
          <ul>
            {error.errors.map((fault) => (
              <li key={fault.pointer} lang="en">
                {`${fault.pointer}: ${fault.detail}`}
              </li>
            ))}
          </ul>
        )}
        {error.requestId === null ? null : (
          <p className="muted small">{t("error.request", { id: error.requestId })}</p>
        )}
      </div>
    );
  }
  const text = error instanceof Unreachable ? t("error.unreachable") : String(error);
  return (
    <p className="note" data-tone="bad" role="alert">
      {text}
    </p>
  );
}
