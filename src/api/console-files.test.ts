import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ConsoleFiles, consoleAnswer, openConsoleFiles } from "./console-files.ts";

const SCRIPT = "export {};\n".repeat(200);
const SIGNED_IN = { cookie: "straitway-language=en; straitway=token" };

let dir: string;
let built: ConsoleFiles;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "console-"));
  await mkdir(join(dir, "assets"));
  await writeFile(join(dir, "index.html"), '<meta name="style-nonce" content="{{nonce}}" />');
  await writeFile(join(dir, "assets", "index-1a2b.js"), SCRIPT);
  await writeFile(join(dir, "assets", "index-1a2b.js.gz"), gzipSync(SCRIPT));
  const opened = openConsoleFiles(dir);
  if (opened === null) throw new Error("the console was not opened");
  built = opened;
});

afterAll(() => rm(dir, { recursive: true, force: true }));

function ask(path: string, headers: Record<string, string> = {}): Response | null {
  return consoleAnswer(built, new Request(`http://localhost${path}`, { headers }));
}

describe("the console's files", () => {
  it("are absent where the console was not built", () => {
    expect(openConsoleFiles(join(dir, "assets"))).toBeNull();
  });

  it("keep assets for ever, compressed for who takes that", async () => {
    const plain = ask("/assets/index-1a2b.js");
    expect(plain?.headers.get("cache-control")).toContain("immutable");
    expect(plain?.headers.get("content-type")).toContain("text/javascript");
    expect(await plain?.text()).toBe(SCRIPT);
    const small = ask("/assets/index-1a2b.js", { "accept-encoding": "gzip, br" });
    expect(small?.headers.get("content-encoding")).toBe("gzip");
    expect((await small?.arrayBuffer())?.byteLength).toBeLessThan(SCRIPT.length);
    expect(ask("/assets/none.js")).toBeNull();
  });

  it("write the page anew for each answer, with a policy that lets nothing from outside in", async () => {
    const nonces = new Set<string>();
    for (const path of ["/", "/payouts/po_1?x=1"]) {
      const page = ask(path, { ...SIGNED_IN, accept: "text/html" });
      const policy = page?.headers.get("content-security-policy") ?? "";
      const [, nonce = ""] = /'nonce-([^']+)'/.exec(policy) ?? [];
      expect(await page?.text()).toContain(`content="${nonce}"`);
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("script-src 'self';");
      expect(page?.headers.get("cache-control")).toBe("no-store");
      nonces.add(nonce);
    }
    expect(nonces.size).toBe(2);
  });

  it("lead to the sign-in page who has no session, and back to what was wanted", () => {
    const answer = ask("/payouts?state=held", {
      accept: "text/html",
      cookie: "straitway-language=en",
    });
    expect(answer?.status).toBe(303);
    expect(answer?.headers.get("location")).toBe("/sign-in?returnTo=%2Fpayouts%3Fstate%3Dheld");
  });

  it("leave to the API what is the API's, and to programs what is no page", () => {
    for (const path of [
      "/v1/payouts",
      "/sign-in",
      "/problems/not-found",
      "/reference",
      "/metrics",
    ]) {
      expect(ask(path, { ...SIGNED_IN, accept: "text/html" })).toBeNull();
    }
    expect(ask("/payouts", { accept: "application/json" })).toBeNull();
  });
});
