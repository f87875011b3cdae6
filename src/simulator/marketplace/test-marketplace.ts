// A sandbox marketplace for tests: a clock that tests move, one seller with one store, and a caller with its token.

import { gunzipSync } from "node:zlib";
import { type JsonValue, readJson } from "../../marketplace/amazon/json-decimal.ts";
import type { Instant } from "../../time/instant.ts";
import type { SandboxClock } from "../sandbox-clock.ts";
import { manualSandboxClock } from "../sandbox-clock.ts";
import type { NewStore } from "./controls/store-controls.ts";
import type { SandboxMarketplace, SandboxMarketplaceOptions } from "./sandbox-marketplace.ts";
import { createSandboxMarketplace } from "./sandbox-marketplace.ts";
import type { SellerState, StoreState } from "./state.ts";

export const START = "2026-11-01T08:00:00.000Z" as Instant;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;
export const ORIGIN = "http://sandbox.test";

export type TestMarketplace = {
  readonly clock: SandboxClock;
  readonly marketplace: SandboxMarketplace;
  readonly controls: SandboxMarketplace["controls"];
  readonly seller: SellerState;
  readonly store: StoreState;
  readonly caller: Caller;
};

export type Caller = {
  readonly newToken: () => Promise<string>;
  readonly askWith: (token: string, path: string, init?: RequestInit) => Promise<Response>;
  readonly ask: (path: string, init?: RequestInit) => Promise<Response>;
  /** The JSON of a 200 answer, as any reader would have it. */
  readonly get: <Body = unknown>(path: string) => Promise<Body>;
  /** The same with the numbers as written. */
  readonly exact: (path: string) => Promise<JsonValue>;
};

export async function testMarketplace(
  store: Partial<NewStore> = {},
  options: Partial<SandboxMarketplaceOptions> = {},
): Promise<TestMarketplace> {
  const clock = manualSandboxClock(START);
  const marketplace = createSandboxMarketplace({ clock, seed: 7, ...options });
  const { controls } = marketplace;
  const seller = controls.addSeller({
    legalName: "Chongqing Sample Trading Co., Ltd.",
    nonLatinName: "重庆样品贸易有限公司",
    region: regionOf(store.marketplace ?? "US"),
  });
  const opened = controls.addStore(seller.sellerId, { marketplace: "US", ...store });
  const caller = await callerFor(marketplace, seller.sellerId);
  return { clock, marketplace, controls, seller, store: opened, caller };
}

function regionOf(country: string): "na" | "eu" | "fe" {
  if (["US", "CA", "MX"].includes(country)) return "na";
  return ["JP", "AU", "SG"].includes(country) ? "fe" : "eu";
}

/** Consents for the seller and exchanges the refresh token. */
export async function callerFor(
  marketplace: SandboxMarketplace,
  sellerId: string,
): Promise<Caller> {
  const { refreshToken } = marketplace.controls.consent(sellerId);
  const newToken = async (): Promise<string> => {
    const grant = { grant_type: "refresh_token", refresh_token: refreshToken };
    const answer = await askToken(marketplace, grant);
    return ((await answer.json()) as { access_token: string }).access_token;
  };
  const askWith: Caller["askWith"] = async (token, path, init = {}) =>
    marketplace.fetch(
      new Request(`${ORIGIN}${path}`, {
        ...init,
        headers: { "x-amz-access-token": token, "content-type": "application/json" },
      }),
    );
  // A new token each time: a clock that is moved makes old ones expire.
  const ask: Caller["ask"] = async (path, init = {}) => askWith(await newToken(), path, init);
  const text = async (path: string): Promise<string> => {
    const answered = await ask(path);
    const body = await answered.text();
    if (answered.status !== 200) throw new Error(`${path}: ${answered.status} ${body}`);
    return body;
  };
  return {
    newToken,
    askWith,
    ask,
    get: async <Body>(path: string) => JSON.parse(await text(path)) as Body,
    exact: async (path) => {
      const read = readJson(await text(path));
      if (!read.ok) throw new Error(read.problem);
      return read.value;
    },
  };
}

export async function askToken(
  { fetch, application }: SandboxMarketplace,
  grant: Readonly<Record<string, string>>,
): Promise<Response> {
  return fetch(
    new Request(`${ORIGIN}/auth/o2/token`, {
      method: "POST",
      body: new URLSearchParams({
        client_id: application.clientId,
        client_secret: application.clientSecret,
        ...grant,
      }),
    }),
  );
}

export const REPORTS_PATH =
  "/reports/2021-06-30/reports?reportTypes=GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2";

export type ReportAnswer = {
  readonly reportId: string;
  readonly reportDocumentId: string;
  readonly createdTime: string;
  readonly marketplaceIds: readonly string[];
};

/** Downloads every listed settlement file, the newest first. */
export async function downloadReports({
  marketplace,
  caller,
}: TestMarketplace): Promise<readonly Uint8Array[]> {
  const { reports } = await caller.get<{ reports: ReportAnswer[] }>(`${REPORTS_PATH}&pageSize=100`);
  const files: Uint8Array[] = [];
  for (const { reportDocumentId } of reports) {
    const { url, compressionAlgorithm } = await caller.get<{
      url: string;
      compressionAlgorithm?: "GZIP";
    }>(`/reports/2021-06-30/documents/${reportDocumentId}`);
    const answer = await marketplace.fetch(new Request(url));
    const bytes = new Uint8Array(await answer.arrayBuffer());
    files.push(compressionAlgorithm === "GZIP" ? gunzipSync(bytes) : bytes);
  }
  return files;
}
