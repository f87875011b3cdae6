import {
  type Attributes,
  type Context,
  context,
  type Span,
  type SpanOptions,
  SpanStatusCode,
  type Tracer,
  trace,
} from "@opentelemetry/api";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Outage } from "../errors/outage.ts";
import { traced, traceparentNow } from "./tracing.ts";

type Told = { name: string; attributes: Attributes; failed: boolean; ended: boolean };
let told: Told[];

function startSpan(name: string, options: SpanOptions = {}): Span {
  const note: Told = {
    name,
    attributes: { ...options.attributes },
    failed: false,
    ended: false,
  };
  told.push(note);
  const span = trace.wrapSpanContext({
    traceId: "a".repeat(32),
    spanId: "b".repeat(16),
    traceFlags: 1,
  });
  return Object.assign(Object.create(span) as Span, {
    setAttribute: (key: string, value: string) => {
      note.attributes[key] = value;
      return span;
    },
    setStatus: ({ code }: { code: SpanStatusCode }) => {
      note.failed = code === SpanStatusCode.ERROR;
      return span;
    },
    end: () => {
      note.ended = true;
    },
  });
}

function startActiveSpan(
  name: string,
  options: SpanOptions,
  parent: Context,
  work: (span: Span) => unknown,
): unknown {
  const span = startSpan(name, options);
  return context.with(trace.setSpan(parent, span), () => work(span));
}

/** The least of an SDK: it notes spans. */
const NOTING: Tracer = {
  startSpan,
  startActiveSpan: startActiveSpan as Tracer["startActiveSpan"],
};

beforeEach(() => {
  told = [];
});

afterEach(() => trace.disable());

describe("a span", () => {
  it("costs nothing and changes nothing while nobody traces", async () => {
    expect(await traced("work", {}, async () => 7)).toBe(7);
    await expect(traced("work", {}, () => Promise.reject(new Error("x")))).rejects.toThrow("x");
    expect(traceparentNow()).toBeNull();
  });

  it("tells kinds and counts, and of a failure its kind alone", async () => {
    trace.setGlobalTracerProvider({ getTracer: () => NOTING });
    await traced("receiver.store", { "straitway.files": 3 }, async () => undefined);
    const outage = new Outage("bank", "account 6217000000004821", { retryable: true });
    await expect(traced("job bank-poll", {}, () => Promise.reject(outage))).rejects.toBe(outage);
    expect(told).toEqual([
      { name: "receiver.store", attributes: { "straitway.files": 3 }, failed: false, ended: true },
      {
        name: "job bank-poll",
        attributes: { "error.type": "Outage.bank" },
        failed: true,
        ended: true,
      },
    ]);
  });
});
