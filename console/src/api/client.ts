// Calls the API with the session's cookie. It says in which language its sentences are wanted, gives every act a key, and
// when an act needs the second factor again it asks for it and goes on.

import operations from "virtual:operations";
import type { CallExtras, ConsoleOperation, InputOf, OutputOf } from "./operations.ts";
import { Refusal, refusalOf, Unreachable } from "./refusal.ts";

type Asked = CallExtras & {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly json?: unknown;
};

export type Answered<Value> = { readonly value: Value; readonly etag: string | null };

/** Asks for the second factor; false: the person would not. */
export type StepUp = () => Promise<boolean>;

let stepUp: StepUp = async () => false;
/** Set by the one dialogue that asks (session/step-up.tsx). */
export function useForStepUp(ask: StepUp): void {
  stepUp = ask;
}

export async function call<Name extends ConsoleOperation>(
  name: Name,
  input: InputOf<Name>,
  signal?: AbortSignal,
): Promise<OutputOf<Name>> {
  return (await callTagged(name, input, signal)).value;
}

/** The same with the answer's `ETag`, which an edit gives back as `ifMatch`. */
export async function callTagged<Name extends ConsoleOperation>(
  name: Name,
  input: InputOf<Name>,
  signal?: AbortSignal,
): Promise<Answered<OutputOf<Name>>> {
  const asked = input as Asked;
  const known = operations[name];
  if (known === undefined) throw new Error(`the API describes no operation ${name}`);
  const [, , isAct] = known;
  const key = asked.idempotencyKey ?? (isAct ? crypto.randomUUID() : undefined);
  const keyed = key === undefined ? asked : { ...asked, idempotencyKey: key };
  try {
    return (await send(name, keyed, signal)) as Answered<OutputOf<Name>>;
  } catch (error) {
    if (!(error instanceof Refusal) || error.code !== "step-up-needed" || !(await stepUp()))
      throw error;
    return (await send(name, keyed, signal)) as Answered<OutputOf<Name>>;
  }
}

/** The address of an operation that a link or a stream opens. */
export function addressOf(
  path: string,
  query: Readonly<Record<string, string | number | boolean | undefined>> = {},
): string {
  const parameters = new URLSearchParams();
  for (const [field, value] of Object.entries(query))
    if (value !== undefined) parameters.set(field, String(value));
  const text = parameters.toString();
  return text === "" ? path : `${path}?${text}`;
}

async function send(name: string, input: Asked, signal?: AbortSignal): Promise<Answered<unknown>> {
  const [method, path] = operations[name] ?? ["get", "/"];
  const filled = path.replace(/\{([^}]+)\}/g, (_, part: string) =>
    encodeURIComponent(input.params?.[part] ?? ""),
  );
  const headers = new Headers({
    accept: "application/json",
    "accept-language": document.documentElement.lang,
  });
  if (input.json !== undefined) headers.set("content-type", "application/json");
  if (input.ifMatch !== undefined) headers.set("if-match", input.ifMatch);
  if (input.idempotencyKey !== undefined) headers.set("idempotency-key", input.idempotencyKey);
  return answerOf(addressOf(filled, input.query), {
    method: method.toUpperCase(),
    headers,
    ...(input.json === undefined ? {} : { body: JSON.stringify(input.json) }),
    ...(signal === undefined ? {} : { signal }),
  });
}

/** Hands in one file as it is. */
export async function uploadFile(file: File, sellerId?: string): Promise<OutputOf<"createUpload">> {
  const body = new FormData();
  body.set("file", file);
  if (sellerId !== undefined) body.set("sellerId", sellerId);
  const headers = { accept: "application/json", "accept-language": document.documentElement.lang };
  const { value } = await answerOf("/v1/uploads", { method: "POST", headers, body });
  return value as OutputOf<"createUpload">;
}

async function answerOf(address: string, init: RequestInit): Promise<Answered<unknown>> {
  let answer: Response;
  try {
    answer = await fetch(address, { ...init, redirect: "error", cache: "no-store" });
  } catch (cause) {
    if (init.signal?.aborted === true) throw cause;
    throw new Unreachable(cause);
  }
  const text = await answer.text();
  const isJson = /\bjson\b/.test(answer.headers.get("content-type") ?? "");
  const body: unknown = isJson && text !== "" ? JSON.parse(text) : null;
  if (answer.ok) return { value: body, etag: answer.headers.get("etag") };
  const refusal = refusalOf(answer, body);
  if (refusal.code === "not-signed-in") goToSignIn();
  throw refusal;
}

/** The session is over: in again, and back to the page that was open. */
export function goToSignIn(): void {
  const here = `${location.pathname}${location.search}`;
  location.assign(`/sign-in?returnTo=${encodeURIComponent(here)}`);
}
