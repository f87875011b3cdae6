// The one way in for everything that comes from outside: transports, uploads, downloads from a marketplace. On the
// process that holds the ledger an item is stored and settled; on any other it is stored, and settled over there.

import { Outage } from "../errors/outage.ts";
import type { Accept, InboundItem, InboundReceipt } from "../inbox/inbound.ts";
import { noteClaim } from "../inbox/raw-claims.ts";
import { type RawFile, recordArrivals } from "../inbox/raw-files.ts";
import type { Store } from "../storage/store.ts";
import type { Clock } from "../time/clock.ts";
import type { Receipt, Receiver } from "./receiver.ts";
import { onlySellerOf } from "./settle-arrivals.ts";

export type IntakeDeps = {
  readonly store: Pick<Store, "database" | "rawStore">;
  readonly tenantId: string;
  readonly clock: Clock;
  /** The receiver while this process holds the ledger; null while it does not. */
  readonly receiver: () => Receiver | null;
  /** False: the raw objects are in a folder of this process alone, where the process that holds the ledger cannot read. */
  readonly isRawStoreShared: boolean;
};

export type Intake = { readonly accept: Accept };

export function openIntake(deps: IntakeDeps): Intake {
  const onlySeller = onlySellerOf(deps.store.database, deps.tenantId);
  return {
    accept: async (item) => {
      const receiver = deps.receiver();
      if (receiver === null) return keep(deps, item, onlySeller);
      try {
        return inboundReceipt(await receiver.receive(item.name, item.bytes, item.sellerId));
      } catch (error) {
        if (!isLedgerGone(error)) throw error;
        return keep(deps, item, onlySeller);
      }
    },
  };
}

function inboundReceipt(receipt: Receipt): InboundReceipt {
  const { sha256, format, outcome, reasons, storedAt, settledAt } = receipt;
  return { sha256, format, outcome, reasons, storedAt, settledAt };
}

/** The ledger was taken by another process, or is being given up by this one, while the item was under way. */
function isLedgerGone(error: unknown): boolean {
  const isOfLedger =
    error instanceof Outage && (error.port === "ledger" || error.port === "receiver");
  return isOfLedger && !error.retryable;
}

/** Stores the item for the process that holds the ledger. */
async function keep(
  { store, tenantId, clock, isRawStoreShared }: IntakeDeps,
  { name, bytes, sellerId }: InboundItem,
  onlySeller: () => Promise<string | null>,
): Promise<InboundReceipt> {
  if (!isRawStoreShared) {
    const message =
      "this process does not hold the ledger, and its raw store is not the one of the process that does";
    throw new Outage("intake", message, { retryable: true });
  }
  const owner = sellerId ?? (await onlySeller());
  const [object] = await store.rawStore.putAll([bytes]);
  const sha256 = object!.sha256;
  const file = await store.database.transaction(async (tx) => {
    const arrival = { name, sha256, byteCount: bytes.byteLength, sellerId: owner };
    const row = (await recordArrivals(tx, tenantId, [arrival], clock.now())).get(sha256)!;
    if (owner !== null && row.sellerId !== owner)
      await noteClaim(tx, tenantId, { sha256, sellerId: owner }, clock.now());
    return row;
  });
  return keptReceipt(file, owner);
}

function keptReceipt(file: RawFile, owner: string | null): InboundReceipt {
  // What another seller brought first is not this one's to learn of; the claim's answer is an event of the file.
  const isOfOther = owner !== null && file.sellerId !== owner;
  if (file.state === "stored" || isOfOther) {
    const { sha256, storedAt } = file;
    return { sha256, format: null, outcome: "stored", reasons: [], storedAt, settledAt: null };
  }
  const { sha256, format, reasons, storedAt, readAt } = file;
  const outcome = file.state === "read" ? "seen" : "refused";
  return { sha256, format, outcome, reasons, storedAt, settledAt: readAt };
}
