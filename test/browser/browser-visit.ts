// Visits the running console as a person: real Chromium, one of the sandbox's people, a language, a width. What a visit
// must never see is gathered while it goes: errors in the browser's console, faults of axe, pages wider than the screen.

import { existsSync, mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import axe from "axe-core";
import { type Browser, chromium, type Page } from "playwright-core";

const PLACES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** Path of a Chromium on this machine, or null. */
export function chromiumHere(): string | null {
  const named = process.env["STRAITWAY_CHROMIUM"];
  return (
    [...(named === undefined ? [] : [named]), ...PLACES].find((path) => existsSync(path)) ?? null
  );
}

/** Where pictures of the pages are kept: outside the checkout, said at the end of the run. */
export const PICTURES =
  process.env["STRAITWAY_SCREENSHOTS"] ??
  join(process.env["RUNNER_TEMP"] ?? "/tmp", `straitway-screenshots-${process.getuid?.() ?? 0}`);

export async function startBrowser(executablePath: string): Promise<Browser> {
  mkdirSync(PICTURES, { recursive: true });
  const env = { ...process.env, TMPDIR: tmpdir() };
  try {
    return await chromium.launch({ executablePath, env });
  } catch {
    // Chromium's own sandbox needs rights that root, and users in some containers, have not; it visits our own pages only.
    return chromium.launch({ executablePath, env, args: ["--no-sandbox"] });
  }
}

export type Language = "en" | "zh-CN";

export type Visit = {
  readonly page: Page;
  /** Opens a page of the console and waits until it shows what it is about. */
  readonly open: (path: string) => Promise<void>;
  /** Everything wrong since the visit began. */
  readonly faults: readonly string[];
  /** Looks for faults of accessibility and of width on the page as it stands. */
  readonly inspect: (name: string) => Promise<void>;
  readonly picture: (name: string) => Promise<void>;
  readonly end: () => Promise<void>;
};

export type Visitor = {
  readonly role: string;
  readonly language: Language;
  readonly width?: number;
  readonly theme?: "light" | "dark";
};

export async function visit(browser: Browser, url: string, visitor: Visitor): Promise<Visit> {
  const { role, language, width = 1280, theme = "light" } = visitor;
  const context = await browser.newContext({
    viewport: { width, height: 900 },
    colorScheme: theme,
    locale: language,
    // What moves is in between two states: neither is wrong, and a picture of it would differ each time.
    reducedMotion: "reduce",
    timezoneId: "Asia/Shanghai",
  });
  const page = await context.newPage();
  const faults: string[] = [];
  page.on("pageerror", (error) => faults.push(`${page.url()}: ${String(error)}`));
  page.on("console", (message) => {
    if (message.type() === "error") faults.push(`${page.url()}: console: ${message.text()}`);
  });
  await page.goto(`${url}/`);
  await page.locator(`button[name="role"][value="${role}"]`).click();
  await page.locator("h1").first().waitFor();
  const open = async (path: string): Promise<void> => {
    await page.goto(`${url}${path}`);
    await settled(page);
  };
  return {
    page,
    open,
    faults,
    inspect: async (name) => {
      faults.push(
        ...(await faultsOf(page)).map((fault) => `${name}, ${language}, ${width}: ${fault}`),
      );
    },
    picture: async (name) => {
      const file = `${name}-${language}-${theme}-${width}.png`;
      await page.screenshot({ path: join(PICTURES, file), fullPage: true });
    },
    end: () => context.close(),
  };
}

/** The page has its title, and nothing of it is still waited for. */
export async function settled(page: Page): Promise<void> {
  await page.locator("main h1, main .state").first().waitFor();
  await page.locator("main .bones").first().waitFor({ state: "detached" });
}

async function faultsOf(page: Page): Promise<readonly string[]> {
  // The page's policy lets no script in but its own: axe is run from outside of it.
  await page.evaluate(axe.source);
  const found = (await page.evaluate(
    `axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] })`,
  )) as axe.AxeResults;
  const beyond = (await page.evaluate(
    "document.documentElement.scrollWidth - window.innerWidth",
  )) as number;
  return [
    ...found.violations.map(
      ({ id, nodes }) => `axe ${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(" | ")}`,
    ),
    ...(beyond > 0 ? [`the page is ${beyond} pixels wider than the screen`] : []),
  ];
}
