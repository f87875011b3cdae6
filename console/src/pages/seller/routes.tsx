// The seller's pages and their addresses. Whoever sees all sellers has the same pages, with the seller named in them.

import { Navigate, type RouteObject } from "react-router";
import { useMe } from "../../session/session.tsx";
import { homeOf } from "../../shell/navigation.ts";

/** The start page is a different one for each role. */
function Home() {
  const home = homeOf(useMe().role);
  return home === "/" ? <Navigate to="/overview" replace /> : <Navigate to={home} replace />;
}

export const sellerRoutes: RouteObject[] = [
  { index: true, element: <Home /> },
  {
    path: "payouts",
    lazy: async () => ({ Component: (await import("./payout-list.tsx")).PayoutList }),
  },
];
