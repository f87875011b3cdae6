import { expect, it } from "vitest";
import { signInWithPassword, signInWithTotp } from "../sessions/sign-in.ts";
import { CLIENT, callerOf, must, openTestAccess } from "../test-access.ts";
import { addSandboxUsers, SANDBOX_PASSWORD, SANDBOX_USERS, sandboxCode } from "./sandbox-users.ts";

it("gives a sandbox one person of each role, who signs in with what is printed, also after a second start", async () => {
  const access = await openTestAccess();
  try {
    await addSandboxUsers(access, "shancheng");
    await addSandboxUsers(access, "shancheng");
    for (const { email, role } of SANDBOX_USERS) {
      const typed = { email, password: SANDBOX_PASSWORD };
      const first = must(await signInWithPassword(access, typed, CLIENT));
      const second = must(await signInWithTotp(access, first.token, sandboxCode(access), CLIENT));
      const caller = await callerOf(access, second.token);
      expect(caller).toMatchObject({
        role,
        sellerId: role.startsWith("seller-") ? "shancheng" : null,
      });
    }
  } finally {
    await access.database.close();
  }
});
