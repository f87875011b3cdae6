// A page that broke: says so, and lets everything else go on.

import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { useRouteError } from "react-router";

export function PageFault() {
  const { t } = useTranslation("parts");
  const error = useRouteError();
  return (
    <div className="state" role="alert">
      <h2>{t("error.title")}</h2>
      <p className="breakable mono">{error instanceof Error ? error.message : String(error)}</p>
      <Button onClick={() => location.reload()}>{t("error.again")}</Button>
    </div>
  );
}
