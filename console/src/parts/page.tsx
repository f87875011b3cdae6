// The frame of a page: its title, which is also the window's, where it stands, its acts; and the sections in it.

import { type ReactNode, useEffect, useId } from "react";
import { Link } from "react-router";

export type Crumb = { readonly to: string; readonly text: string };

export function Page({
  title,
  crumbs = [],
  acts,
  mark,
  children,
}: {
  readonly title: string;
  readonly crumbs?: readonly Crumb[];
  readonly acts?: ReactNode;
  /** Beside the title: a state. */
  readonly mark?: ReactNode;
  readonly children: ReactNode;
}) {
  useEffect(() => {
    document.title = `${title} · Straitway`;
  }, [title]);
  return (
    <>
      <header className="page-head">
        <div>
          {crumbs.length === 0 ? null : (
            <nav
              className="crumbs no-print"
              aria-label={crumbs.map(({ text }) => text).join(" / ")}
            >
              {crumbs.map(({ to, text }) => (
                <span key={to}>
                  <Link to={to}>{text}</Link>
                  {" / "}
                </span>
              ))}
            </nav>
          )}
          <div className="row">
            <h1>{title}</h1>
            {mark}
          </div>
        </div>
        {acts === undefined ? null : <div className="row no-print">{acts}</div>}
      </header>
      {children}
    </>
  );
}

export function Section({
  title,
  note,
  acts,
  flush = false,
  children,
}: {
  readonly title: string;
  readonly note?: ReactNode;
  readonly acts?: ReactNode;
  /** A table that reaches both edges. */
  readonly flush?: boolean;
  readonly children: ReactNode;
}) {
  const id = useId();
  return (
    <section className="section" aria-labelledby={id}>
      <header>
        <h2 id={id}>{title}</h2>
        {note === undefined ? null : <span className="muted small">{note}</span>}
        {acts === undefined ? null : <div className="row no-print">{acts}</div>}
      </header>
      <div className={flush ? "body flush" : "body"}>{children}</div>
    </section>
  );
}

export type Fact = { readonly label: string; readonly value: ReactNode };

export function Facts({ facts }: { readonly facts: readonly (Fact | null)[] }) {
  return (
    <dl className="facts">
      {facts
        .filter((fact) => fact !== null)
        .map(({ label, value }) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}
