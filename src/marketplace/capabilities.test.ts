import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { OPERATION_NAMES, operationOf } from "./amazon/sp-api/operations.ts";
import { amazonSettings } from "./amazon/sp-api/settings.ts";
import { CAPABILITIES, isMarketplaceName, payoutInitiation } from "./capabilities.ts";

const PAGE = readFileSync(new URL("../../docs/reference/marketplaces.md", import.meta.url), "utf8");
const PLANS = PAGE.slice(PAGE.indexOf("## Amazon: operations"));
const CONCEPT = readFileSync(
  new URL("../../docs/concepts/marketplace-connection.md", import.meta.url),
  "utf8",
);

/** Cells of the page's table row that begins with this cell. */
function rowOf(page: string, first: string): readonly string[] {
  const line = page.split("\n").find((text) => text.startsWith(`| ${first} |`)) ?? "";
  return line
    .split("|")
    .slice(1, -1)
    .map((cell) => cell.trim());
}

describe("the capabilities of marketplaces", () => {
  it("stand on their page as they are", () => {
    const { amazon, shopify } = CAPABILITIES;
    for (const key of Object.keys(amazon) as (keyof typeof amazon)[]) {
      const shown = [amazon, shopify].map((capabilities) => {
        const value = capabilities[key];
        if (typeof value === "boolean") return value ? "yes" : "no";
        if (typeof value === "string") return value;
        return value.map(({ country }) => country).join(", ") || "none";
      });
      expect(rowOf(PAGE, key)).toEqual([key, ...shown]);
    }
  });

  it("let a payout be asked for only where the marketplace offers it", () => {
    expect(payoutInitiation("amazon", "A1PA6795UKMFR9")?.country).toBe("DE");
    expect(payoutInitiation("amazon", "ATVPDKIKX0DER")).toBeNull();
    expect(payoutInitiation("shopify", "A1PA6795UKMFR9")).toBeNull();
    expect(isMarketplaceName("toString")).toBe(false);
  });
});

describe("the usage plans and turns", () => {
  it("stand on their pages as they are", () => {
    for (const name of OPERATION_NAMES) {
      const { ratePerSecond, burst } = operationOf(name).plan;
      expect(rowOf(PLANS, name).slice(0, 3)).toEqual([name, `${ratePerSecond}`, `${burst}`]);
    }
    const settings = {
      applicationId: "a",
      clientId: "c",
      clientSecret: "s",
      redirectUri: "https://h/c",
    };
    const { everyMinutes } = amazonSettings.parse(settings);
    for (const [key, minutes] of Object.entries(everyMinutes)) {
      const shown =
        minutes % 1440 === 0
          ? `${minutes / 1440} day`
          : minutes % 60 === 0
            ? `${minutes / 60} h`
            : `${minutes} min`;
      const name = key.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
      expect(rowOf(CONCEPT, name).slice(0, 2)).toEqual([name, shown]);
    }
  });
});
