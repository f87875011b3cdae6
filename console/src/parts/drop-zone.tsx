// Hands files in by dropping or choosing them. Each is kept as it is before anything reads it; what became of it is said
// in the list below.

import { useQueryClient } from "@tanstack/react-query";
import { Button } from "antd";
import { type DragEvent, useId, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { uploadFile } from "../api/client.ts";
import type { OutputOf } from "../api/operations.ts";
import { RefusalNote } from "./refusal-note.tsx";

type Sent = {
  readonly key: number;
  readonly name: string;
  readonly upload: OutputOf<"createUpload"> | null;
  readonly error: unknown;
};

let lastKey = 0;

export function DropZone({ hint }: { readonly hint?: string }) {
  const { t } = useTranslation("parts");
  const [isOver, setOver] = useState(false);
  const [sent, send] = useSending();
  const input = useRef<HTMLInputElement>(null);
  const id = useId();
  const drop = (event: DragEvent): void => {
    event.preventDefault();
    setOver(false);
    void send([...event.dataTransfer.files]);
  };
  const over = (event: DragEvent): void => {
    event.preventDefault();
    setOver(true);
  };
  return (
    <div className="stack">
      <section
        className="drop"
        aria-labelledby={id}
        data-over={isOver}
        onDragOver={over}
        onDragLeave={() => setOver(false)}
        onDrop={drop}
      >
        <strong id={id}>{t("drop.title")}</strong>
        <span className="muted small">{t("drop.or")}</span>
        <Button onClick={() => input.current?.click()}>{t("drop.choose")}</Button>
        <input
          ref={input}
          type="file"
          multiple
          hidden
          aria-label={t("drop.choose")}
          onChange={(event) => {
            void send([...(event.target.files ?? [])]);
            event.target.value = "";
          }}
        />
        <p className="muted small">{hint ?? t("drop.kept")}</p>
      </section>
      {sent.length === 0 ? null : (
        <ul className="plain-list stack" aria-live="polite">
          {sent.map((one) => (
            <SentFile key={one.key} sent={one} />
          ))}
        </ul>
      )}
    </div>
  );
}

/** One file after the other: a bank's day may be many. */
function useSending(): readonly [readonly Sent[], (files: readonly File[]) => Promise<void>] {
  const client = useQueryClient();
  const [sent, setSent] = useState<readonly Sent[]>([]);
  const send = async (files: readonly File[]): Promise<void> => {
    for (const file of files) {
      lastKey += 1;
      const begun: Sent = { key: lastKey, name: file.name, upload: null, error: null };
      setSent((before) => [begun, ...before]);
      const ended = await uploadFile(file).then(
        (upload): Sent => ({ ...begun, upload }),
        (error: unknown): Sent => ({ ...begun, error }),
      );
      setSent((before) => before.map((one) => (one.key === begun.key ? ended : one)));
    }
    await client.invalidateQueries();
  };
  return [sent, send];
}

function SentFile({ sent: { name, upload, error } }: { readonly sent: Sent }) {
  const { t } = useTranslation("parts");
  if (error !== null)
    return (
      <li>
        <strong className="breakable">{name}</strong> {t("drop.failed")}
        <RefusalNote error={error} />
      </li>
    );
  if (upload === null) return <li className="muted">{t("drop.sending", { name })}</li>;
  return (
    <li>
      <strong className="breakable">{upload.name}</strong>{" "}
      <span className="muted">{`${t(`drop.state.${upload.state}`)} · ${upload.format ?? ""}`}</span>
      {upload.reasons.map((reason) => (
        <p key={`${reason.code}-${reason.line}`} className="note" data-tone="warn" lang="en">
          {reason.message}
        </p>
      ))}
    </li>
  );
}
