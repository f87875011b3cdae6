// `straitway user …` and `straitway key add`: who may act, at the machine itself. The first admin comes in this way.

import { type Command, Option } from "commander";
import { accepted, type Outcome, refused } from "../errors/refusal.ts";
import type { AccessDeps } from "../identity/access-deps.ts";
import {
  KEY_LIFE_DAYS_DEFAULT,
  KEY_LIFE_DAYS_MAX,
  makeKeyHere,
} from "../identity/api-keys/change-keys.ts";
import { isPermission, isRole, type Permission, ROLES } from "../identity/roles.ts";
import { accessSettings, accessSettingsOf } from "../identity/settings.ts";
import { type Invitation, type Newcomer } from "../identity/users/invite-user.ts";
import { listUsers, type User } from "../identity/users/users.ts";
import { addUserHere, resetUserHere } from "../identity/users/users-here.ts";
import { DEFAULT_TENANT } from "../runtime/channel.ts";
import { HOST_DEFAULT, PORT_DEFAULT } from "../runtime/config.ts";
import { sealingKeys } from "../runtime/sealing-keys.ts";
import { sealer } from "../secret/seal.ts";
import type { AddCommand } from "./add-command.ts";
import { openStoreFor } from "./channel-options.ts";
import { printJsonDocument } from "./json-document.ts";
import { type Answer, answer, type ReadOptions, withReadOptions } from "./read-command.ts";
import { type ExitCode, printRefusal, type Terminal, table } from "./terminal.ts";

/** Users of a listing; a channel has a few dozen. */
const LIST_LIMIT = 1000;

type AccessOptions = ReadOptions & { readonly publicUrl?: string };

function withAccessOptions(command: Command): Command {
  return withReadOptions(command).addOption(
    new Option(
      "--public-url <url>",
      "where people reach the channel, for the invitation's address",
    ).env("STRAITWAY_PUBLIC_URL"),
  );
}

export const userCommand: AddCommand = (program, terminal, finish) => {
  const user = program.command("user").description("who may act: people, at the machine itself");
  withAccessOptions(user.command("add"))
    .description("admit a user and print the invitation by which they set their password")
    .requiredOption("--email <address>", "by which they sign in")
    .requiredOption("--name <name>", "what others call them")
    .addOption(
      new Option("--role <role>", "what they may do").choices([...ROLES]).makeOptionMandatory(),
    )
    .option("--seller <id>", "the seller of a seller's role")
    .action(
      async (
        options: AccessOptions & { email: string; name: string; role: string; seller?: string },
      ) => {
        const { email, name, role, seller } = options;
        finish(
          await withAccess(terminal, options, (deps) =>
            addUser(deps, { email, name, role, seller }),
          ),
        );
      },
    );
  withAccessOptions(user.command("reset"))
    .description(
      "begin a user's sign-in anew: factors and sessions end, a new invitation is printed",
    )
    .argument("<email>")
    .action(async (email: string, options: AccessOptions) => {
      finish(
        await withAccess(terminal, options, async (deps) => {
          const reset = await resetUserHere(deps, email);
          return reset.ok ? accepted(invited(reset.value)) : reset;
        }),
      );
    });
  withReadOptions(user.command("list"))
    .description("who may act")
    .action(async (options: ReadOptions) => {
      finish(
        await answer(terminal, options, async ({ tx, tenantId }) => {
          const page = { sellerId: null, after: null, limit: LIST_LIMIT };
          return accepted(listed(await listUsers(tx, tenantId, page)));
        }),
      );
    });
};

async function addUser(
  deps: AccessDeps,
  given: { email: string; name: string; role: string; seller: string | undefined },
): Promise<Outcome<Answer>> {
  if (!isRole(given.role)) return refused("role-invalid", `There is no role ${given.role}.`);
  const { email, name, role, seller } = given;
  const newcomer: Newcomer = { email, name, role, sellerId: seller ?? null };
  const added = await addUserHere(deps, newcomer);
  return added.ok ? accepted(invited(added.value)) : added;
}

function invited({ user, invitation }: { user: User; invitation: Invitation }): Answer {
  const { userId, email, role, sellerId } = user;
  const where = sellerId === null ? "" : ` at ${sellerId}`;
  return {
    json: { user: { userId, email, role, sellerId }, invitation: { ...invitation } },
    text:
      `${email} is ${role}${where} (${userId}). Hand them this address; it is good once, until ${invitation.expiresAt}:\n` +
      `  ${invitation.url}`,
  };
}

function listed(users: readonly User[]): Answer {
  const shown = users.map((user) => [
    user.email,
    user.role,
    user.sellerId ?? "",
    user.state,
    user.signedInAt ?? "never",
  ]);
  const json = users.map(({ userId, email, name, role, sellerId, state, signedInAt }) => {
    return { userId, email, name, role, sellerId, state, signedInAt };
  });
  const text =
    users.length === 0
      ? "Nobody yet: straitway user add."
      : table(["EMAIL", "ROLE", "SELLER", "STATE", "SIGNED IN"], shown);
  return { json: { users: json }, text };
}

type KeyOptions = ReadOptions & {
  readonly name: string;
  readonly role: string;
  readonly seller?: string;
  readonly scope?: readonly string[];
  readonly days: string;
};

export const keyCommand: AddCommand = (program, terminal, finish) => {
  const key = program.command("key").description("who may act: programs, at the machine itself");
  withReadOptions(key.command("add"))
    .description("make an API key and print its secret, once")
    .requiredOption("--name <name>", "what it is for")
    .addOption(
      new Option("--role <role>", "what it may do at most")
        .choices([...ROLES])
        .makeOptionMandatory(),
    )
    .option("--seller <id>", "the seller of a seller's role")
    .option("--scope <permission...>", "only these of the role's permissions (payouts.read …)")
    .option("--days <n>", "how long it is good", String(KEY_LIFE_DAYS_DEFAULT))
    .action(async (options: KeyOptions) => {
      finish(await withAccess(terminal, options, (deps) => addKey(deps, options)));
    });
};

async function addKey(deps: AccessDeps, options: KeyOptions): Promise<Outcome<Answer>> {
  const { name, role, seller, scope } = options;
  const lifeDays = Number(options.days);
  if (!Number.isInteger(lifeDays) || lifeDays < 1 || lifeDays > KEY_LIFE_DAYS_MAX) {
    return refused("key-life-invalid", `A key is good for 1 to ${KEY_LIFE_DAYS_MAX} days.`);
  }
  if (!isRole(role)) return refused("role-invalid", `There is no role ${role}.`);
  const unknown = scope?.find((text) => !isPermission(text));
  if (unknown !== undefined) return refused("scope-invalid", `There is no permission ${unknown}.`);
  const draft = { name, role, sellerId: seller ?? null, lifeDays };
  const scopes = scope as readonly Permission[] | undefined;
  const made = await makeKeyHere(deps, scopes === undefined ? draft : { ...draft, scopes });
  if (!made.ok) return made;
  const { key, secret } = made.value;
  return accepted({
    json: {
      key: { keyId: key.keyId, role, sellerId: key.sellerId, expiresAt: key.expiresAt },
      secret,
    },
    text: `${key.keyId} is good until ${key.expiresAt}. Its secret, shown once:\n  ${secret}`,
  });
}

/** Opens the store with the keys that seal secrets, works, prints and closes. */
async function withAccess(
  terminal: Terminal,
  options: AccessOptions,
  work: (deps: AccessDeps) => Promise<Outcome<Answer>>,
): Promise<ExitCode> {
  const json = options.json === true;
  const outcome = await workOn(terminal, options, work);
  if (!outcome.ok) {
    printRefusal(terminal, outcome.refusal, json);
    return 1;
  }
  if (json) printJsonDocument(terminal, outcome.value.json);
  else terminal.out(`${outcome.value.text}\n`);
  return 0;
}

async function workOn(
  terminal: Terminal,
  options: AccessOptions,
  work: (deps: AccessDeps) => Promise<Outcome<Answer>>,
): Promise<Outcome<Answer>> {
  const { publicUrl } = options;
  const settings = accessSettings.safeParse(publicUrl === undefined ? {} : { publicUrl });
  if (!settings.success) {
    return refused(
      "config-invalid",
      "--public-url is an address such as https://channel.example.com.",
    );
  }
  const store = await openStoreFor(options, terminal);
  if (!store.ok) return store;
  try {
    const isElsewhere = options.databaseUrl !== undefined;
    const keys = sealingKeys(
      terminal.env["STRAITWAY_SECRET_KEY"],
      isElsewhere ? null : store.value.dataDir,
    );
    if (!keys.ok) return keys;
    return await work({
      database: store.value.database,
      tenantId: DEFAULT_TENANT,
      clock: terminal.clock,
      channelClock: terminal.clock,
      sealer: sealer(keys.value),
      settings: accessSettingsOf(settings.data, () => `http://${HOST_DEFAULT}:${PORT_DEFAULT}`),
    });
  } finally {
    await store.value.close();
  }
}
