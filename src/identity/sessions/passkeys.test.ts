import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  addReadyUser,
  CLIENT,
  callerOf,
  must,
  openTestAccess,
  PASSWORD,
  signInFully,
  type TestAccess,
  type TestDevice,
  testDevice,
} from "../test-access.ts";
import type { User } from "../users/users.ts";
import { updateUser } from "../users/users.ts";
import { listPasskeys } from "./factors.ts";
import {
  addPasskey,
  askForPasskey,
  askForStepUp,
  offerPasskey,
  signInWithPasskey,
} from "./passkeys.ts";
import { removeFactor, sessionToSetUp } from "./set-up-factors.ts";
import { signInWithPassword } from "./sign-in.ts";
import { stepUpWithPasskey } from "./step-up.ts";

let access: TestAccess;
beforeAll(async () => {
  access = await openTestAccess();
});
afterAll(() => access.database.close());

const REFUSED = { ok: false, refusal: { code: "passkey-refused" } };
const FAILED = { ok: false, refusal: { code: "sign-in-failed" } };

type Owner = { user: User; secret: string; device: TestDevice; token: string };

async function withPasskey(name: string): Promise<Owner> {
  const ready = await addReadyUser(access, name, "approver");
  const token = await signInFully(access, ready);
  const session = must(await sessionToSetUp(access, token));
  const device = testDevice();
  const response = device.create(await offerPasskey(access, session));
  must(await addPasskey(access, session, { response, name: " laptop " }, CLIENT));
  return { ...ready, device, token };
}

async function halfOf({ user }: Owner) {
  return must(await signInWithPassword(access, { email: user.email, password: PASSWORD }, CLIENT));
}

describe("a passkey", () => {
  it("is added with its owner's own name for it, and follows a password", async () => {
    const owner = await withPasskey("wang");
    const [passkey] = await listPasskeys(access.database, "t", owner.user.userId);
    expect(passkey).toMatchObject({ name: "laptop", useCount: 0, isBackedUp: false });
    const half = await halfOf(owner);
    expect(half.methods).toContain("passkey");
    const options = await askForPasskey(access, half.session);
    expect(options.allowCredentials?.map(({ id }) => id)).toEqual([passkey!.credentialId]);
    const step = must(
      await signInWithPasskey(access, half.token, owner.device.get(options), CLIENT),
    );
    expect(await callerOf(access, step.token)).toMatchObject({ id: owner.user.userId });
    expect(await callerOf(access, half.token)).toBeNull();
  });

  it("signs in alone, as the device has recognised its owner", async () => {
    const owner = await withPasskey("alone");
    const options = await askForPasskey(access, null);
    expect(options.userVerification).toBe("required");
    const step = must(await signInWithPasskey(access, null, owner.device.get(options), CLIENT));
    expect(await callerOf(access, step.token)).toMatchObject({ id: owner.user.userId });
    const again = await askForPasskey(access, null);
    const unverified = owner.device.get(again, { verified: false });
    expect(await signInWithPasskey(access, null, unverified, CLIENT)).toMatchObject(FAILED);
  });

  it("steps up, under a new token", async () => {
    const owner = await withPasskey("up");
    access.clock.advanceMs(20 * 60_000);
    const options = must(await askForStepUp(access, owner.token));
    const up = must(
      await stepUpWithPasskey(access, owner.token, owner.device.get(options), CLIENT),
    );
    expect(await callerOf(access, up.token)).toMatchObject({ steppedUpAt: access.clock.now() });
    expect(await callerOf(access, owner.token)).toBeNull();
  });

  it("is good for one challenge of ours, once, in time, at our own address", async () => {
    const owner = await withPasskey("once");
    const sign = async (response: Parameters<typeof signInWithPasskey>[2]) =>
      signInWithPasskey(access, null, response, CLIENT);
    const response = owner.device.get(await askForPasskey(access, null));
    expect((await sign(response)).ok).toBe(true);
    expect(await sign(response)).toMatchObject(FAILED);
    const late = owner.device.get(await askForPasskey(access, null));
    access.clock.advanceMs(5 * 60_000 + 1);
    expect(await sign(late)).toMatchObject(FAILED);
    const options = await askForPasskey(access, null);
    const elsewhere = owner.device.get(options, { origin: "https://evil.example" });
    expect(await sign(elsewhere)).toMatchObject(FAILED);
    const made = { ...(await askForPasskey(access, null)), challenge: "bWFkZS11cA" };
    expect(await sign(owner.device.get(made))).toMatchObject(FAILED);
  });

  it("of somebody else opens nobody's half-way sign-in", async () => {
    const [owner, other] = [await withPasskey("own"), await withPasskey("other")];
    const half = await halfOf(owner);
    const foreign = other.device.get(await askForPasskey(access, half.session));
    expect(await signInWithPasskey(access, half.token, foreign, CLIENT)).toMatchObject(FAILED);
    // A challenge for one session is none for another.
    const theirs = await halfOf(other);
    const options = await askForPasskey(access, theirs.session);
    const moved = await signInWithPasskey(access, half.token, owner.device.get(options), CLIENT);
    expect(moved).toMatchObject(FAILED);
  });

  it("whose counter goes back is a copy, and refused", async () => {
    const owner = await withPasskey("copy");
    const first = owner.device.get(await askForPasskey(access, null), { count: 7 });
    expect((await signInWithPasskey(access, null, first, CLIENT)).ok).toBe(true);
    const copied = owner.device.get(await askForPasskey(access, null), { count: 7 });
    expect(await signInWithPasskey(access, null, copied, CLIENT)).toMatchObject(FAILED);
  });

  it("of a disabled user opens nothing", async () => {
    const owner = await withPasskey("disabled");
    await updateUser(access.database, "t", owner.user.userId, { state: "disabled" });
    const response = owner.device.get(await askForPasskey(access, null));
    expect(await signInWithPasskey(access, null, response, CLIENT)).toMatchObject(FAILED);
  });

  it("is not added for another user's challenge, from another address, or twice", async () => {
    const [owner, other] = [await withPasskey("mine"), await withPasskey("yours")];
    const [mine, yours] = [
      must(await sessionToSetUp(access, owner.token)),
      must(await sessionToSetUp(access, other.token)),
    ];
    const add = (response: ReturnType<TestDevice["create"]>) =>
      addPasskey(access, mine, { response, name: "" }, CLIENT);
    const device = testDevice();
    expect(await add(device.create(await offerPasskey(access, yours)))).toMatchObject(REFUSED);
    const elsewhere = device.create(await offerPasskey(access, mine), "https://evil.example");
    expect(await add(elsewhere)).toMatchObject(REFUSED);
    expect((await add(device.create(await offerPasskey(access, mine)))).ok).toBe(true);
    expect(await add(device.create(await offerPasskey(access, mine)))).toMatchObject(REFUSED);
    const known = await listPasskeys(access.database, "t", owner.user.userId);
    expect(known).toHaveLength(2);
    const gone = { kind: "passkey", credentialId: known[1]!.credentialId } as const;
    expect((await removeFactor(access, yours, gone, CLIENT)).ok).toBe(false);
    expect((await removeFactor(access, mine, gone, CLIENT)).ok).toBe(true);
  });
});
