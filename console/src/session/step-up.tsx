// Asks for the second factor again when an act needs it, and lets the act go on. One dialogue for the whole console.

import { Button, Input } from "antd";
import { type FormEvent, useCallback, useEffect, useId, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { call, useForStepUp } from "../api/client.ts";
import { Dialogue } from "../parts/dialogue.tsx";
import { RefusalNote } from "../parts/refusal-note.tsx";
import { canUsePasskeys, showPasskey } from "./passkey.ts";
import { useIsSandbox, useMe } from "./session.tsx";

export function StepUpDialogue() {
  const { t } = useTranslation("parts");
  const [isOpen, setOpen] = useState(false);
  const answer = useRef<(isDone: boolean) => void>(() => {});
  useEffect(() => {
    useForStepUp(() => {
      setOpen(true);
      return new Promise((resolve) => {
        answer.current = resolve;
      });
    });
  }, []);
  const end = useCallback((isDone: boolean) => {
    setOpen(false);
    answer.current(isDone);
  }, []);
  return (
    <Dialogue isOpen={isOpen} title={t("stepUp.title")} onClose={() => end(false)}>
      <p>{t("stepUp.text")}</p>
      <StepUpForm onDone={() => end(true)} />
    </Dialogue>
  );
}

function StepUpForm({ onDone }: { readonly onDone: () => void }) {
  const { t } = useTranslation("parts");
  const { factors } = useMe();
  const isSandbox = useIsSandbox();
  const [code, setCode] = useState("");
  const [error, setError] = useState<unknown>(null);
  const id = useId();
  const tried = (act: () => Promise<unknown>) => {
    setError(null);
    act().then(onDone, setError);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    tried(() => call("stepUpWithTotp", { json: { code } }));
  };
  return (
    <form className="stack" onSubmit={submit}>
      {error === null ? null : <RefusalNote error={error} />}
      <label htmlFor={id}>{t("stepUp.code")}</label>
      <Input
        id={id}
        autoFocus
        inputMode="numeric"
        autoComplete="one-time-code"
        maxLength={20}
        value={code}
        onChange={(event) => setCode(event.target.value)}
      />
      <div className="row">
        <Button type="primary" htmlType="submit" disabled={code.trim() === ""}>
          {t("stepUp.confirm")}
        </Button>
        {canUsePasskeys() && (factors?.passkeyCount ?? 0) > 0 ? (
          <Button onClick={() => tried(stepUpByPasskey)}>{t("stepUp.passkey")}</Button>
        ) : null}
        {isSandbox ? <SandboxStepUp onDone={onDone} onError={setError} /> : null}
      </div>
    </form>
  );
}

async function stepUpByPasskey(): Promise<void> {
  const answer = await showPasskey(await call("getStepUpOptions", {}));
  await call("stepUpWithPasskey", { json: answer as never });
}

/** A visitor of a sandbox has no authenticator: looking around anew counts as having shown a second factor. */
function SandboxStepUp({
  onDone,
  onError,
}: {
  readonly onDone: () => void;
  readonly onError: (error: unknown) => void;
}) {
  const { t } = useTranslation("parts");
  const { role } = useMe();
  const lookAround = () => {
    const body = new URLSearchParams({ role });
    fetch("/sign-in/look-around", { method: "POST", body, redirect: "manual" }).then(
      onDone,
      onError,
    );
  };
  return <Button onClick={lookAround}>{t("stepUp.sandbox")}</Button>;
}
