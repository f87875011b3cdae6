import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  chromiumHere,
  type Language,
  PICTURES,
  settled,
  startBrowser,
  visit,
} from "./browser-visit.ts";
import { type SandboxProgram, startSandbox } from "./sandbox-program.ts";

const chromium = chromiumHere();
if (chromium === null) console.log("No Chromium on this machine: the console is not looked at.");

const LANGUAGES: readonly Language[] = ["en", "zh-CN"];
const WIDTHS = [1280, 390] as const;

/** Every page, by who looks at it. */
const PAGES: Readonly<Record<string, readonly string[]>> = {
  "seller-owner": [
    "/overview",
    "/payouts",
    "/accounts",
    "/credits",
    "/holds",
    "/statements",
    "/stores",
    "/documents",
    "/notifications",
    "/webhooks",
    "/approvals",
    "/cost",
    "/me",
  ],
  operator: [
    "/exceptions",
    "/approvals",
    "/declarations",
    "/rules",
    "/sandbox",
    "/payouts",
    "/credits",
  ],
  supervisor: ["/reports/flows", "/reports/findings", "/reports/targets", "/audit"],
};

type List = { readonly data: readonly { readonly id: string; readonly state?: string }[] };

describe.skipIf(chromium === null)("the console in a real browser", () => {
  let sandbox: SandboxProgram;
  let browser: Browser;

  beforeAll(async () => {
    sandbox = await startSandbox();
    await sandbox.play("charged-on-the-way");
    await sandbox.play("unknown-payer");
    await sandbox.play("short-credit");
    browser = await startBrowser(chromium ?? "");
  });

  afterAll(async () => {
    await browser?.close();
    await sandbox?.stop();
    console.log(`Pictures of the pages: ${PICTURES}`);
  });

  it.each(LANGUAGES)(
    "lets the seller follow a payout down to the raw line (%s)",
    async (language) => {
      const { page, open, faults, inspect, picture, end } = await visit(browser, sandbox.url, {
        role: "seller-owner",
        language,
      });
      expect(new URL(page.url()).pathname).toBe("/overview");
      await settled(page);
      await page.locator(".story li").first().waitFor();
      await picture("seller-overview");
      await open("/payouts?state=released");
      await page.locator(".long-row a").first().click();
      await page.locator(".clock").first().waitFor();
      await page.locator(".chart svg").first().waitFor();
      await inspect("payout");
      await picture("seller-payout");
      await page.locator('.story a[href*="/files/"]').first().click();
      await page.locator(".raw-lines .marked").waitFor();
      await inspect("raw file");
      await picture("seller-raw-line");
      await open("/statements");
      await page.locator(".long-row a").first().click();
      await settled(page);
      await inspect("statement");
      await picture("seller-statement");
      expect(faults).toEqual([]);
      await end();
    },
  );

  it.each(LANGUAGES)("lets two people release held money (%s)", async (language) => {
    const { data: before } = (await sandbox.get("/v1/holds?state=open")) as List;
    const seller = await visit(browser, sandbox.url, { role: "seller-owner", language });
    await seller.open("/holds");
    const card = seller.page.locator(".hold-card").first();
    await card.locator("button").click();
    const dialogue = seller.page.locator("dialog[open]");
    await dialogue.locator("textarea").fill("The payer's mandate is on file.");
    await seller.inspect("release dialogue");
    await dialogue.locator(".ant-btn-primary").click();
    await dialogue.waitFor({ state: "detached" });
    expect(seller.faults).toEqual([]);
    await seller.end();

    const approver = await visit(browser, sandbox.url, { role: "approver", language });
    await approver.open("/approvals");
    await approver.page.locator(".long-row a").first().click();
    await settled(approver.page);
    await approver.page.locator("textarea").fill("Seen.");
    await approver.inspect("approval");
    await approver.picture("approver-approval");
    await approver.page.locator("main .ant-btn-primary").click();
    await approver.page.locator("main textarea").waitFor({ state: "detached" });
    expect(approver.faults).toEqual([]);
    await approver.end();
    const { data: after } = (await sandbox.get("/v1/holds?state=open")) as List;
    expect(after.length).toBe(before.length - 1);
  });

  it.each(LANGUAGES)(
    "lets the operator work by keyboard and move the sandbox (%s)",
    async (language) => {
      const { page, faults, picture, end } = await visit(browser, sandbox.url, {
        role: "operator",
        language,
      });
      expect(new URL(page.url()).pathname).toBe("/exceptions");
      await settled(page);
      await picture("operator-exceptions");
      await page.keyboard.press("g");
      await page.keyboard.press("x");
      await page.waitForURL("**/sandbox");
      await settled(page);
      const { now } = (await sandbox.get("/v1/sandbox")) as { readonly now: string };
      await page.locator("main .ant-btn").first().click();
      await expect
        .poll(async () => ((await sandbox.get("/v1/sandbox")) as { readonly now: string }).now, {
          timeout: 30_000,
        })
        .not.toContain(now.slice(0, 10));
      await picture("operator-sandbox");
      await page.keyboard.press("?");
      await page.locator("dialog[open]").waitFor();
      await page.keyboard.press("Escape");
      await page.keyboard.press("/");
      await page.keyboard.type("119");
      await page.locator(".search-list li").first().waitFor();
      await page.keyboard.press("Escape");
      expect(faults).toEqual([]);
      await end();
    },
  );

  it.each(LANGUAGES)(
    "shows the supervisor periods and sums apart, and hands out files (%s)",
    async (language) => {
      const { page, open, faults, inspect, picture, end } = await visit(browser, sandbox.url, {
        role: "supervisor",
        language,
      });
      await open("/reports/flows");
      await page.locator(".chart svg").first().waitFor();
      await inspect("flows");
      await picture("supervisor-flows");
      const period = await page.locator("main h2").first().textContent();
      await open("/reports/flows?basis=cumulative");
      await page.locator(".chart svg").first().waitFor();
      expect(await page.locator("main h2").first().textContent()).not.toBe(period);
      await picture("supervisor-flows-cumulative");
      const [download] = await Promise.all([
        page.waitForEvent("download"),
        page.locator('a[href*="form=xlsx"]').click(),
      ]);
      expect(download.suggestedFilename()).toMatch(/^straitway-flows-.*\.xlsx$/);
      expect(faults).toEqual([]);
      await end();
    },
  );

  it.each(
    Object.keys(PAGES).flatMap((role) =>
      LANGUAGES.flatMap((language) => WIDTHS.map((width) => ({ role, language, width }))),
    ),
  )(
    "has no fault on any page of $role in $language at $width",
    async ({ role, language, width }) => {
      const theme = width === 390 ? "dark" : "light";
      const looked = await visit(browser, sandbox.url, { role, language, width, theme });
      for (const path of PAGES[role] ?? []) {
        await looked.open(path);
        await looked.inspect(path);
        await looked.picture(`page${path.replaceAll("/", "-")}`);
      }
      expect(looked.faults).toEqual([]);
      await looked.end();
    },
  );

  it("says what a page needs where a role may not see it, and what is nowhere", async () => {
    const { page, open, end } = await visit(browser, sandbox.url, {
      role: "seller-owner",
      language: "en",
    });
    await open("/sandbox");
    await page.getByText("Not for your role").waitFor();
    await open("/nowhere");
    await page.getByText("Nothing is here").waitFor();
    await end();
  });
});
