import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PERMISSIONS } from "../identity/roles.ts";
import { PROBLEMS, type ProblemEntry } from "./problems.ts";
import { openTestApi, type TestApi } from "./test-api.ts";

// `npm run openapi` writes the two documents anew; without it a difference fails.

/** Fails with the command that helps. */
async function isCurrent(text: string, path: string): Promise<void> {
  try {
    await expect(text).toMatchFileSnapshot(`../../${path}`);
  } catch (error) {
    throw new Error(`${path} is not what the code says: npm run openapi writes it anew.`, {
      cause: error,
    });
  }
}

type Operation = {
  operationId?: string;
  summary?: string;
  tags?: string[];
  security?: unknown[];
  responses: Record<string, { content?: Record<string, unknown> }>;
  parameters?: { name: string; required?: boolean }[];
  "x-permission"?: string;
  "x-idempotent"?: boolean;
};

const MONEY_PERMISSIONS: ReadonlySet<string> = new Set([
  "accounts.bind",
  "approvals.decide",
  "holds.request-release",
  "orders.write",
  "payouts.initiate",
  "sandbox.control",
]);

let api: TestApi;
let operations: { method: string; path: string; operation: Operation }[] = [];
beforeAll(async () => {
  api = await openTestApi([]);
  operations = Object.entries(api.api.openApiDocument().paths ?? {}).flatMap(([path, methods]) =>
    Object.entries(methods as Record<string, Operation>).map(([method, operation]) => ({
      method,
      path,
      operation,
    })),
  );
});
afterAll(() => api.close());

function problemsDocument(): string {
  const rows = Object.entries(PROBLEMS).map(([code, entry]: [string, ProblemEntry]) =>
    [
      "",
      `\`${code}\``,
      entry.status,
      entry.title,
      entry.titleZh,
      entry.retryable ? "yes" : "no",
      entry.meaning,
      "",
    ]
      .join(" | ")
      .trim(),
  );
  return `# Problems

Every refusal of the API is one document of media type \`application/problem+json\` (RFC 9457): \`type\` (a page of the running
service that says what this page says), \`title\` (English or Chinese, as \`Accept-Language\` asks), \`status\`, \`detail\` (one
sentence about this case), \`instance\` (the request's id, also in \`Request-Id\`), \`code\`, \`retryable\`, and \`errors\` where fields
are at fault: \`pointer\` (\`/body/amount\`, \`/query/limit\`, \`/path/payoutId\`), \`code\`, \`detail\`.

Branch on \`code\`. New codes may come; treat one that you do not know by its status. Written by \`npm run openapi\` from
\`src/api/problems.ts\`.

| code | status | title | 标题 | retryable | what to do |
| --- | --- | --- | --- | --- | --- |
${rows.join("\n")}
`;
}

describe("the API's documents", () => {
  it("are what the code says: openapi.json", async () => {
    const text = `${JSON.stringify(api.api.openApiDocument(), null, 1)}\n`;
    await isCurrent(text, "docs/reference/openapi.json");
  });

  it("are what the code says: problems.md", async () => {
    await isCurrent(problemsDocument(), "docs/reference/problems.md");
  });

  it("name every operation once, with a summary, a known tag and problems for who may not", () => {
    expect(operations.length).toBeGreaterThan(60);
    const ids = operations.map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
    const tags = (api.api.openApiDocument().tags ?? []) as { name: string; description?: string }[];
    expect(tags.filter((tag) => tag.description === undefined)).toEqual([]);
    for (const { method, path, operation } of operations) {
      const name = `${method} ${path}`;
      expect(operation.summary, name).toMatch(/^[A-Z].*[^.]$/s);
      expect(operation.tags, name).toHaveLength(1);
      const permission = operation["x-permission"];
      if (permission === undefined) {
        expect(operation.security, name).toEqual([]);
        continue;
      }
      expect([...PERMISSIONS, "signed-in"], name).toContain(permission);
      expect(operation.responses["401"]?.content, name).toHaveProperty([
        "application/problem+json",
      ]);
      expect(operation.responses["429"], name).toBeDefined();
    }
  });

  it("leave out no route that the API answers, except its pages", () => {
    const described = new Set(operations.map(({ method, path }) => `${method} ${path}`));
    const answered = api.api.app.routes
      .filter(({ method }) => method !== "ALL")
      .map(({ method, path }) => `${method} ${path.replace(/:([^/{]+)(?:\{[^/]+\})?/g, "{$1}")}`)
      .map((name) => name.replace(/^[A-Z]+/, (method) => method.toLowerCase()));
    const others = [...new Set(answered)].filter((name) => !described.has(name));
    expect(others.filter((name) => name.includes(" /v1"))).toEqual([]);
    expect(others).toEqual(expect.arrayContaining(["get /reference", "get /problems/{code}"]));
  });

  it("require an Idempotency-Key for every act that moves money or asks for it", () => {
    const acts = operations.filter(
      ({ method, operation }) =>
        method === "post" && MONEY_PERMISSIONS.has(operation["x-permission"] ?? ""),
    );
    expect(new Set(acts.map(({ operation }) => operation["x-permission"]))).toEqual(
      MONEY_PERMISSIONS,
    );
    for (const { operation } of acts) {
      // A denial moves nothing, and is done once by its If-Match.
      if (operation.operationId === "deny") continue;
      expect(operation["x-idempotent"], operation.operationId).toBe(true);
      const names = operation.parameters?.map(({ name, required }) => [name, required]);
      expect(names, operation.operationId).toContainEqual(["Idempotency-Key", true]);
    }
  });

  it("show each code of the catalogue where it may be the answer", () => {
    const declared = operations.flatMap(({ operation }) =>
      Object.entries(operation.responses).flatMap(([status, { content }]) => {
        const problems = content?.["application/problem+json"] as { examples?: object } | undefined;
        return Object.keys(problems?.examples ?? {}).map((code) => ({ code, status }));
      }),
    );
    for (const { code, status } of declared) {
      const entry: ProblemEntry = PROBLEMS[code as keyof typeof PROBLEMS];
      expect(String(entry.status), code).toBe(status);
    }
    const codes = new Set(declared.map(({ code }) => code));
    const elsewhere = Object.keys(PROBLEMS).filter((code) => !codes.has(code));
    expect(elsewhere).toEqual(["method-not-allowed"]);
  });

  it("are served, with a page that asks nobody outside for anything", async () => {
    const document = await api.ask(null, "/v1/openapi.json");
    expect(document.body).toEqual(JSON.parse(JSON.stringify(api.api.openApiDocument())));
    expect((await api.ask(null, "/v1")).body.reference).toBe("/reference");
    const page = await api.ask(null, "/reference");
    expect(page.headers.get("content-type")).toContain("text/html");
    expect(page.headers.get("content-security-policy")).toContain("default-src 'none'");
    for (const { operation } of operations) {
      expect(page.text).toContain(`id="${operation.operationId}"`);
    }
    expect(page.text).not.toMatch(/<script|(?:src|href)="(?:https?:)?\/\//);
    const links = [...page.text.matchAll(/href="#([^"]+)"/g)].map((match) => match[1]);
    const anchors = new Set([...page.text.matchAll(/id="([^"]+)"/g)].map((match) => match[1]));
    expect(links.filter((link) => !anchors.has(link))).toEqual([]);
    const style = await api.ask(null, "/reference.css");
    expect(style.headers.get("content-type")).toContain("text/css");
  });
});
