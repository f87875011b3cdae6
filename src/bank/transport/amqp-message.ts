// The body of an AMQP message as bytes: binary data as banks send it, or a text value, which some brokers make of it.

/** Section code of application data (OASIS AMQP 1.0, 3.2.6). */
const DATA = 0x75;

/** Null for a body that is neither. */
export function messageBytes(body: unknown): Uint8Array | null {
  if (typeof body === "string") return Buffer.from(body, "utf8");
  if (body instanceof Uint8Array) return body;
  if (typeof body !== "object" || body === null) return null;
  const { typecode, content } = body as { typecode?: unknown; content?: unknown };
  if (typecode !== DATA) return null;
  if (content instanceof Uint8Array) return content;
  return Array.isArray(content) && content.every((part) => part instanceof Uint8Array)
    ? Buffer.concat(content)
    : null;
}
