import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PERMISSIONS } from "../identity/roles.ts";
import { PROBLEMS, type ProblemEntry } from "./problems.ts";
import { openTestApi, type TestApi } from "./test-api.ts";

// `npm run openapi` writes the two documents anew; without it a difference fails.

type Operation = {
  operationId?: string;
  summary?: string;
  tags?: string[];
  security?: unknown[];
  responses: Record<string, { content?: Record<string, unknown> }>;
  "x-permission"?: string;
};

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
    await expect(text).toMatchFileSnapshot("../../docs/reference/openapi.json");
  });

  it("are what the code says: problems.md", async () => {
    await expect(problemsDocument()).toMatchFileSnapshot("../../docs/reference/problems.md");
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
