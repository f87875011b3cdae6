// Every resource of the API, one a line, in the order in which the reference shows them.

import type { RegisterRoutes } from "./register.ts";
import { accountRoutes } from "./routes/accounts.ts";
import { bankInboundRoutes } from "./routes/bank-inbound.ts";
import { creditRoutes } from "./routes/credits.ts";
import { exceptionRoutes } from "./routes/exceptions.ts";
import { fileRoutes } from "./routes/files.ts";
import { holdRoutes } from "./routes/holds.ts";
import { matchRoutes } from "./routes/matches.ts";
import { payoutRoutes } from "./routes/payouts.ts";
import { sellerRoutes } from "./routes/sellers.ts";
import { statementRoutes } from "./routes/statements.ts";
import { uploadRoutes } from "./routes/uploads.ts";

export const RESOURCES: readonly RegisterRoutes[] = [
  sellerRoutes,
  accountRoutes,
  payoutRoutes,
  statementRoutes,
  creditRoutes,
  matchRoutes,
  holdRoutes,
  exceptionRoutes,
  fileRoutes,
  uploadRoutes,
  bankInboundRoutes,
];
