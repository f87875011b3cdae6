// A dialogue: the browser's own, which holds the focus, closes by Escape and stands above everything.

import { type ReactNode, useEffect, useId, useRef } from "react";
import { useTranslation } from "react-i18next";

export function Dialogue({
  isOpen,
  title,
  onClose,
  children,
}: {
  readonly isOpen: boolean;
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
}) {
  const { t } = useTranslation("parts");
  const place = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const dialogue = place.current;
    if (dialogue === null) return;
    if (isOpen && !dialogue.open) dialogue.showModal();
    if (!isOpen && dialogue.open) dialogue.close();
  }, [isOpen]);
  return (
    <dialog ref={place} className="dialogue" aria-labelledby={id} onClose={onClose}>
      {isOpen ? (
        <>
          <header className="row spread">
            <h2 id={id}>{title}</h2>
            <button type="button" className="linked" onClick={onClose}>
              {t("close")}
            </button>
          </header>
          {children}
        </>
      ) : null}
    </dialog>
  );
}
