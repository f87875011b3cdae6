// The supervisor's pages and their addresses.

import type { RouteObject } from "react-router";

export const supervisorRoutes: RouteObject[] = [];
