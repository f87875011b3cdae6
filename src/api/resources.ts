// Every resource of the API, one a line, in the order in which the reference shows them.

import type { RegisterRoutes } from "./register.ts";
import { aboutRoutes } from "./routes/about.ts";
import { accountRoutes } from "./routes/accounts.ts";
import { apiKeyRoutes } from "./routes/api-keys.ts";
import { approvalRoutes } from "./routes/approvals.ts";
import { auditRoutes } from "./routes/audit.ts";
import { bankInboundRoutes } from "./routes/bank-inbound.ts";
import { costRoutes } from "./routes/cost.ts";
import { creditRoutes } from "./routes/credits.ts";
import { declarationRoutes } from "./routes/declarations.ts";
import { eventRoutes } from "./routes/events.ts";
import { exceptionRoutes } from "./routes/exceptions.ts";
import { fileRoutes } from "./routes/files.ts";
import { holdRoutes } from "./routes/holds.ts";
import { matchRoutes } from "./routes/matches.ts";
import { factorRoutes, meRoutes, stepUpRoutes } from "./routes/me.ts";
import { orderRoutes } from "./routes/orders.ts";
import { payoutRoutes, payoutRuleRoutes } from "./routes/payouts.ts";
import { releaseRequestRoutes } from "./routes/release-requests.ts";
import { reportRoutes } from "./routes/reports.ts";
import { rulePackRoutes } from "./routes/rule-packs.ts";
import { sandboxRoutes } from "./routes/sandbox.ts";
import { searchRoutes } from "./routes/search.ts";
import { sellerRoutes } from "./routes/sellers.ts";
import { passkeySignInRoutes, signInRoutes, ssoRoutes } from "./routes/sign-in.ts";
import { signInPageRoutes } from "./routes/sign-in-page.ts";
import { statementRoutes } from "./routes/statements.ts";
import { payoutRequestRoutes, storeActRoutes, storeConsentRoutes } from "./routes/store-acts.ts";
import { storeRoutes } from "./routes/stores.ts";
import { uploadRoutes } from "./routes/uploads.ts";
import { userChangeRoutes, userRoutes } from "./routes/users.ts";
import { webhookDeliveryRoutes } from "./routes/webhook-deliveries.ts";
import { webhookEndpointRoutes } from "./routes/webhook-endpoints.ts";
import { webhookReplayRoutes } from "./routes/webhook-replays.ts";

export const RESOURCES: readonly RegisterRoutes[] = [
  sellerRoutes,
  storeConsentRoutes,
  storeRoutes,
  storeActRoutes,
  payoutRequestRoutes,
  accountRoutes,
  payoutRoutes,
  payoutRuleRoutes,
  statementRoutes,
  creditRoutes,
  matchRoutes,
  holdRoutes,
  approvalRoutes,
  releaseRequestRoutes,
  orderRoutes,
  exceptionRoutes,
  declarationRoutes,
  rulePackRoutes,
  costRoutes,
  searchRoutes,
  reportRoutes,
  fileRoutes,
  uploadRoutes,
  eventRoutes,
  webhookEndpointRoutes,
  webhookDeliveryRoutes,
  webhookReplayRoutes,
  bankInboundRoutes,
  signInPageRoutes,
  signInRoutes,
  passkeySignInRoutes,
  ssoRoutes,
  meRoutes,
  stepUpRoutes,
  factorRoutes,
  userRoutes,
  userChangeRoutes,
  apiKeyRoutes,
  auditRoutes,
  sandboxRoutes,
  aboutRoutes,
];
