import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { chromiumHere, settled, startBrowser, visit } from "./browser-visit.ts";
import { type SandboxProgram, startSandbox } from "./sandbox-program.ts";

const chromium = chromiumHere();

const PAYOUTS = 100_000;
/** A page of the made-up answer: larger than the API gives, so that the whole list is in the browser soon. */
const PAGE_LENGTH = 5000;
function payout(index: number): object {
  const money = { amount: `${index}.00`, currency: "USD" };
  return {
    id: `po_${index}`,
    reference: `R${String(index).padStart(8, "0")}`,
    sellerId: "demo",
    marketplace: "amazon",
    source: "announcement",
    announcedStatus: "SUCCEEDED",
    state: index % 10 === 0 ? "held" : "released",
    amount: money,
    originalAmount: null,
    initiatedAt: "2026-11-01T00:00:00Z",
    credited: money,
    charged: { amount: "0.00", currency: "USD" },
    holds: [],
    statements: [],
    matches: [],
    minuteClock: null,
    transitDays: null,
  };
}

/** Answers in place of the API, page by page, all of it made up. */
async function answerPayouts(page: Page): Promise<void> {
  await page.route("**/v1/payouts?*", async (route) => {
    const { searchParams } = new URL(route.request().url());
    const from = Number(searchParams.get("cursor") ?? "0");
    const isHeld = searchParams.get("state") === "held";
    const count = isHeld ? PAYOUTS / 10 : PAYOUTS;
    const until = Math.min(count, from + PAGE_LENGTH);
    const data = Array.from({ length: until - from }, (_, index) =>
      payout(isHeld ? (from + index) * 10 : from + index),
    );
    const nextCursor = until === count ? null : String(until);
    await route.fulfill({ json: { data, hasMore: nextCursor !== null, nextCursor } });
  });
}

/** The longest time without a frame while something runs. */
async function longestPause(page: Page, act: () => Promise<void>): Promise<number> {
  await page.evaluate(`{
    window.longest = 0;
    let last = performance.now();
    const tick = () => {
      const now = performance.now();
      window.longest = Math.max(window.longest, now - last);
      last = now;
      window.ticking = requestAnimationFrame(tick);
    };
    window.ticking = requestAnimationFrame(tick);
  }`);
  await act();
  return (await page.evaluate(
    `{ cancelAnimationFrame(window.ticking); window.longest }`,
  )) as number;
}

describe.skipIf(chromium === null)("a list of 100,000 payouts", () => {
  let sandbox: SandboxProgram;
  let browser: Browser;

  beforeAll(async () => {
    sandbox = await startSandbox();
    browser = await startBrowser(chromium ?? "");
  });

  afterAll(async () => {
    await browser?.close();
    await sandbox?.stop();
  });

  it("draws only what is seen, and tells how long it stood still while it was scrolled and filtered", async () => {
    const { page, open, end } = await visit(browser, sandbox.url, {
      role: "operator",
      language: "en",
    });
    await answerPayouts(page);
    await open("/payouts");
    const list = page.locator(".long-list");
    await list.focus();
    while (!(await page.locator(".long-foot").textContent())?.startsWith("100,000 in all")) {
      await page.keyboard.press("End");
      await page.waitForTimeout(50);
    }
    const scrolling = await longestPause(page, async () => {
      for (let step = 0; step <= 100; step += 1) {
        await page.evaluate(
          `{ const list = document.querySelector(".long-list"); list.scrollTop = list.scrollHeight * ${step} / 100; }`,
        );
        await page.waitForTimeout(16);
      }
    });
    const drawn = await page.locator(".long-row").count();
    const began = performance.now();
    const filtering = await longestPause(page, async () => {
      await page.locator("select").first().selectOption("held");
      await page.getByText("R00000010").waitFor();
    });
    const filteredMs = Math.round(performance.now() - began);
    await settled(page);
    console.log(
      `100,000 payouts: longest pause ${Math.round(scrolling)} ms while scrolling, ` +
        `${Math.round(filtering)} ms while filtering; filtered in ${filteredMs} ms; ${drawn} rows drawn`,
    );
    expect(drawn).toBeLessThan(100);
    await end();
  });
});
