// The supervisor's pages and their addresses.

import type { RouteObject } from "react-router";

export const supervisorRoutes: RouteObject[] = [
  {
    path: "reports/flows",
    lazy: async () => ({ Component: (await import("./flows.tsx")).FlowsPage }),
  },
  {
    path: "reports/findings",
    lazy: async () => ({ Component: (await import("./findings.tsx")).FindingsPage }),
  },
  {
    path: "reports/targets",
    lazy: async () => ({ Component: (await import("./targets.tsx")).TargetsPage }),
  },
  { path: "audit", lazy: async () => ({ Component: (await import("./audit.tsx")).AuditPage }) },
];
