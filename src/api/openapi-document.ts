// The description of the API, made from the same schemas that check its requests; what every route shares is added here.

import { IDEMPOTENCY_DAYS } from "./idempotent.ts";
import { PROBLEMS, type ProblemCode, type ProblemEntry } from "./problems.ts";
import type { ApiApp } from "./register.ts";

export type OpenApiDocument = ReturnType<ApiApp["getOpenAPI31Document"]>;

/** Grows with each change of the API that a caller can see; `/v1` stays as long as no change breaks one. */
export const API_VERSION = "1.0.0";

const DESCRIPTION = `A marketplace seller's proceeds, from the marketplace's statement to money on the seller's own account.

- **Sign-in**: an API key as \`Authorization: Bearer …\`, or the cookie of a session. \`x-permission\` names what a route needs.
- **Money** is \`{"amount": "1234.50", "currency": "USD"}\`: exact decimal text, never a JSON number. Instants are UTC with three decimals; dates are days.
- **Lists** are \`{"data", "hasMore", "nextCursor"}\`, newest first unless said otherwise; send \`nextCursor\` as \`cursor\` for the next page.
- **Problems** are RFC 9457 with a stable \`code\`; each \`type\` is a page that says what to do.
- **Idempotency-Key** is required where \`x-idempotent\` is true: the answer is kept for ${IDEMPOTENCY_DAYS} days and given again, with \`Idempotency-Hit: true\`.
- **Every answer** carries \`Request-Id\`, \`RateLimit\` and \`RateLimit-Policy\`; \`traceparent\` is taken and passed on.
- A reader ignores fields, and words of open lists, that it does not know.`;

/** The resources, in the order of the reference. A tag that is not here stands last, without a sentence. */
const TAGS: readonly { readonly name: string; readonly description: string }[] = [
  { name: "Sellers", description: "Who is paid, and which bank accounts are theirs." },
  { name: "Stores", description: "Marketplace stores bound to sellers." },
  { name: "Accounts", description: "What a seller has in one currency, as a view of the ledger." },
  {
    name: "Payouts",
    description: "The marketplace's transfers: announced by it, or expected from a statement.",
  },
  { name: "Statements", description: "The marketplace's settlements with their lines." },
  { name: "Credits", description: "Money in, as the bank tells it." },
  { name: "Matches", description: "Which credits pay which payouts." },
  { name: "Holds", description: "Amounts that may not be used yet, with their reasons." },
  { name: "Approvals", description: "What one person asked for and another decides." },
  { name: "Exceptions", description: "What a person must look at." },
  { name: "Declarations", description: "Receipts as they are declared to the authority." },
  { name: "Rules", description: "Rule packs: what they say, and where it comes from." },
  { name: "Search", description: "From what people have in hand to the object." },
  { name: "Reports", description: "Flows, findings and targets for supervisors." },
  { name: "Orders", description: "Payment orders to a bank." },
  { name: "Files", description: "What arrived, byte for byte." },
  { name: "Uploads", description: "Files handed in by request." },
  { name: "Events", description: "The feed of everything that happened, without gaps." },
  { name: "Webhooks", description: "Subscribers to events, and every delivery that was tried." },
  { name: "Bank", description: "What banks send by themselves." },
  { name: "Users", description: "People, their roles and their second factors." },
  { name: "API keys", description: "Programs, and what they may do." },
  { name: "Sign-in", description: "Password, second factors, passkeys and company sign-in." },
  { name: "My account", description: "One's own sessions, password and second factors." },
  { name: "Audit", description: "Who did what, and who was refused." },
  { name: "Sandbox", description: "Controls of the sandbox: its marketplace, bank and clock." },
  { name: "Service", description: "The API about itself." },
];

type Operation = {
  tags?: string[];
  parameters?: unknown[];
  "x-idempotent"?: boolean;
  "x-if-match"?: boolean;
};

const IDEMPOTENCY_KEY = {
  name: "Idempotency-Key",
  in: "header",
  required: true,
  description: "Made by the sender: new for each act, the same for each repeat of it.",
  schema: { type: "string", minLength: 8, maxLength: 128 },
  example: "8f14e45f-ceea-467f-a0e6-3d3d0f8a2b11",
};

const IF_MATCH = {
  name: "If-Match",
  in: "header",
  required: true,
  description: "The `ETag` of the object as it was read.",
  schema: { type: "string" },
  example: '"v3"',
};

export function makeOpenApiDocument(app: ApiApp): OpenApiDocument {
  const made = app.getOpenAPI31Document({
    openapi: "3.1.0",
    info: {
      title: "Straitway",
      version: API_VERSION,
      summary: "An open, self-hosted settlement channel.",
      description: DESCRIPTION,
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    } as Parameters<ApiApp["getOpenAPI31Document"]>[0]["info"],
    servers: [{ url: "/", description: "Where this document came from." }],
    security: [{ apiKey: [] }, { session: [] }],
  });
  const used = new Set<string>();
  for (const path of Object.values(made.paths ?? {})) {
    for (const operation of Object.values(path as Record<string, Operation>)) {
      for (const tag of operation.tags ?? []) used.add(tag);
      const shared = [
        ...(operation["x-idempotent"] === true ? [IDEMPOTENCY_KEY] : []),
        ...(operation["x-if-match"] === true ? [IF_MATCH] : []),
      ];
      if (shared.length > 0) operation.parameters = [...(operation.parameters ?? []), ...shared];
    }
  }
  const known = TAGS.filter((tag) => used.has(tag.name));
  const others = [...used].filter((name) => !TAGS.some((tag) => tag.name === name)).sort();
  return {
    ...made,
    tags: [...known, ...others.map((name) => ({ name }))],
    components: {
      ...made.components,
      examples: problemExamples(),
      securitySchemes: {
        apiKey: { type: "http", scheme: "bearer", description: "An API key." },
        session: {
          type: "apiKey",
          in: "cookie",
          name: SESSION_COOKIE,
          description: "A person's session.",
        },
      },
    },
  };
}

/** What a path answers to a method that it does not take, so that no route declares it. */
const OF_NO_ROUTE: ProblemCode = "method-not-allowed";

/** Each code of the catalogue as an answer has it. */
function problemExamples() {
  const ofRoutes = Object.entries(PROBLEMS).filter(([code]) => code !== OF_NO_ROUTE);
  const examples = ofRoutes.map(([code, entry]: [string, ProblemEntry]) => {
    const { status, title, retryable } = entry;
    const value = {
      type: `/problems/${code}`,
      title,
      status,
      detail: `${title}.`,
      instance: "req_01jd5wq3v0x5r6y7z8a9b0c1d2",
      code,
      retryable,
    };
    return [code, { summary: title, value }];
  });
  return Object.fromEntries(examples);
}

/** As the description shows it; over https the browser's cookie has the prefix `__Host-`. */
const SESSION_COOKIE = "straitway";
