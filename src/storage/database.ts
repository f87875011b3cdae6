// The one way to PostgreSQL. Plain SQL in, rows out; one step is one transaction, retried as a whole on a
// serialization failure with the same ids. Types: int8 → bigint, numeric and date → text, timestamptz → Instant.

export type Row = Record<string, unknown>;

export type Tx = {
  readonly query: <R extends Row = Row>(text: string, values?: readonly unknown[]) => Promise<R[]>;
};

export type Database = Tx & {
  /** Runs `work` in one transaction; retries it on 40001 and 40P01; rolls back when it throws. */
  readonly transaction: <Value>(work: (tx: Tx) => Promise<Value>) => Promise<Value>;
  readonly close: () => Promise<void>;
};
