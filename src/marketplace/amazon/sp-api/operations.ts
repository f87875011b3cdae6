// The operations of Amazon's Selling Partner API that the channel calls, each with its usage plan: how many calls a
// second fill its token bucket, and how many it holds. Source: the usage plan tables of Amazon's models, commit 34dc93f
// (2026-08-05); a plan is counted for each application and selling partner, per operation.

export type UsagePlan = {
  /** Calls a second that come back into the bucket. */
  readonly ratePerSecond: number;
  /** Calls that a full bucket holds. */
  readonly burst: number;
};

export type Operation = {
  readonly name: OperationName;
  readonly method: "GET" | "POST";
  /** `{…}` stands for a parameter of the call. */
  readonly path: string;
  readonly plan: UsagePlan;
};

export type OperationName = keyof typeof PATHS;

const PATHS = {
  getReports: ["GET", "/reports/2021-06-30/reports", 0.0222, 10],
  getReportDocument: ["GET", "/reports/2021-06-30/documents/{reportDocumentId}", 0.0167, 15],
  listFinancialEventGroups: ["GET", "/finances/v0/financialEventGroups", 0.5, 30],
  listTransactions: ["GET", "/finances/2024-06-19/transactions", 0.5, 10],
  listBalances: ["GET", "/finances/2024-06-19/balances", 0.5, 10],
  listSummary: ["GET", "/finances/2024-06-19/summary", 0.5, 10],
  listPayouts: ["GET", "/finances/transfers/2024-06-01/payouts", 0.5, 10],
  listExpectedPayouts: ["GET", "/finances/transfers/2024-06-01/payouts/expected", 0.5, 10],
  initiatePayout: ["POST", "/finances/transfers/2024-06-01/payouts", 0.017, 2],
  getMarketplaceParticipations: ["GET", "/sellers/v1/marketplaceParticipations", 0.016, 15],
  getAccount: ["GET", "/sellers/v1/account", 0.016, 15],
} as const;

export const OPERATION_NAMES = Object.keys(PATHS) as readonly OperationName[];

export function operationOf(name: OperationName): Operation {
  const [method, path, ratePerSecond, burst] = PATHS[name];
  return { name, method, path, plan: { ratePerSecond, burst } };
}
