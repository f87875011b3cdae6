// `straitway exception list`: what a person must look at, most money and age first.

import type { Client } from "../api/client/client.ts";
import { PAGE_SIZE_MAX } from "../api/page.ts";
import { DEFAULT_POLICY, readPolicy } from "../policy/policy.ts";
import { type ExceptionView, listExceptions } from "../report/exceptions.ts";
import type { AddCommand } from "./add-command.ts";
import { answerFromServer, firstOf, type ServerOptions, withServerOptions } from "./ask-server.ts";
import { type Answer, answer, type ReadOptions, withReadOptions } from "./read-command.ts";
import { exceptionViewOf } from "./server-views.ts";
import { printExceptions } from "./settle-print.ts";

/** Exceptions of a listing unless --limit says otherwise. */
const LIST_LIMIT = 1000;

export const exceptionCommand: AddCommand = (program, terminal, finish) => {
  const exception = program.command("exception").description("what a person must look at");
  withServerOptions(withReadOptions(exception.command("list")))
    .description("open exceptions with age and money at stake")
    .option("--seller <id>", "only this seller's")
    .option("--policy <file>", "settings of matching and release (JSON)")
    .option("--limit <n>", "at most this many", String(LIST_LIMIT))
    .action(async (options: ReadOptions & ServerOptions & { seller?: string; limit: string }) => {
      const asked = Number.parseInt(options.limit, 10);
      const limit = Number.isInteger(asked) && asked > 0 ? asked : LIST_LIMIT;
      if (options.server !== undefined) {
        const { server } = options;
        finish(
          await answerFromServer(terminal, { ...options, server }, (client) =>
            listFromServer(client, options.seller, limit),
          ),
        );
        return;
      }
      finish(
        await answer(terminal, options, async ({ tx, tenantId }) => {
          const policy = options.policy === undefined ? null : await readPolicy(options.policy);
          if (policy !== null && !policy.ok) return policy;
          const { exceptions, total } = await listExceptions(tx, tenantId, {
            policy: policy?.value ?? DEFAULT_POLICY,
            now: terminal.clock.now(),
            limit,
            sellerId: options.seller ?? null,
          });
          return { ok: true, value: shown(exceptions, total) };
        }),
      );
    });
};

/** All are read, so that they can be counted. */
async function listFromServer(
  client: Client,
  sellerId: string | undefined,
  limit: number,
): Promise<Answer> {
  const listed = client.all("listExceptions", { query: { limit: PAGE_SIZE_MAX, sellerId } });
  const exceptions = (await firstOf(listed, Number.POSITIVE_INFINITY)).map(exceptionViewOf);
  return shown(exceptions.slice(0, limit), exceptions.length);
}

function shown(exceptions: readonly ExceptionView[], exceptionCount: number): Answer {
  return {
    json: { exceptions, exceptionCount },
    text: exceptionCount === 0 ? "No exceptions." : printExceptions({ exceptions, exceptionCount }),
  };
}
