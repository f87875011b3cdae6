// The document of a report: its address is signed and good for five minutes, so it is fetched at once and asked for anew
// when it ran out. The bytes are kept as they were before Amazon compressed them.

import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { Outage } from "../../../errors/outage.ts";
import { isObject, type JsonObject, textOf } from "../json-decimal.ts";
import type { AmazonConnection, AmazonStore } from "./amazon-store.ts";
import { exchange, type HttpAnswer } from "./http-exchange.ts";

/** Bytes of one document, before and after it is unpacked: some 2.5 million lines of a settlement. */
export const DOCUMENT_BYTES_MAX = 512 * 1024 * 1024;
/** Addresses that are asked for when one after the other runs out. */
const ADDRESSES_MAX = 3;

export type ReportDocument = {
  readonly bytes: Buffer;
  /** As the download names it ("Cp1252", "windows-31j"); null where it does not. */
  readonly charset: string | null;
};

export async function fetchDocument(
  connection: AmazonConnection,
  store: AmazonStore,
  documentId: string,
  signal: AbortSignal,
): Promise<ReportDocument> {
  for (let addresses = 1; ; addresses += 1) {
    const { json } = await store.ask({
      operation: "getReportDocument",
      path: { reportDocumentId: documentId },
    });
    const told: JsonObject = isObject(json) ? json : new Map();
    const answer = await exchange(connection.fetch, {
      method: "GET",
      url: addressOf(connection, told),
      // The address is signed: it takes no header of the API, and no token of the seller leaves for it.
      headers: {},
      bytesMax: DOCUMENT_BYTES_MAX,
      label: "the report document",
      signal,
    });
    if (answer.status === 200) {
      return { bytes: await unpacked(answer, told), charset: charsetOf(answer) };
    }
    const ranOut = answer.status === 403 || answer.status === 404 || answer.status === 410;
    if (!ranOut || addresses >= ADDRESSES_MAX) {
      throw new Outage("amazon", `the report document answered ${answer.status}`, {
        retryable: true,
      });
    }
  }
}

/** Documents come over https; over http only where the API itself does, as in the sandbox on this machine. */
function addressOf({ settings }: AmazonConnection, told: JsonObject): string {
  const text = textOf(told, "url") ?? "";
  const isPlain = settings.apiUrl?.startsWith("http:") === true;
  const url = URL.canParse(text) ? new URL(text) : null;
  const isSound =
    url !== null && (url.protocol === "https:" || (isPlain && url.protocol === "http:"));
  if (!isSound) {
    throw new Outage("amazon", "getReportDocument gave no https address", { retryable: true });
  }
  return url.href;
}

const unzip = promisify(gunzip);

/** RFC 1952: a member begins so. A client on the way may have unpacked it already. */
function isGzip(bytes: Buffer): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

async function unpacked({ bytes }: HttpAnswer, told: JsonObject): Promise<Buffer> {
  const compression = textOf(told, "compressionAlgorithm");
  if (compression === null || !isGzip(bytes)) return bytes;
  if (compression !== "GZIP") {
    throw new Outage("amazon", `the report document is packed as ${compression}`, {
      retryable: false,
    });
  }
  try {
    return await unzip(bytes, { maxOutputLength: DOCUMENT_BYTES_MAX });
  } catch (error) {
    throw new Outage("amazon", "the report document cannot be unpacked: it is cut off or damaged", {
      retryable: true,
      cause: error,
    });
  }
}

function charsetOf({ headers }: HttpAnswer): string | null {
  return /charset="?([A-Za-z0-9_.:-]{1,40})/i.exec(headers.get("content-type") ?? "")?.[1] ?? null;
}
