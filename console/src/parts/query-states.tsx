// What a page shows while it waits, when nothing is there, when something failed and when the reader may not see it: the
// same everywhere.

import type { UseQueryResult } from "@tanstack/react-query";
import { Button } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { Refusal } from "../api/refusal.ts";
import { RefusalNote } from "./refusal-note.tsx";

/** Bars in place of lines, so that a page does not jump when its figures come. */
export function Loading({ lines = 4 }: { readonly lines?: number }) {
  const { t } = useTranslation("parts");
  const bars = Array.from({ length: lines }, (_, index) => index);
  return (
    <div className="bones" role="status">
      <span className="visually-hidden">{t("loading")}</span>
      {bars.map((bar) => (
        <span key={bar} aria-hidden="true" style={{ width: `${92 - ((bar * 17) % 40)}%` }} />
      ))}
    </div>
  );
}

export function Empty({
  text,
  children,
}: {
  readonly text?: string;
  readonly children?: ReactNode;
}) {
  const { t } = useTranslation("parts");
  return (
    <div className="state">
      <p>{text ?? t("empty")}</p>
      {children}
    </div>
  );
}

export function NoPermission() {
  const { t } = useTranslation("parts");
  return (
    <div className="state">
      <h2>{t("noPermission.title")}</h2>
      <p>{t("noPermission.text")}</p>
    </div>
  );
}

export function NotFound() {
  const { t } = useTranslation("parts");
  return (
    <div className="state">
      <h2>{t("notFound.title")}</h2>
      <p>{t("notFound.text")}</p>
      <Link to="/">{t("notFound.home")}</Link>
    </div>
  );
}

export function Failed({
  error,
  onAgain,
}: {
  readonly error: unknown;
  readonly onAgain?: () => void;
}) {
  const { t } = useTranslation("parts");
  if (error instanceof Refusal && error.code === "not-permitted") return <NoPermission />;
  if (error instanceof Refusal && error.status === 404) return <NotFound />;
  return (
    <div className="state" role="alert">
      <h2>{t("error.title")}</h2>
      <RefusalNote error={error} />
      {onAgain === undefined ? null : <Button onClick={onAgain}>{t("error.again")}</Button>}
    </div>
  );
}

/** What was asked for, once it is here; else why not. */
export function Shown<Value>({
  query,
  loading,
  children,
}: {
  readonly query: UseQueryResult<Value>;
  readonly loading?: ReactNode;
  readonly children: (value: Value) => ReactNode;
}) {
  if (query.data !== undefined) return <>{children(query.data)}</>;
  if (query.isError) return <Failed error={query.error} onAgain={() => void query.refetch()} />;
  return <>{loading ?? <Loading />}</>;
}
