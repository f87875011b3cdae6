// A typed client of the API: one function for each operation, named as its operationId. It waits and tries again where an
// answer says that it may and a repeat is harmless, and every act carries an Idempotency-Key.

import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type { InputOf, ItemOf, ListName, OutputOf, UploadedFile } from "./operation-types.ts";
import { OPERATIONS, type OperationName } from "./operations.ts";

export type ClientOptions = {
  /** "https://straitway.example.com". */
  readonly baseUrl: string;
  /** An API key; null: as nobody. */
  readonly key: string | null;
  /** The global `fetch` unless told. */
  readonly fetch?: (request: Request) => Response | Promise<Response>;
  /** Waits before another attempt; a timer unless told. */
  readonly wait?: (ms: number) => Promise<void>;
  /** Attempts of one call in all; 4 unless told. */
  readonly attemptCountMax?: number;
};

/** What the server refused, in its own words. */
export class ApiRefusal extends Error {
  readonly status: number;
  /** Of the catalogue (docs/reference/problems.md), or "unknown" when the answer was none of the API's. */
  readonly code: string;
  readonly retryable: boolean;
  /** Under which the server's log has it. */
  readonly requestId: string | null;
  readonly errors: readonly { readonly pointer: string; readonly detail: string }[];

  constructor(
    answer: { readonly status: number; readonly requestId: string | null },
    body: Problem,
  ) {
    super(body.detail ?? `the server answered ${answer.status}`);
    this.name = "ApiRefusal";
    this.status = answer.status;
    this.code = body.code ?? "unknown";
    this.retryable = body.retryable ?? answer.status >= 500;
    this.requestId = answer.requestId;
    this.errors = body.errors ?? [];
  }
}

/** Nobody answers, or not the API. */
export class ServerUnreachable extends Error {
  constructor(baseUrl: string, cause: unknown) {
    super(`nothing answers at ${baseUrl}`, { cause });
    this.name = "ServerUnreachable";
  }
}

type Problem = {
  readonly code?: string;
  readonly detail?: string;
  readonly retryable?: boolean;
  readonly errors?: ApiRefusal["errors"];
};

type Operations = {
  readonly [Name in OperationName]: (input: InputOf<Name>) => Promise<OutputOf<Name>>;
};

export type Client = Operations & {
  /** Every item of a list, page after page. */
  readonly all: <Name extends ListName>(
    name: Name,
    input: InputOf<Name>,
  ) => AsyncGenerator<ItemOf<Name>>;
  /** The same with the answer's `ETag`, which an edit gives back as `ifMatch`. */
  readonly tagged: <Name extends OperationName>(
    name: Name,
    input: InputOf<Name>,
  ) => Promise<{ readonly value: OutputOf<Name>; readonly etag: string | null }>;
};

const ATTEMPT_COUNT_MAX = 4;
const WAIT_FIRST_MS = 200;
/** Longest wait that the server may ask for before the caller is told instead. */
const WAIT_MAX_MS = 30_000;

export function createClient(options: ClientOptions): Client {
  const names = Object.keys(OPERATIONS) as OperationName[];
  const operations = Object.fromEntries(
    names.map((name) => [
      name,
      async (input: CallInput) => (await call(options, name, input)).value,
    ]),
  ) as unknown as Operations;
  async function* all<Name extends ListName>(
    name: Name,
    input: InputOf<Name>,
  ): AsyncGenerator<ItemOf<Name>> {
    let cursor: string | null = null;
    do {
      const asked = input as CallInput;
      const query = cursor === null ? asked.query : { ...asked.query, cursor };
      const { value } = await call(
        options,
        name,
        query === undefined ? asked : { ...asked, query },
      );
      const page = value as { data: ItemOf<Name>[]; nextCursor: string | null };
      yield* page.data;
      cursor = page.nextCursor;
    } while (cursor !== null);
  }
  const tagged: Client["tagged"] = async (name, input) => {
    const { value, etag } = await call(options, name, input);
    return { value: value as OutputOf<typeof name>, etag };
  };
  return { ...operations, all, tagged };
}

/** An input as it is sent, whatever the operation. */
type CallInput = {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly json?: unknown;
  readonly file?: UploadedFile;
  readonly ifMatch?: string;
  readonly idempotencyKey?: string;
};

async function call(
  options: ClientOptions,
  name: OperationName,
  input: CallInput,
): Promise<Answered> {
  const { method } = OPERATIONS[name];
  const isAct = "x-idempotent" in OPERATIONS[name];
  const key = input.idempotencyKey ?? (isAct ? randomUUID() : null);
  // A file is known by its bytes, an act by its key: sending either again does nothing twice.
  const mayRepeat = method === "get" || isAct || name === "createUpload";
  const attempts = mayRepeat ? (options.attemptCountMax ?? ATTEMPT_COUNT_MAX) : 1;
  for (let attempt = 1; ; attempt += 1) {
    const outcome = await send(options, name, input, key);
    if (outcome.ok) return outcome;
    const { error, waitMs } = outcome;
    const backOffMs = waitMs ?? WAIT_FIRST_MS * 2 ** (attempt - 1);
    if (!outcome.mayPass || attempt >= attempts || backOffMs > WAIT_MAX_MS) throw error;
    await (options.wait ?? ((ms) => delay(ms)))(backOffMs);
  }
}

type Answered = { readonly value: unknown; readonly etag: string | null };

type Sent =
  | ({ readonly ok: true } & Answered)
  | {
      readonly ok: false;
      readonly error: ApiRefusal | ServerUnreachable;
      readonly mayPass: boolean;
      /** As the server asks; null: it does not say. */
      readonly waitMs: number | null;
    };

async function send(
  options: ClientOptions,
  name: OperationName,
  input: CallInput,
  key: string | null,
): Promise<Sent> {
  let answer: Response;
  try {
    answer = await (options.fetch ?? fetch)(requestOf(options, name, input, key));
  } catch (cause) {
    const error = new ServerUnreachable(options.baseUrl, cause);
    return { ok: false, error, mayPass: true, waitMs: null };
  }
  const text = await answer.text();
  const isJson = /\bjson\b/.test(answer.headers.get("content-type") ?? "");
  const body: unknown = isJson && text !== "" ? JSON.parse(text) : null;
  if (answer.ok) return { ok: true, value: body, etag: answer.headers.get("etag") };
  const about = { status: answer.status, requestId: answer.headers.get("request-id") };
  const error = new ApiRefusal(about, body ?? {});
  const seconds = Number(answer.headers.get("retry-after") ?? Number.NaN);
  const waitMs = Number.isFinite(seconds) ? seconds * 1000 : null;
  return { ok: false, error, mayPass: error.retryable, waitMs };
}

function requestOf(
  { baseUrl, key: apiKey }: ClientOptions,
  name: OperationName,
  { params = {}, query = {}, json, file, ifMatch }: CallInput,
  key: string | null,
): Request {
  const { method, path } = OPERATIONS[name];
  const filled = path.replace(/\{([^}]+)\}/g, (_, part: string) =>
    encodeURIComponent(params[part] ?? ""),
  );
  const url = new URL(`${baseUrl.replace(/\/+$/, "")}${filled}`);
  for (const [field, value] of Object.entries(query)) {
    if (value !== undefined) url.searchParams.set(field, String(value));
  }
  const headers = new Headers({ accept: "application/json" });
  if (apiKey !== null) headers.set("authorization", `Bearer ${apiKey}`);
  if (key !== null) headers.set("idempotency-key", key);
  if (ifMatch !== undefined) headers.set("if-match", ifMatch);
  if (json !== undefined) headers.set("content-type", "application/json");
  const form = file === undefined ? null : new FormData();
  if (file !== undefined) form?.set("file", new File([Buffer.from(file.bytes)], file.name));
  const body = form ?? (json === undefined ? null : JSON.stringify(json));
  return new Request(url, { method: method.toUpperCase(), headers, body, redirect: "error" });
}
