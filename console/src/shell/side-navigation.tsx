// The navigation at the side: the places that the reader's role has, in groups.

import { useTranslation } from "react-i18next";
import { NavLink } from "react-router";
import { useMay, useMe } from "../session/session.tsx";
import { type NavEntry, type NavGroup, navigationOf } from "./navigation.ts";

export function SideNavigation() {
  const { t } = useTranslation("shell");
  const { role } = useMe();
  const groups = new Map<NavGroup, NavEntry[]>();
  for (const entry of navigationOf(role, useMay()))
    groups.set(entry.group, [...(groups.get(entry.group) ?? []), entry]);
  return (
    <nav aria-label={t("navigation")}>
      {[...groups].map(([group, entries]) => (
        <div className="nav-group" key={group}>
          <h2>{t(`group.${group}`)}</h2>
          <ul>
            {entries.map(({ name, to }) => (
              <li key={to}>
                <NavLink to={to} end={to === "/"}>
                  {t(`nav.${name}`)}
                </NavLink>
              </li>
            ))}
          </ul>
        </div>
      ))}
    </nav>
  );
}
