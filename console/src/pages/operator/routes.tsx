// The operator's pages and their addresses.

import type { RouteObject } from "react-router";

export const operatorRoutes: RouteObject[] = [];
