import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { BankMessageHeader, BankMessageProof, BankSink } from "../bank/message.ts";
import type { Reason } from "../errors/refusal.ts";
import { withSchemaReasons } from "./schema-reasons.ts";

const header = (line: number): BankMessageHeader => ({
  family: "camt.054",
  format: "camt.054.001.08",
  line,
  messageId: null,
  senderBic: null,
  createdAt: null,
  copy: null,
  statementId: null,
  sequence: null,
  page: null,
  account: { number: "", currency: null, servicerBic: null, ownerName: null },
});

const fault = (line: number | null): Reason => ({
  code: "schema-violation",
  line,
  message: `Fault of ${line}.`,
});

function told(lines: readonly number[], faults: readonly Reason[]): readonly BankMessageProof[] {
  const proofs: BankMessageProof[] = [];
  const inner: BankSink = {
    message: () => undefined,
    entry: () => undefined,
    messageEnd: (proof) => proofs.push(proof),
  };
  const { sink, end } = withSchemaReasons(inner, faults);
  for (const line of lines) {
    sink.message(header(line));
    sink.messageEnd({ balances: [], verdict: "read", reasons: [] });
  }
  end();
  return proofs;
}

const isOwn = ({ message }: Reason) => message.startsWith("Fault");

describe("schema faults", () => {
  it("come to the message in whose lines they stand, each once, and quarantine all", () => {
    const lines = fc.uniqueArray(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 6 });
    const faults = fc.array(fc.option(fc.integer({ min: 1, max: 80 })), { minLength: 1 });
    fc.assert(
      fc.property(lines, faults, (unordered, at) => {
        const starts = unordered.toSorted((left, right) => left - right);
        const proofs = told(
          starts,
          at.map((line) => fault(line)),
        );
        expect(proofs).toHaveLength(starts.length);
        for (const [index, { verdict, reasons }] of proofs.entries()) {
          expect(verdict).toBe("quarantined");
          expect(reasons.length).toBeGreaterThan(0);
          const from = index === 0 ? 0 : (starts[index] ?? 0);
          const to = starts[index + 1] ?? Number.POSITIVE_INFINITY;
          const own = at.filter((line) => (line ?? 0) >= from && (line ?? 0) < to);
          expect(reasons.filter((reason) => isOwn(reason))).toHaveLength(own.length);
        }
      }),
    );
  });

  it("change nothing when there are none", () => {
    expect(told([1, 9], [])).toEqual([
      { balances: [], verdict: "read", reasons: [] },
      { balances: [], verdict: "read", reasons: [] },
    ]);
  });
});
