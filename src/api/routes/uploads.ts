// Uploads: a file handed in by request goes the way of every other file, and who handed it in is on record.

import type { Context } from "hono";
import { sniffBankFile } from "../../bank/sniff.ts";
import type { Reason } from "../../errors/refusal.ts";
import type { Caller } from "../../identity/caller.ts";
import type { InboundReceipt } from "../../inbox/inbound.ts";
import { sniffMarketplaceFile } from "../../marketplace/sniff.ts";
import { SNIFF_BYTES } from "../../runtime/read-file.ts";
import { freshId } from "../../secret/random.ts";
import type { Instant } from "../../time/instant.ts";
import { appendEvents } from "../../timeline/timeline.ts";
import { createUpload, getUpload, listUploads, type UploadJson } from "../contract/uploads.ts";
import type { ApiDeps } from "../deps.ts";
import { type Place, pageFrom, placeOf } from "../page.ts";
import { problem } from "../problems.ts";
import type { ApiEnv, RegisterRoutes } from "../register.ts";
import { sellerScope } from "../seller-scope.ts";

const LIST = "uploads";
const NAME_DEFAULT = "upload";

export const uploadRoutes: RegisterRoutes = (app, deps) => {
  const { tenantId } = deps;
  app.openapi(createUpload, async (c) => {
    const caller = c.get("caller");
    const query = c.req.valid("query");
    const { file, sellerId } = c.req.valid("form");
    const sent = await sentFile(c, file, query.name);
    const asked = sellerId ?? query.sellerId ?? null;
    const made = await takeIn(deps, caller, sent, asked === "" ? null : asked);
    c.header("Location", `/v1/uploads/${made.id}`);
    return made.state === "stored" ? c.json(made, 202) : c.json(made, 201);
  });
  app.openapi(listUploads, async (c) => {
    const query = c.req.valid("query");
    const caller = c.get("caller");
    const after = placeOf(LIST, query.cursor, ["instant", "text"]);
    const rows = await deps.read(caller, (tx) =>
      tx.query<UploadRow>(
        `${SELECT} WHERE u.tenant_id = $1 AND ($2::text IS NULL OR u.seller_id = $2)
            AND ($3::timestamptz IS NULL OR (u.uploaded_at, u.upload_id) < ($3::timestamptz, $4::text))
          ORDER BY u.uploaded_at DESC, u.upload_id DESC LIMIT $5`,
        [
          tenantId,
          sellerScope(caller, query.sellerId),
          after?.[0] ?? null,
          after?.[1] ?? null,
          query.limit + 1,
        ],
      ),
    );
    return c.json(pageFrom(LIST, rows, query.limit, placeOfRow, uploadJson), 200);
  });
  app.openapi(getUpload, async (c) => {
    const { uploadId } = c.req.valid("param");
    const caller = c.get("caller");
    const [row] = await deps.read(caller, (tx) =>
      tx.query<UploadRow>(
        `${SELECT} WHERE u.tenant_id = $1 AND u.upload_id = $2 AND ($3::text IS NULL OR u.seller_id = $3)`,
        [tenantId, uploadId, caller.sellerId],
      ),
    );
    if (row === undefined) throw problem("not-found");
    return c.json(uploadJson(row), 200);
  });
};

type SentFile = { readonly name: string; readonly bytes: Uint8Array };

/** The file of the form, or the body itself. */
async function sentFile(
  c: Context<ApiEnv>,
  file: File | undefined,
  name: string | undefined,
): Promise<SentFile> {
  const { uploadBytesMax } = c.get("deps").settings;
  const body = file === undefined ? await c.req.arrayBuffer() : await file.arrayBuffer();
  if (body.byteLength === 0) throw problem("upload-empty");
  if (body.byteLength > uploadBytesMax) {
    throw problem("body-too-large", { detail: `A file has at most ${uploadBytesMax} bytes here.` });
  }
  const called = file === undefined || file.name === "" ? name : file.name;
  return { name: plainName(called ?? NAME_DEFAULT), bytes: new Uint8Array(body) };
}

/** The last part of a path, without what could steer a terminal or a header; at most 255 characters. */
function plainName(name: string): string {
  const last = name.split(/[/\\]/).at(-1) ?? "";
  return last.replace(/\p{C}/gu, "").trim().slice(0, 255) || NAME_DEFAULT;
}

async function takeIn(
  deps: ApiDeps,
  caller: Caller,
  sent: SentFile,
  asked: string | null,
): Promise<UploadJson> {
  const sellerId = caller.sellerId ?? asked;
  await checkSeller(deps, caller, asked);
  checkContent(deps, caller, sent.bytes);
  const receipt = await deps.intake({ ...sent, sellerId, source: "upload" });
  const row = {
    upload_id: freshId("upl", deps.clock.now()),
    caller_id: caller.id,
    seller_id: sellerId,
    sha256: receipt.sha256,
    name: sent.name,
    byte_count: BigInt(sent.bytes.byteLength),
    uploaded_at: deps.clock.now(),
  };
  await recordUpload(deps, row);
  const { format, reasons } = receipt;
  return uploadJson({ ...row, state: stateOf(receipt), format, reasons });
}

async function recordUpload(
  deps: ApiDeps,
  row: Omit<UploadRow, "state" | "format" | "reasons">,
): Promise<void> {
  await deps.store.database.transaction(async (tx) => {
    await tx.query(
      `INSERT INTO upload (tenant_id, upload_id, caller_id, seller_id, sha256, name, byte_count, uploaded_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
      [
        deps.tenantId,
        row.upload_id,
        row.caller_id,
        row.seller_id,
        row.sha256,
        row.name,
        row.byte_count,
        row.uploaded_at,
      ],
    );
    await appendEvents(tx, deps.tenantId, [
      {
        // Told of the upload, not of the file: the same bytes may be on record for another seller.
        subject: row.upload_id,
        kind: "file-uploaded",
        at: row.uploaded_at,
        data: { sha256: row.sha256, name: row.name },
        source: null,
        actor: row.caller_id,
      },
    ]);
  });
}

function stateOf(receipt: InboundReceipt): UploadJson["state"] {
  if (receipt.outcome === "stored" || receipt.outcome === "refused") return receipt.outcome;
  return "read";
}

/** A bound caller uploads for its own seller; anyone else may name one that is registered, or none. */
async function checkSeller(deps: ApiDeps, caller: Caller, asked: string | null): Promise<void> {
  if (asked === null) return;
  if (caller.sellerId !== null && caller.sellerId !== asked) throw problem("seller-unknown");
  const found = await deps.store.database.query(
    "SELECT 1 FROM seller WHERE tenant_id = $1 AND seller_id = $2",
    [deps.tenantId, asked],
  );
  if (found.length === 0) throw problem("seller-unknown");
}

/**
 * Money comes into being by the bank's word, so the bank's word comes from the bank: a seller's own upload may hold
 * what the marketplace says, and nothing else, unless the settings trust them.
 */
function checkContent(deps: ApiDeps, caller: Caller, bytes: Uint8Array): void {
  if (caller.sellerId === null || deps.settings.sellersMayUploadBankFiles) return;
  const head = bytes.subarray(0, SNIFF_BYTES);
  const isMarketplaces = sniffBankFile(head) !== "iso20022" && sniffMarketplaceFile(head) !== null;
  if (!isMarketplaces) throw problem("upload-not-for-sellers");
}

type UploadRow = {
  upload_id: string;
  caller_id: string;
  seller_id: string | null;
  sha256: string;
  name: string;
  byte_count: bigint;
  uploaded_at: Instant;
  state: UploadJson["state"];
  format: string | null;
  reasons: readonly Reason[];
};

const SELECT = `
  SELECT u.*, f.state, f.format, f.reasons FROM upload u
    JOIN raw_file f ON f.tenant_id = u.tenant_id AND f.sha256 = u.sha256`;

function placeOfRow(row: UploadRow): Place {
  return [row.uploaded_at, row.upload_id];
}

function uploadJson(row: UploadRow): UploadJson {
  return {
    id: row.upload_id,
    name: row.name,
    sha256: row.sha256,
    byteCount: Number(row.byte_count),
    sellerId: row.seller_id,
    uploadedBy: row.caller_id,
    uploadedAt: row.uploaded_at,
    state: row.state,
    format: row.format,
    reasons: [...row.reasons],
  };
}
