// Where the console leads, by role and permission: one list, from which the navigation, the keys and the start page follow.

import type { Catalogue } from "../i18n/catalogue.ts";
import { isSellerRole, type Permission, type Role } from "../session/session.tsx";

export type NavName = keyof Catalogue["shell"]["nav"];
export type NavGroup = keyof Catalogue["shell"]["group"];

export type NavEntry = {
  readonly name: NavName;
  readonly to: string;
  readonly group: NavGroup;
  readonly permission: Permission;
  /** Whose work it is; everybody's who is permitted unless told. */
  readonly roles?: (role: Role) => boolean;
  /** After `g`: goes there. */
  readonly key?: string;
};

const NAVIGATION: readonly NavEntry[] = [
  {
    name: "overview",
    to: "/overview",
    group: "money",
    permission: "accounts.read",
    roles: isSellerRole,
    key: "o",
  },
  { name: "payouts", to: "/payouts", group: "money", permission: "payouts.read", key: "p" },
  { name: "accounts", to: "/accounts", group: "money", permission: "accounts.read", key: "a" },
  { name: "credits", to: "/credits", group: "money", permission: "credits.read", key: "c" },
  { name: "holds", to: "/holds", group: "money", permission: "holds.read", key: "h" },
  {
    name: "statements",
    to: "/statements",
    group: "trade",
    permission: "statements.read",
    key: "s",
  },
  { name: "stores", to: "/stores", group: "trade", permission: "stores.read", key: "t" },
  { name: "documents", to: "/documents", group: "trade", permission: "files.read", key: "d" },
  {
    name: "notifications",
    to: "/notifications",
    group: "system",
    permission: "events.read",
    key: "n",
  },
  { name: "webhooks", to: "/webhooks", group: "system", permission: "webhooks.read", key: "w" },
];

export function navigationOf(
  role: Role,
  may: (permission: Permission) => boolean,
): readonly NavEntry[] {
  return NAVIGATION.filter(({ permission, roles }) => may(permission) && (roles?.(role) ?? true));
}

/** Where a role begins. */
export function homeOf(role: Role): string {
  return isSellerRole(role) ? "/overview" : "/payouts";
}
