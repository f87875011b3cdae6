// W3C Trace Context: the caller's trace goes on, or a new one begins. What leaves because of a request (a webhook, an
// order) carries it too.

import { randomBytes } from "node:crypto";

export type TraceContext = {
  /** 32 hex digits. */
  readonly traceId: string;
  /** 16 hex digits: this request's own span. */
  readonly spanId: string;
  readonly sampled: boolean;
};

/** version, trace id, parent id, flags; a later version may have more after them (Trace Context, 3.2). */
const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;

/** Goes on with the trace that the header names; begins one when it names none that is valid. */
export function traceContext(traceparent: string | undefined): TraceContext {
  const parts = TRACEPARENT.exec(traceparent ?? "");
  const [, version = "ff", traceId = "", parentId = "", flags = "00", rest] = parts ?? [];
  const isValid =
    parts !== null &&
    version !== "ff" &&
    !(version === "00" && rest !== undefined) &&
    !/^0+$/.test(traceId) &&
    !/^0+$/.test(parentId);
  return {
    traceId: isValid ? traceId : randomBytes(16).toString("hex"),
    spanId: randomBytes(8).toString("hex"),
    sampled: isValid && (Number.parseInt(flags, 16) & 1) === 1,
  };
}

/** The header for what this request calls in turn. */
export function traceparentOf(trace: TraceContext): string {
  return `00-${trace.traceId}-${trace.spanId}-${trace.sampled ? "01" : "00"}`;
}
