// What the API refused, and that nobody answered: the two ways in which a call fails.

export class Refusal extends Error {
  readonly status: number;
  /** Of the catalogue at /problems, or "unknown" when the answer was none of the API's. */
  readonly code: string;
  readonly title: string;
  readonly retryable: boolean;
  /** Under which the server's log has it. */
  readonly requestId: string | null;
  readonly errors: readonly { readonly pointer: string; readonly detail: string }[];

  constructor(status: number, requestId: string | null, body: Partial<ProblemBody>) {
    super(body.detail ?? body.title ?? `${status}`);
    this.name = "Refusal";
    this.status = status;
    this.code = body.code ?? "unknown";
    this.title = body.title ?? "";
    this.retryable = body.retryable ?? status >= 500;
    this.requestId = requestId;
    this.errors = body.errors ?? [];
  }
}

type ProblemBody = {
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  readonly retryable: boolean;
  readonly errors: Refusal["errors"];
};

export class Unreachable extends Error {
  constructor(cause: unknown) {
    super("nothing answers", { cause });
    this.name = "Unreachable";
  }
}

export function refusalOf(answer: Response, body: unknown): Refusal {
  const problem = typeof body === "object" && body !== null ? (body as Partial<ProblemBody>) : {};
  return new Refusal(answer.status, answer.headers.get("request-id"), problem);
}

/** Worth asking again by itself: a busy moment, not a decision. */
export function mayPass(error: unknown): boolean {
  if (error instanceof Unreachable) return true;
  return error instanceof Refusal && error.retryable && error.status !== 429;
}
