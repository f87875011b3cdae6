// `straitway exception list`: what a person must look at, most money and age first.

import { DEFAULT_POLICY, readPolicy } from "../policy/policy.ts";
import { listExceptions } from "../report/exceptions.ts";
import type { AddCommand } from "./add-command.ts";
import { answer, type ReadOptions, withReadOptions } from "./read-command.ts";
import { printExceptions } from "./settle-print.ts";

/** Exceptions of a listing unless --limit says otherwise. */
const LIST_LIMIT = 1000;

export const exceptionCommand: AddCommand = (program, terminal, finish) => {
  const exception = program.command("exception").description("what a person must look at");
  withReadOptions(exception.command("list"))
    .description("open exceptions with age and money at stake")
    .option("--seller <id>", "only this seller's")
    .option("--policy <file>", "settings of matching and release (JSON)")
    .option("--limit <n>", "at most this many", String(LIST_LIMIT))
    .action(async (options: ReadOptions & { seller?: string; limit: string }) => {
      const limit = Number.parseInt(options.limit, 10);
      finish(
        await answer(terminal, options, async ({ tx, tenantId }) => {
          const policy = options.policy === undefined ? null : await readPolicy(options.policy);
          if (policy !== null && !policy.ok) return policy;
          const { exceptions, total } = await listExceptions(tx, tenantId, {
            policy: policy?.value ?? DEFAULT_POLICY,
            now: terminal.clock.now(),
            limit: Number.isInteger(limit) && limit > 0 ? limit : LIST_LIMIT,
            sellerId: options.seller ?? null,
          });
          return {
            ok: true,
            value: {
              json: { exceptions, exceptionCount: total },
              text:
                total === 0
                  ? "No exceptions."
                  : printExceptions({ exceptions, exceptionCount: total }),
            },
          };
        }),
      );
    });
};
