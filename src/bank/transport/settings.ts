// How each bank is connected, as the installation's settings say it. A secret never stands here itself: the settings
// name the environment variable or the file that holds it. Reference: docs/reference/bank-connections.md.

import { z } from "zod";

/** Where a secret is read from when the program starts. */
export const secretReference = z.union([
  z.strictObject({ env: z.string().regex(/^[A-Z_][A-Z0-9_]{0,127}$/) }),
  z.strictObject({ file: z.string().min(1).max(4096) }),
]);
export type SecretReference = z.infer<typeof secretReference>;

/** Reads what a reference names; throws a final `Outage` where there is nothing. The program's edge makes it. */
export type ReadSecret = (reference: SecretReference) => string;

const accountNumber = z.string().regex(/^[A-Za-z0-9]{1,34}$/);
const bic = z.string().regex(/^[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?$/);
const header = z.string().regex(/^[A-Za-z][A-Za-z0-9-]{0,63}$/);
const folderPath = z.string().min(1).max(4096);

/** An account that orders may be drawn on. */
const debtor = z.strictObject({
  account: accountNumber,
  currency: z.string().regex(/^[A-Z]{3}$/),
  name: z.string().min(1).max(140),
  bankBic: bic,
  country: z.string().regex(/^[A-Z]{2}$/),
  town: z.string().min(1).max(35),
});

/** What goes out as pain.001.001.09; absent: the connection only receives. */
const orders = z.strictObject({
  /** GrpHdr/InitgPty: who the bank knows as the sender of the file. */
  initiatingParty: z.string().min(1).max(140),
  initiatingPartyId: z.string().min(1).max(35).nullable().default(null),
  debtors: z.array(debtor).min(1).max(1000),
  /** ChrgBr of every order. */
  chargeBearer: z.enum(["DEBT", "CRED", "SHAR"]).default("SHAR"),
  /** Orders of one file at most. */
  ordersPerFileMax: z.int().min(1).max(10_000).default(500),
});

const common = {
  /** Stands in paths, sources and metrics. */
  id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/),
  /** Whose everything on this connection is; null: the accounts in each message say so. */
  sellerId: z.string().nullable().default(null),
  orders: orders.nullable().default(null),
};

const folderConventions = {
  readiness: z.enum(["stable", "done-file"]).default("stable"),
  receipts: z.boolean().default(true),
  everySeconds: z.int().min(1).max(86_400).default(5),
};

const dropFolder = z.strictObject({
  ...common,
  transport: z.literal("drop-folder"),
  /** An absolute path; `in/`, `out/`, `archive/` and the others are made in it. */
  folder: folderPath,
  ...folderConventions,
});

const sftp = z.strictObject({
  ...common,
  transport: z.literal("sftp"),
  host: z.string().min(1).max(253),
  port: z.int().min(1).max(65_535).default(22),
  username: z.string().min(1).max(64),
  privateKey: secretReference.nullable().default(null),
  passphrase: secretReference.nullable().default(null),
  password: secretReference.nullable().default(null),
  /** "SHA256:…" as `ssh-keygen -lf` prints it; two while the bank changes its key. */
  hostKeys: z
    .array(z.string().regex(/^SHA256:[A-Za-z0-9+/]{43}$/))
    .min(1)
    .max(8),
  /** Folder on the server. */
  folder: folderPath,
  ...folderConventions,
});

const signatureKeys = z
  .array(z.strictObject({ id: z.string().regex(/^[\x21-\x7e]{1,64}$/), key: secretReference }))
  .min(1)
  .max(8);

const signature = z.strictObject({
  algorithm: z.enum(["hmac-sha256", "rsa-sha256", "sm2-sm3"]),
  /** The HMAC secret, or the bank's public key in PEM; several while keys change. */
  keys: signatureKeys,
  /** SM2: the name that the bank signs under; the standard's default unless agreed. */
  sm2Name: z.string().min(1).max(64).nullable().default(null),
  encoding: z.enum(["base64", "hex"]).default("base64"),
  timestampHeader: header.default("Bank-Timestamp"),
  keyIdHeader: header.default("Bank-Key-Id"),
  signatureHeader: header.default("Bank-Signature"),
  /** Seconds by which the bank's clock may differ from ours. */
  windowSeconds: z.int().min(1).max(3600).default(300),
});
export type SignatureSettings = z.infer<typeof signature>;

/** Orders of a webhook connection: each pain.001 is one signed POST. */
const orderCalls = z.strictObject({
  url: z.url({ protocol: /^https?$/ }),
  /** The HMAC secret that our calls are signed with. */
  key: z.strictObject({ id: z.string().regex(/^[\x21-\x7e]{1,64}$/), key: secretReference }),
});

const webhook = z.strictObject({
  ...common,
  transport: z.literal("webhook"),
  signature,
  orderCalls: orderCalls.nullable().default(null),
});

const polling = {
  /** The bank's front-end (前置机) or its address. */
  url: z.url({ protocol: /^https?$/ }),
  everySeconds: z.int().min(1).max(86_400).default(10),
  /** Days that are asked for again, because a bank may add to a day that is over. */
  overlapDays: z.int().min(0).max(30).default(1),
  /** The day from which notices are fetched at first; null: the day of the first poll. */
  since: z.iso.date().nullable().default(null),
  /** Questions in one minute at most. */
  questionsPerMinute: z.int().min(1).max(600).default(60),
};

const cib = z.strictObject({
  ...common,
  transport: z.literal("cib-api"),
  ...polling,
  /** CID: 企业网银客户号, 10 digits. */
  customerId: z.string().regex(/^\d{10}$/),
  userId: z.string().min(1).max(20),
  password: secretReference,
});

const cmb = z.strictObject({
  ...common,
  transport: z.literal("cmb-api"),
  ...polling,
  /** LGNNAM: the login name at the front-end. */
  loginName: z.string().min(1).max(30),
});

const amqp = z.strictObject({
  ...common,
  transport: z.literal("amqp"),
  host: z.string().min(1).max(253),
  port: z.int().min(1).max(65_535).default(5671),
  tls: z.boolean().default(true),
  /** PEM of the authority that signed the broker's certificate; null: those of the system. */
  authority: secretReference.nullable().default(null),
  username: z.string().min(1).max(128).nullable().default(null),
  password: secretReference.nullable().default(null),
  /** Address that the bank's messages come from. */
  inbound: z.string().min(1).max(256),
  /** Address that orders go to; null with `orders` null. */
  outbound: z.string().min(1).max(256).nullable().default(null),
  /** Address for messages that fail each time; null: they are rejected, and the broker's own rule holds. */
  poison: z.string().min(1).max(256).nullable().default(null),
  /** Messages under way at once. */
  credit: z.int().min(1).max(500).default(50),
});

export const bankConnection = z.discriminatedUnion("transport", [
  dropFolder,
  sftp,
  webhook,
  cib,
  cmb,
  amqp,
]);
export type BankConnection = z.infer<typeof bankConnection>;
export type BankConnectionOf<Transport extends BankConnection["transport"]> = Extract<
  BankConnection,
  { transport: Transport }
>;
export type OrderSettings = NonNullable<BankConnection["orders"]>;

/** The piece of the configuration: `banks: […]`. */
export const bankConnections = z
  .array(bankConnection)
  .max(100)
  .default([])
  .superRefine((connections, context) => {
    const seen = new Set<string>();
    for (const [index, connection] of connections.entries()) {
      if (seen.has(connection.id)) {
        const message = `the connection "${connection.id}" stands twice`;
        context.addIssue({ code: "custom", path: [index, "id"], message });
      }
      seen.add(connection.id);
      const fault = faultOf(connection);
      if (fault !== null) {
        context.addIssue({ code: "custom", path: [index, fault.field], message: fault.message });
      }
    }
  });

/** What one field's form cannot say. */
function faultOf(connection: BankConnection): { field: string; message: string } | null {
  const { transport } = connection;
  if (transport === "sftp" && connection.privateKey === null && connection.password === null) {
    return { field: "privateKey", message: "an SFTP server needs a private key or a password" };
  }
  if (connection.orders === null) return null;
  if (transport === "webhook" && connection.orderCalls === null) {
    return { field: "orderCalls", message: "orders need a URL to be sent to" };
  }
  if (transport === "amqp" && connection.outbound === null) {
    return { field: "outbound", message: "orders need an address to be sent to" };
  }
  return transport === "cib-api" || transport === "cmb-api"
    ? { field: "orders", message: "this interface is asked for notices only" }
    : null;
}
