// The seller's pages and their addresses. Whoever sees all sellers has the same pages, with the seller named in them.

import { Navigate, type RouteObject } from "react-router";
import { useMe } from "../../session/session.tsx";
import { homeOf } from "../../shell/navigation.ts";

/** The start page is a different one for each role. */
function Home() {
  return <Navigate to={homeOf(useMe().role)} replace />;
}

export const sellerRoutes: RouteObject[] = [
  { index: true, element: <Home /> },
  {
    path: "overview",
    lazy: async () => ({ Component: (await import("./overview.tsx")).Overview }),
  },
  {
    path: "payouts",
    lazy: async () => ({ Component: (await import("./payout-list.tsx")).PayoutList }),
  },
  {
    path: "payouts/:payoutId",
    lazy: async () => ({ Component: (await import("./payout.tsx")).PayoutPage }),
  },
  {
    path: "accounts",
    lazy: async () => ({ Component: (await import("./account-list.tsx")).AccountList }),
  },
  {
    path: "accounts/:sellerId/:currency",
    lazy: async () => ({ Component: (await import("./account.tsx")).AccountPage }),
  },
  {
    path: "statements",
    lazy: async () => ({ Component: (await import("./statement-list.tsx")).StatementList }),
  },
  {
    path: "statements/:statementId",
    lazy: async () => ({ Component: (await import("./statement.tsx")).StatementPage }),
  },
  {
    path: "credits",
    lazy: async () => ({ Component: (await import("./credit-list.tsx")).CreditList }),
  },
  {
    path: "credits/:creditId",
    lazy: async () => ({ Component: (await import("./credit.tsx")).CreditPage }),
  },
  { path: "holds", lazy: async () => ({ Component: (await import("./hold-list.tsx")).HoldList }) },
  {
    path: "holds/:holdId",
    lazy: async () => ({ Component: (await import("./hold-list.tsx")).HoldPage }),
  },
  {
    path: "stores",
    lazy: async () => ({ Component: (await import("./store-list.tsx")).StoreList }),
  },
  {
    path: "stores/:storeId",
    lazy: async () => ({ Component: (await import("./store.tsx")).StorePage }),
  },
  {
    path: "documents",
    lazy: async () => ({ Component: (await import("./documents.tsx")).Documents }),
  },
  {
    path: "files/:sha256",
    lazy: async () => ({ Component: (await import("./file.tsx")).FilePage }),
  },
  {
    path: "notifications",
    lazy: async () => ({ Component: (await import("./notifications.tsx")).Notifications }),
  },
  { path: "cost", lazy: async () => ({ Component: (await import("./cost.tsx")).CostPage }) },
  { path: "me", lazy: async () => ({ Component: (await import("./me.tsx")).MePage }) },
  {
    path: "webhooks",
    lazy: async () => ({ Component: (await import("./webhooks.tsx")).WebhookList }),
  },
  {
    path: "webhooks/:endpointId",
    lazy: async () => ({ Component: (await import("./webhooks.tsx")).WebhookPage }),
  },
];
