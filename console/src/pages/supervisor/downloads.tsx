// A report as a file, in the reader's language.

import { useTranslation } from "react-i18next";
import { addressOf } from "../../api/client.ts";

const FORMS = ["xlsx", "csv", "pdf"] as const;

export function Downloads({
  report,
  query,
}: {
  readonly report: "flows" | "findings" | "targets";
  readonly query: Readonly<Record<string, string | undefined>>;
}) {
  const { t, i18n } = useTranslation("reports");
  const language = i18n.language === "zh-CN" ? "zh" : "en";
  return (
    <div className="row">
      <span className="muted small">{t("download")}</span>
      {FORMS.map((form) => (
        <a
          key={form}
          href={addressOf(`/v1/report-files/${report}`, { ...query, form, language })}
          download
        >
          {form.toUpperCase()}
        </a>
      ))}
    </div>
  );
}
