// The operator's pages and their addresses.

import type { RouteObject } from "react-router";

export const operatorRoutes: RouteObject[] = [
  {
    path: "exceptions",
    lazy: async () => ({ Component: (await import("./exception-list.tsx")).ExceptionList }),
  },
  {
    path: "approvals",
    lazy: async () => ({ Component: (await import("./approval-list.tsx")).ApprovalList }),
  },
  {
    path: "approvals/:approvalId",
    lazy: async () => ({ Component: (await import("./approval.tsx")).ApprovalPage }),
  },
  {
    path: "declarations",
    lazy: async () => ({ Component: (await import("./declaration-list.tsx")).DeclarationList }),
  },
  {
    path: "rules",
    lazy: async () => ({ Component: (await import("./rule-packs.tsx")).RulePacks }),
  },
  {
    path: "sandbox",
    lazy: async () => ({ Component: (await import("./sandbox.tsx")).SandboxPage }),
  },
];
