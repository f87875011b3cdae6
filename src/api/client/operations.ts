// The operations that the client has, by their operationId: the routes' own declarations, so that client and server
// cannot differ. Not here: what only browsers, banks and marketplaces call, streams, and answers that are not JSON.

import { getAccount, listAccounts, listEntries } from "../contract/accounts.ts";
import {
  createKeyRoute,
  getKeyRoute,
  listKeysRoute,
  revokeKeyRoute,
  rotateKeyRoute,
} from "../contract/api-keys.ts";
import {
  approveRoute,
  denyRoute,
  getApprovalRoute,
  listApprovalsRoute,
  requestAccountBindingRoute,
  requestHoldReleaseRoute,
} from "../contract/approvals.ts";
import { listActs } from "../contract/audit.ts";
import { getCostReport } from "../contract/cost.ts";
import { getCredit, listCredits } from "../contract/credits.ts";
import { completeDeclarationRoute, listDeclarations } from "../contract/declarations.ts";
import { getEvent, listEvents } from "../contract/events.ts";
import { listExceptions } from "../contract/exceptions.ts";
import { getFile, listFileLines, listFiles } from "../contract/files.ts";
import { getHold, listHolds } from "../contract/holds.ts";
import { getMatch, listMatches } from "../contract/matches.ts";
import { getMe } from "../contract/me.ts";
import { createOrder, getOrder, listOrders } from "../contract/orders.ts";
import {
  getPayout,
  getPayoutEvidence,
  getPayoutTimeline,
  getPayoutVerdicts,
  listPayouts,
} from "../contract/payouts.ts";
import {
  getFindingsReport,
  getFlowsReport,
  listTargets,
  setTargetRoute,
  withdrawTargetRoute,
} from "../contract/reports.ts";
import { listRulePacks, rehearsePackRoute } from "../contract/rule-packs.ts";
import { getSandbox, moveSandboxClock, playScenario } from "../contract/sandbox.ts";
import { searchRoute } from "../contract/search.ts";
import { getSeller, listSellers } from "../contract/sellers.ts";
import { getStatement, listStatementLines, listStatements } from "../contract/statements.ts";
import {
  beginConsentRoute,
  completeConsentRoute,
  confirmStoreNameRoute,
  createStoreRoute,
  listPayoutRequestsRoute,
  moneyOnTheWayRoute,
  requestPayoutRoute,
  unbindStoreRoute,
} from "../contract/store-acts.ts";
import { getStore, listStores } from "../contract/stores.ts";
import { createUpload, getUpload, listUploads } from "../contract/uploads.ts";
import {
  changeUserRoute,
  createUserRoute,
  disableUserRoute,
  getUserRoute,
  inviteUserRoute,
  listUsersRoute,
} from "../contract/users.ts";
import {
  createWebhookReplay,
  getWebhookDelivery,
  getWebhookReplay,
  listWebhookDeliveries,
  listWebhookReplays,
  resendWebhookEvent,
} from "../contract/webhook-deliveries.ts";
import {
  changeWebhookEndpoint,
  createWebhookEndpoint,
  deleteWebhookEndpoint,
  getWebhookEndpoint,
  listWebhookEndpoints,
  pingWebhookEndpoint,
  rotateWebhookSecrets,
} from "../contract/webhook-endpoints.ts";

export const OPERATIONS = {
  listSellers,
  getSeller,
  listStores,
  getStore,
  createStore: createStoreRoute,
  beginStoreConsent: beginConsentRoute,
  completeStoreConsent: completeConsentRoute,
  confirmStoreName: confirmStoreNameRoute,
  unbindStore: unbindStoreRoute,
  requestPayout: requestPayoutRoute,
  listPayoutRequests: listPayoutRequestsRoute,
  getMoneyOnTheWay: moneyOnTheWayRoute,
  listAccounts,
  getAccount,
  listEntries,
  listPayouts,
  getPayout,
  getPayoutEvidence,
  getPayoutTimeline,
  getPayoutVerdicts,
  listStatements,
  getStatement,
  listStatementLines,
  listCredits,
  getCredit,
  listMatches,
  getMatch,
  listHolds,
  getHold,
  requestHoldRelease: requestHoldReleaseRoute,
  requestAccountBinding: requestAccountBindingRoute,
  listApprovals: listApprovalsRoute,
  getApproval: getApprovalRoute,
  approve: approveRoute,
  deny: denyRoute,
  createOrder,
  listOrders,
  getOrder,
  getCostReport,
  listDeclarations,
  completeDeclaration: completeDeclarationRoute,
  listExceptions,
  search: searchRoute,
  listRulePacks,
  rehearseRulePack: rehearsePackRoute,
  getFlowsReport,
  getFindingsReport,
  listTargets,
  setTarget: setTargetRoute,
  withdrawTarget: withdrawTargetRoute,
  listFiles,
  getFile,
  listFileLines,
  createUpload,
  listUploads,
  getUpload,
  listEvents,
  getEvent,
  listWebhookEndpoints,
  createWebhookEndpoint,
  getWebhookEndpoint,
  changeWebhookEndpoint,
  deleteWebhookEndpoint,
  rotateWebhookSecrets,
  pingWebhookEndpoint,
  listWebhookDeliveries,
  getWebhookDelivery,
  resendWebhookEvent,
  createWebhookReplay,
  listWebhookReplays,
  getWebhookReplay,
  getMe,
  listUsers: listUsersRoute,
  getUser: getUserRoute,
  createUser: createUserRoute,
  inviteUser: inviteUserRoute,
  changeUser: changeUserRoute,
  disableUser: disableUserRoute,
  listApiKeys: listKeysRoute,
  getApiKey: getKeyRoute,
  createApiKey: createKeyRoute,
  rotateApiKey: rotateKeyRoute,
  revokeApiKey: revokeKeyRoute,
  listActs,
  getSandbox,
  playScenario,
  moveSandboxClock,
} as const;

export type OperationName = keyof typeof OPERATIONS;
