// What each role may do. The roles are fixed: an auditor can read this table. A role says what a person may ask for;
// whose objects they see is their seller's business, and what needs a second person is the approvals' business.

import type { ApprovalKind } from "../approval/approval.ts";

/** The eight roles. Those that begin with "seller-" are bound to one seller. */
export const ROLES = [
  "seller-owner",
  "seller-finance",
  "seller-viewer",
  "operator",
  "approver",
  "supervisor",
  "engineer",
  "admin",
] as const;
export type Role = (typeof ROLES)[number];

/** Reading the objects of the money path. */
const READ = [
  "sellers.read",
  "stores.read",
  "accounts.read",
  "statements.read",
  "payouts.read",
  "credits.read",
  "matches.read",
  "holds.read",
  "exceptions.read",
  "orders.read",
  "files.read",
  "events.read",
  "approvals.read",
  "reports.read",
  "declarations.read",
] as const;

/** Reading what is about the institution's programme and about no seller. */
const PROGRAMME_READ = ["targets.read", "rehearsals.read"] as const;

/** Acts. Those that move money or change who is paid are requests: a second person decides them. */
const ACTS = [
  "sellers.write",
  "stores.bind",
  "accounts.bind",
  "payouts.initiate",
  "holds.request-release",
  "orders.write",
  "declarations.write",
  "uploads.write",
  "files.download",
  "approvals.decide",
  "webhooks.read",
  "webhooks.write",
  "users.read",
  "users.write",
  "api-keys.read",
  "api-keys.write",
  "audit.read",
  "sandbox.control",
  "targets.write",
] as const;

export const PERMISSIONS = [...READ, ...PROGRAMME_READ, ...ACTS] as const;
export type Permission = (typeof PERMISSIONS)[number];

/** Permissions that need a person who signed in: no API key carries them. */
const PEOPLE_ONLY: ReadonlySet<Permission> = new Set<Permission>([
  "approvals.decide",
  "users.write",
  "api-keys.write",
]);

const ROLE_PERMISSIONS: Readonly<Record<Role, ReadonlySet<Permission>>> = {
  "seller-owner": new Set<Permission>([
    ...READ,
    "stores.bind",
    "accounts.bind",
    "payouts.initiate",
    "holds.request-release",
    "orders.write",
    "declarations.write",
    "uploads.write",
    "files.download",
    "webhooks.read",
    "webhooks.write",
    "users.read",
    "users.write",
    "api-keys.read",
    "api-keys.write",
    "audit.read",
  ]),
  "seller-finance": new Set<Permission>([
    ...READ,
    "payouts.initiate",
    "holds.request-release",
    "orders.write",
    "declarations.write",
    "uploads.write",
    "files.download",
  ]),
  "seller-viewer": new Set<Permission>(READ),
  operator: new Set<Permission>([
    ...READ,
    ...PROGRAMME_READ,
    "sellers.write",
    "stores.bind",
    "accounts.bind",
    "payouts.initiate",
    "holds.request-release",
    "orders.write",
    "declarations.write",
    "uploads.write",
    "files.download",
    "webhooks.read",
    "sandbox.control",
    "targets.write",
  ]),
  // Decides what others ask for and asks for nothing itself.
  approver: new Set<Permission>([
    ...READ,
    ...PROGRAMME_READ,
    "files.download",
    "approvals.decide",
    "audit.read",
  ]),
  supervisor: new Set<Permission>([
    ...READ,
    ...PROGRAMME_READ,
    "files.download",
    "webhooks.read",
    "users.read",
    "api-keys.read",
    "audit.read",
  ]),
  // Connects machines; sees the objects, moves no money and opens no raw file.
  engineer: new Set<Permission>([
    ...READ,
    ...PROGRAMME_READ,
    "uploads.write",
    "webhooks.read",
    "webhooks.write",
    "api-keys.read",
    "api-keys.write",
    "sandbox.control",
  ]),
  // Says who may act, and may not act on money.
  admin: new Set<Permission>([
    ...READ,
    ...PROGRAMME_READ,
    "sellers.write",
    "approvals.decide",
    "webhooks.read",
    "users.read",
    "users.write",
    "api-keys.read",
    "api-keys.write",
    "audit.read",
    "sandbox.control",
  ]),
};

/** Who decides which kind, beside the rule that nobody decides what they asked for. */
const DECIDERS: Readonly<Record<ApprovalKind, ReadonlySet<Role>>> = {
  "hold-release": new Set<Role>(["approver"]),
  "account-binding": new Set<Role>(["approver"]),
  "payment-order": new Set<Role>(["approver"]),
  // An admin asks; another admin or an approver decides, so that one admin alone gives nobody power.
  "role-change": new Set<Role>(["admin", "approver"]),
};

export function isRole(text: string): text is Role {
  return (ROLES as readonly string[]).includes(text);
}

export function isPermission(text: string): text is Permission {
  return (PERMISSIONS as readonly string[]).includes(text);
}

/** True for the roles that act for one seller and see nothing else. */
export function isSellerRole(role: Role): boolean {
  return role.startsWith("seller-");
}

export function permissionsOf(role: Role): readonly Permission[] {
  return PERMISSIONS.filter((permission) => ROLE_PERMISSIONS[role].has(permission));
}

export function roleMay(role: Role, permission: Permission): boolean {
  return ROLE_PERMISSIONS[role].has(permission);
}

/** The permissions an API key of this role may carry. */
export function keyScopesOf(role: Role): readonly Permission[] {
  return permissionsOf(role).filter((permission) => !PEOPLE_ONLY.has(permission));
}

export function roleDecides(role: Role, kind: ApprovalKind): boolean {
  return DECIDERS[kind].has(role);
}

/**
 * True when one person may not give this role alone, to a newcomer or by a change: it acts for the institution, or
 * answers for a whole seller. What a seller's owner gives to their own finance desk needs no second person.
 */
export function needsSecondPerson(role: Role): boolean {
  return role !== "seller-finance" && role !== "seller-viewer";
}

/** Roles that a person of `role` may give to others: owners give roles at their own seller only. */
export function rolesGivenBy(role: Role): readonly Role[] {
  if (role === "admin") return ROLES;
  return role === "seller-owner" ? ROLES.filter(isSellerRole) : [];
}
