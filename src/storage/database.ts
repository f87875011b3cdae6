// The one way to PostgreSQL. Plain SQL in, rows out; one step is one transaction, retried as a whole on a
// serialization failure with the same ids. Types: int8 → bigint, numeric and date → text, timestamptz → Instant.

export type Row = Record<string, unknown>;

export type QueryOptions = {
  /**
   * Prepares the statement once per connection under this name and only binds it afterwards. One name, one
   * text, for ever. For the few statements of a hot path; absent for all others.
   */
  readonly name?: string;
};

export type Tx = {
  /**
   * Runs one statement and gives its rows (none for a statement that returns none). Values bind to $1, $2, …:
   * bigint and text as they are, an array to an SQL array, a plain object to JSON, null to null; `undefined` is
   * refused as a bug. A JSON array must be given as text.
   */
  readonly query: <R extends Row = Row>(
    text: string,
    values?: readonly unknown[],
    options?: QueryOptions,
  ) => Promise<R[]>;
};

/** "read committed" unless told; a report that must see one moment asks for "repeatable read". */
export type Isolation = "read committed" | "repeatable read" | "serializable";

export type TransactionOptions = { readonly isolation?: Isolation };

/** One connection of one's own, kept until released: for the ledger's single writer. */
export type Connection = Tx & {
  /** As `Database.transaction`, on this connection. */
  readonly transaction: <Value>(
    work: (tx: Tx) => Promise<Value>,
    options?: TransactionOptions,
  ) => Promise<Value>;
  /** False once the connection was lost: every later query throws an outage. Release it and connect anew. */
  readonly alive: () => boolean;
  /** Gives the connection back; a second call does nothing. */
  readonly release: () => void;
};

export type Database = Tx & {
  /** Runs `work` in one transaction; retries it on 40001 and 40P01; rolls back when it throws. */
  readonly transaction: <Value>(
    work: (tx: Tx) => Promise<Value>,
    options?: TransactionOptions,
  ) => Promise<Value>;
  /** Takes one connection out of the pool until it is released. */
  readonly connect: () => Promise<Connection>;
  /** Ends all connections; a second call does nothing. */
  readonly close: () => Promise<void>;
};
