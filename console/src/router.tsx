// The addresses of the console. Each page is loaded when it is opened first; an address is a state that can be linked to.

import { createBrowserRouter, type RouteObject } from "react-router";
import { operatorRoutes } from "./pages/operator/routes.tsx";
import { sellerRoutes } from "./pages/seller/routes.tsx";
import { supervisorRoutes } from "./pages/supervisor/routes.tsx";
import { PageFault } from "./parts/page-fault.tsx";
import { NotFound } from "./parts/query-states.tsx";
import { Shell } from "./shell/shell.tsx";

const pages: RouteObject[] = [
  ...sellerRoutes,
  ...operatorRoutes,
  ...supervisorRoutes,
  { path: "*", element: <NotFound /> },
];

export const router = createBrowserRouter([
  {
    element: <Shell />,
    errorElement: <PageFault />,
    children: [{ errorElement: <PageFault />, children: pages }],
  },
]);
