// Spans of what the service does, by the OpenTelemetry API alone: without an SDK loaded into the process
// (`node --import`) they are nothing and cost nothing. Attributes are kinds and counts, never data.

import { type Context, context, propagation, SpanStatusCode, trace } from "@opentelemetry/api";
import { Outage } from "../errors/outage.ts";

export type SpanFacts = Readonly<Record<string, string | number | boolean>>;

/** Runs `work` in a span; one that throws is marked as failed, by the error's name alone. */
export function traced<Value>(
  name: string,
  facts: SpanFacts,
  work: () => Promise<Value>,
  parent: Context = context.active(),
): Promise<Value> {
  const tracer = trace.getTracer("straitway");
  return tracer.startActiveSpan(name, { attributes: facts }, parent, async (span) => {
    try {
      return await work();
    } catch (error) {
      span.setAttribute("error.type", errorType(error));
      span.setStatus({ code: SpanStatusCode.ERROR });
      throw error;
    } finally {
      span.end();
    }
  });
}

function errorType(error: unknown): string {
  if (error instanceof Outage) return `Outage.${error.port}`;
  return error instanceof Error ? error.name : typeof error;
}

/** The trace that a request's `traceparent` names, where the SDK reads it. */
export function traceOf(headers: Headers): Context {
  return propagation.extract(context.active(), Object.fromEntries(headers));
}

/** The running span as a `traceparent`, so that what is called in it belongs to it; null while nothing is traced. */
export function traceparentNow(): string | null {
  const span = trace.getActiveSpan()?.spanContext();
  if (span === undefined || !/[1-9a-f]/.test(span.traceId)) return null;
  return `00-${span.traceId}-${span.spanId}-${(span.traceFlags & 1) === 1 ? "01" : "00"}`;
}
