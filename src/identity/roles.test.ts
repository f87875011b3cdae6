import { describe, expect, it } from "vitest";
import type { Instant } from "../time/instant.ts";
import { type Caller, callerMay, hasSteppedUp, maySeeSeller } from "./caller.ts";
import {
  keyScopesOf,
  PERMISSIONS,
  permissionsOf,
  ROLES,
  roleDecides,
  roleMay,
  rolesGivenBy,
} from "./roles.ts";

const NOW = "2026-11-23T04:05:06.789Z" as Instant;
const FINANCE: Caller = {
  kind: "user",
  id: "user_1",
  personId: "user_1",
  sellerId: "shancheng",
  role: "seller-finance",
  scopes: permissionsOf("seller-finance"),
  steppedUpAt: NOW,
  sessionId: "ses_1",
};

describe("the roles", () => {
  it("are eight at most, and each may do something that is a permission", () => {
    expect(ROLES.length).toBeLessThanOrEqual(8);
    for (const role of ROLES) expect(permissionsOf(role).length).toBeGreaterThan(0);
    for (const permission of PERMISSIONS) {
      expect(
        ROLES.some((role) => roleMay(role, permission)),
        permission,
      ).toBe(true);
    }
  });

  it("keep asking and deciding apart: who asks for a release or a binding decides none", () => {
    for (const role of ROLES) {
      const asks = roleMay(role, "holds.request-release") || roleMay(role, "accounts.bind");
      const decides = roleDecides(role, "hold-release") || roleDecides(role, "account-binding");
      expect(asks && decides, role).toBe(false);
    }
  });

  it("let the supervisor read and nothing else", () => {
    const acts = permissionsOf("supervisor").filter(
      (permission) => !permission.endsWith(".read") && permission !== "files.download",
    );
    expect(acts).toEqual([]);
  });

  it("let the admin say who acts, without acting on money", () => {
    for (const act of [
      "payouts.initiate",
      "holds.request-release",
      "orders.write",
      "accounts.bind",
    ] as const) {
      expect(roleMay("admin", act)).toBe(false);
    }
  });

  it("give no key what only people may do", () => {
    for (const role of ROLES) {
      expect(keyScopesOf(role)).not.toContain("approvals.decide");
      expect(keyScopesOf(role)).not.toContain("users.write");
      expect(keyScopesOf(role)).not.toContain("api-keys.write");
    }
  });

  it("let an owner give roles at their seller only, and others give none", () => {
    expect(rolesGivenBy("seller-owner")).toEqual([
      "seller-owner",
      "seller-finance",
      "seller-viewer",
    ]);
    expect(rolesGivenBy("admin")).toEqual(ROLES);
    expect(rolesGivenBy("operator")).toEqual([]);
  });
});

describe("a caller", () => {
  it("may only what both its role and its scopes allow", () => {
    expect(callerMay(FINANCE, "payouts.initiate")).toBe(true);
    expect(callerMay({ ...FINANCE, scopes: ["payouts.read"] }, "payouts.initiate")).toBe(false);
    expect(callerMay({ ...FINANCE, role: "seller-viewer" }, "payouts.initiate")).toBe(false);
  });

  it("has stepped up for ten minutes after a second factor, and never as a key", () => {
    const at = (ms: number) => new Date(Date.parse(NOW) + ms).toISOString() as Instant;
    expect(hasSteppedUp(FINANCE, at(600_000))).toBe(true);
    expect(hasSteppedUp(FINANCE, at(600_001))).toBe(false);
    expect(hasSteppedUp({ ...FINANCE, kind: "key" }, NOW)).toBe(false);
    expect(hasSteppedUp({ ...FINANCE, steppedUpAt: null }, NOW)).toBe(false);
  });

  it("sees its own seller's objects, or everybody's when it is bound to none", () => {
    expect(maySeeSeller(FINANCE, "shancheng")).toBe(true);
    expect(maySeeSeller(FINANCE, "other")).toBe(false);
    expect(maySeeSeller(FINANCE, null)).toBe(false);
    expect(maySeeSeller({ ...FINANCE, sellerId: null }, null)).toBe(true);
  });
});
