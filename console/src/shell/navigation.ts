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
  {
    name: "exceptions",
    to: "/exceptions",
    group: "work",
    permission: "exceptions.read",
    roles: (role) => !isSellerRole(role),
    key: "e",
  },
  { name: "approvals", to: "/approvals", group: "work", permission: "approvals.read", key: "b" },
  {
    name: "declarations",
    to: "/declarations",
    group: "work",
    permission: "declarations.read",
    key: "i",
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
  { name: "rules", to: "/rules", group: "rules", permission: "payouts.read", key: "l" },
  { name: "cost", to: "/cost", group: "reports", permission: "reports.read", key: "y" },
  { name: "flows", to: "/reports/flows", group: "reports", permission: "reports.read", key: "r" },
  {
    name: "findings",
    to: "/reports/findings",
    group: "reports",
    permission: "reports.read",
    key: "f",
  },
  {
    name: "targets",
    to: "/reports/targets",
    group: "reports",
    permission: "targets.read",
    key: "z",
  },
  { name: "audit", to: "/audit", group: "reports", permission: "audit.read", key: "u" },
  {
    name: "notifications",
    to: "/notifications",
    group: "system",
    permission: "events.read",
    key: "n",
  },
  { name: "webhooks", to: "/webhooks", group: "system", permission: "webhooks.read", key: "w" },
  { name: "sandbox", to: "/sandbox", group: "system", permission: "sandbox.control", key: "x" },
];

export function navigationOf(
  role: Role,
  may: (permission: Permission) => boolean,
): readonly NavEntry[] {
  return NAVIGATION.filter(({ permission, roles }) => may(permission) && (roles?.(role) ?? true));
}

/** Where a role begins. */
export function homeOf(role: Role): string {
  if (isSellerRole(role)) return "/overview";
  if (role === "supervisor") return "/reports/flows";
  return role === "approver" ? "/approvals" : "/exceptions";
}
