// The search box: any id of ours opens at once; a reference, a settlement's number or a store's name is looked up. Opened
// by "/", gone through by arrows.

import { Input, type InputRef } from "antd";
import { type KeyboardEvent, useId, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { pathOfObject } from "../parts/source-link.tsx";
import { useKeys } from "./keys.tsx";
import { type Found, useFound } from "./use-found.ts";

export function SearchBox() {
  const { t } = useTranslation("shell");
  const navigate = useNavigate();
  const input = useRef<InputRef>(null);
  const [text, setText] = useState("");
  const [isOpen, setOpen] = useState(false);
  const [active, setActive] = useState(0);
  const listId = useId();
  const { found, isSearching } = useFound(text, isOpen);
  const [bindings] = useState(() => [
    {
      keys: "/",
      text: t("keys.search"),
      place: "everywhere" as const,
      run: () => input.current?.focus({ cursor: "all" }),
    },
  ]);
  useKeys(bindings);
  const go = (to: string): void => {
    setOpen(false);
    setText("");
    input.current?.blur();
    void navigate(to);
  };
  const keyed = (event: KeyboardEvent): void => {
    if (event.key === "Escape") setOpen(false);
    if (event.key === "ArrowDown") setActive((at) => Math.min(found.length - 1, at + 1));
    if (event.key === "ArrowUp") setActive((at) => Math.max(0, at - 1));
    if (event.key !== "Enter") return;
    const to = pathOfObject(text.trim()) ?? found[active]?.to;
    if (to !== undefined) go(to);
  };
  const isShown = isOpen && text.trim() !== "";
  return (
    <search className="search">
      <Input
        ref={input}
        type="search"
        role="combobox"
        aria-label={t("search.label")}
        aria-expanded={isShown}
        aria-controls={listId}
        aria-autocomplete="list"
        aria-activedescendant={isShown && found.length > 0 ? `${listId}-${active}` : undefined}
        placeholder={t("search.placeholder")}
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          setActive(0);
          setOpen(true);
        }}
        onFocus={() => setOpen(true)}
        // A click on a result comes first.
        onBlur={() => setTimeout(() => setOpen(false), 150)}
        onKeyDown={keyed}
        suffix={<kbd aria-hidden="true">/</kbd>}
      />
      <div className="search-list" hidden={!isShown}>
        <FoundList id={listId} found={found} active={active} onOpen={go} />
        {found.length > 0 ? null : (
          <p className="muted small" role="status">
            {isSearching ? t("search.searching") : t("search.none")}
          </p>
        )}
      </div>
    </search>
  );
}

function FoundList({
  id,
  found,
  active,
  onOpen,
}: {
  readonly id: string;
  readonly found: readonly Found[];
  readonly active: number;
  readonly onOpen: (to: string) => void;
}) {
  const { t } = useTranslation("shell");
  return (
    <ul id={id} role="listbox" aria-label={t("search.label")}>
      {found.map(({ to, kind, text, detail }, index) => (
        // The field has the keys.
        // oxlint-disable-next-line jsx-a11y/click-events-have-key-events
        <li
          key={to}
          id={`${id}-${index}`}
          role="option"
          tabIndex={-1}
          aria-selected={index === active}
          onClick={() => onOpen(to)}
        >
          <span className="muted small">{kind}</span>
          <span>{text}</span>
          <span className="muted small">{detail}</span>
        </li>
      ))}
    </ul>
  );
}
