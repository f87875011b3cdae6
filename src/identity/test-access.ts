// Access on a database of its own, with a clock that the test moves, a client, and a device that makes passkeys. Used
// by tests only; the program never imports it.

import { createHash, generateKeyPairSync, randomBytes, sign } from "node:crypto";
import type {
  AuthenticationResponseJSON,
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
  RegistrationResponseJSON,
} from "@simplewebauthn/server";
import { newSealingKey, readKeyRing, sealer } from "../secret/seal.ts";
import { openTestDatabase, type TestDatabase } from "../storage/test-database.ts";
import { manualClock } from "../time/clock.ts";
import type { Instant } from "../time/instant.ts";
import { readTimeline } from "../timeline/timeline.ts";
import type { AccessDeps, AccessOutcome, Client } from "./access-deps.ts";
import type { Caller } from "./caller.ts";
import { permissionsOf, type Role } from "./roles.ts";
import { callerOfSession, findSession } from "./sessions/sessions.ts";
import { signInWithPassword, signInWithTotp } from "./sessions/sign-in.ts";
import { newTotpSecret, stepOf, totpCode } from "./sessions/totp.ts";
import type { SsoProvider } from "./settings.ts";
import type { User } from "./users/users.ts";
import { addSandboxUser } from "./users/users-here.ts";

export const CLIENT: Client = { address: "192.0.2.7", agent: "Test/1.0" };
export const PASSWORD = "correct horse battery";
export const PUBLIC_URL = "http://localhost:4000";

export type TestAccess = AccessDeps & {
  readonly database: TestDatabase;
  readonly clock: ReturnType<typeof manualClock>;
};

export async function openTestAccess(sso: readonly SsoProvider[] = []): Promise<TestAccess> {
  const database = await openTestDatabase({ poolMax: 4 });
  const keys = readKeyRing(newSealingKey());
  if (!keys.ok) throw new Error(keys.refusal.message);
  const clock = manualClock("2026-11-23T04:05:00.000Z" as Instant);
  await database.query(
    `INSERT INTO seller (tenant_id, seller_id, legal_name, registered_at)
     SELECT 't', id, id, $1 FROM unnest('{shancheng,jiangbei}'::text[]) AS id`,
    [clock.now()],
  );
  return {
    database,
    tenantId: "t",
    clock,
    channelClock: clock,
    sealer: sealer(keys.value),
    settings: {
      publicUrl: PUBLIC_URL,
      sessionIdleMs: 30 * 60_000,
      sessionMaxMs: 12 * 3_600_000,
      invitationMs: 72 * 3_600_000,
      sso,
    },
    scryptCost: { n: 1024, r: 8, p: 1 },
  };
}

/** A user who can sign in, and their authenticator's secret. */
export async function addReadyUser(
  deps: AccessDeps,
  name: string,
  role: Role,
  sellerId: string | null = null,
): Promise<{ readonly user: User; readonly secret: string }> {
  const secret = newTotpSecret();
  const newcomer = { email: `${name}@shancheng.example`, name, role, sellerId };
  const user = await addSandboxUser(deps, newcomer, { password: PASSWORD, totpSecret: secret });
  if (user === null) throw new Error(`${name} is there already`);
  return { user, secret };
}

/** The code that the authenticator shows; every call moves the clock to the next one, as none is taken twice. */
export function nextCode(access: TestAccess, secret: string): string {
  access.clock.advanceMs(30_000);
  return totpCode(secret, stepOf(access.clock.now()));
}

export function must<Value>(outcome: AccessOutcome<Value>): Value {
  if (!outcome.ok) throw new Error(`${outcome.refusal.code}: ${outcome.refusal.message}`);
  return outcome.value;
}

/** Signs in with both factors; the session's token. */
export async function signInFully(
  access: TestAccess,
  ready: { readonly user: User; readonly secret: string },
): Promise<string> {
  const first = must(
    await signInWithPassword(access, { email: ready.user.email, password: PASSWORD }, CLIENT),
  );
  const code = nextCode(access, ready.secret);
  return must(await signInWithTotp(access, first.token, code, CLIENT)).token;
}

export async function callerOf(access: AccessDeps, token: string): Promise<Caller | null> {
  const found = await findSession(access.database, access, token, access.clock.now());
  return found === null ? null : callerOfSession(found);
}

/** A caller as a signed-in user that has just shown a factor. */
export function steppedUp(user: User, now: Instant): Caller {
  return {
    kind: "user",
    id: user.userId,
    personId: user.userId,
    sellerId: user.sellerId,
    role: user.role,
    scopes: permissionsOf(user.role),
    steppedUpAt: now,
    sessionId: "ses_test",
  };
}

export async function kindsOf(access: AccessDeps, subject: string): Promise<readonly string[]> {
  const events = await readTimeline(access.database, access.tenantId, [subject]);
  return events.map((event) => event.kind);
}

/** CBOR (RFC 8949) of what an authenticator sends: small numbers, bytes, texts and maps. */
type Cbor = number | string | Buffer | ReadonlyMap<number | string, Cbor>;

function cborHead(major: number, value: number): Buffer {
  if (value < 24) return Buffer.of((major << 5) | value);
  if (value < 256) return Buffer.of((major << 5) | 24, value);
  return Buffer.of((major << 5) | 25, value >> 8, value & 255);
}

function cbor(value: Cbor): Buffer {
  if (typeof value === "number") return value >= 0 ? cborHead(0, value) : cborHead(1, -1 - value);
  if (typeof value === "string") {
    const bytes = Buffer.from(value, "utf8");
    return Buffer.concat([cborHead(3, bytes.length), bytes]);
  }
  if (Buffer.isBuffer(value)) return Buffer.concat([cborHead(2, value.length), value]);
  const entries = [...value].flatMap(([key, item]) => [cbor(key), cbor(item)]);
  return Buffer.concat([cborHead(5, value.size), ...entries]);
}

/** A device with one passkey: ES256, no attestation, a counter that counts (WebAuthn Level 3, 6.1). */
export type TestDevice = {
  readonly create: (
    options: PublicKeyCredentialCreationOptionsJSON,
    origin?: string,
  ) => RegistrationResponseJSON;
  readonly get: (
    options: PublicKeyCredentialRequestOptionsJSON,
    changed?: { readonly origin?: string; readonly count?: number; readonly verified?: boolean },
  ) => AuthenticationResponseJSON;
};

export function testDevice(): TestDevice {
  const pair = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const jwk = pair.publicKey.export({ format: "jwk" });
  const id = randomBytes(16);
  let count = 0;
  const cose = cbor(
    new Map<number, Cbor>([
      [1, 2],
      [3, -7],
      [-1, 1],
      [-2, Buffer.from(jwk.x!, "base64url")],
      [-3, Buffer.from(jwk.y!, "base64url")],
    ]),
  );
  const base = { id: id.toString("base64url"), rawId: id.toString("base64url") };
  const rest = { clientExtensionResults: {}, type: "public-key" } as const;
  return {
    create: (options, origin = PUBLIC_URL) => {
      const data = Buffer.concat([
        authenticatorData(options.rp.id ?? "", 0x45, count),
        Buffer.alloc(16),
        Buffer.of(0, id.length),
        id,
        cose,
      ]);
      const attestation = cbor(
        new Map<string, Cbor>([
          ["fmt", "none"],
          ["attStmt", new Map()],
          ["authData", data],
        ]),
      );
      const clientDataJSON = clientData("webauthn.create", options.challenge, origin);
      const attestationObject = attestation.toString("base64url");
      const response = { clientDataJSON, attestationObject, transports: ["internal"] };
      return { ...base, ...rest, response };
    },
    get: (options, changed = {}) => {
      count = changed.count ?? count + 1;
      const flags = changed.verified === false ? 0x01 : 0x05;
      const data = authenticatorData(options.rpId ?? "", flags, count);
      const clientDataJSON = clientData(
        "webauthn.get",
        options.challenge,
        changed.origin ?? PUBLIC_URL,
      );
      const hash = createHash("sha256").update(Buffer.from(clientDataJSON, "base64url")).digest();
      const signature = sign("sha256", Buffer.concat([data, hash]), pair.privateKey);
      const response = {
        clientDataJSON,
        authenticatorData: data.toString("base64url"),
        signature: signature.toString("base64url"),
      };
      return { ...base, ...rest, response };
    },
  };
}

function authenticatorData(rpId: string, flags: number, count: number): Buffer {
  const rest = Buffer.alloc(5);
  rest[0] = flags;
  rest.writeUInt32BE(count, 1);
  return Buffer.concat([createHash("sha256").update(rpId).digest(), rest]);
}

function clientData(type: string, challenge: string, origin: string): string {
  const text = JSON.stringify({ type, challenge, origin, crossOrigin: false });
  return Buffer.from(text, "utf8").toString("base64url");
}
