// The three kinds of failure, kept apart: a refusal is an expected answer and is returned; an outage is
// an expected fault outside us and is thrown; a broken invariant is our own bug and is thrown.

/** One reason why something was refused, quarantined or held: what is wrong, where, and what to do. */
export type Reason = {
  /** Stable machine name, kebab-case, listed in the catalogue of the room that gives it. */
  readonly code: string;
  /** Line of the source file, from 1; null when the reason is about the file as a whole. */
  readonly line: number | null;
  /** One plain English sentence that names the field and what to do about it. */
  readonly message: string;
};

/** An expected "no": never thrown, always returned. */
export type Refusal = {
  readonly code: string;
  readonly message: string;
  readonly line: number | null;
};

export type Outcome<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly refusal: Refusal };

export function refusalOf(code: string, message: string): Refusal {
  return { code, message, line: null };
}

export function accepted<Value>(value: Value): Outcome<Value> {
  return { ok: true, value };
}

export function refused<Value>(
  code: string,
  message: string,
  line: number | null = null,
): Outcome<Value> {
  return { ok: false, refusal: { code, message, line } };
}
