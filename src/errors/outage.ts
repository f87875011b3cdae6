// Expected faults outside us: a database that went away, a disk that is full, a bank that does not answer.
// Only the job runner and the edge catch an outage; everything between lets it pass.

export class Outage extends Error {
  /** What failed: "database", "raw-store", … */
  readonly port: string;
  /** True when the same call with the same ids may succeed later. */
  readonly retryable: boolean;

  constructor(port: string, message: string, options: { retryable: boolean; cause?: unknown }) {
    super(message, { cause: options.cause });
    this.name = "Outage";
    this.port = port;
    this.retryable = options.retryable;
  }
}
