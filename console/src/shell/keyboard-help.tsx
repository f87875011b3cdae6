// What the keys do, here and everywhere: opened by ?.

import { useTranslation } from "react-i18next";
import { Dialogue } from "../parts/dialogue.tsx";
import { type KeyBinding, useBindings } from "./keys.tsx";

export function KeyboardHelp({
  isOpen,
  onClose,
}: {
  readonly isOpen: boolean;
  readonly onClose: () => void;
}) {
  const { t } = useTranslation("shell");
  const bindings = useBindings();
  return (
    <Dialogue isOpen={isOpen} title={t("keys.title")} onClose={onClose}>
      <div className="stack">
        <KeyTable
          title={t("keys.everywhere")}
          bindings={bindings.filter(({ place }) => place === "everywhere")}
        />
        <KeyTable
          title={t("keys.here")}
          bindings={bindings.filter(({ place }) => place === "here")}
        />
      </div>
    </Dialogue>
  );
}

function KeyTable({
  title,
  bindings,
}: {
  readonly title: string;
  readonly bindings: readonly KeyBinding[];
}) {
  const { t } = useTranslation("shell");
  if (bindings.length === 0) return null;
  return (
    <section>
      <h3>{title}</h3>
      <table className="table">
        <tbody>
          {bindings.map(({ keys, text }) => (
            <tr key={keys}>
              <th scope="row" className="nowrap">
                {keys.split(" ").map((key, index) => (
                  <span key={key}>
                    {index === 0 ? null : ` ${t("keys.then")} `}
                    <kbd>{key}</kbd>
                  </span>
                ))}
              </th>
              <td>{text}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
