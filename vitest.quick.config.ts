import { defineConfig } from "vitest/config";

/**
 * What a contributor runs before each commit: everything beside the code but the files that start servers and programs
 * of their own, or try many databases; those run with `npm test`.
 */
const SLOW = [
  "src/api/routes/{approvals,events,orders,rule-packs,search}.test.ts",
  "src/approval/approval.test.ts",
  "src/bank/transport/{amqp,bank-files,drop-folder}.test.ts",
  "src/books/step-books.test.ts",
  "src/cli/{backup-command,rule-commands}.test.ts",
  "src/declaration/prepare-step.test.ts",
  "src/evidence/support-step.test.ts",
  "src/release/ruled.test.ts",
  "src/report/store-exceptions.test.ts",
  "src/report/verify/verify-{channel,orders,samples}.test.ts",
  "src/runtime/{approved-acts,bank-connections,leader,receiver,serve}.test.ts",
  "src/storage/{data-folder,embedded-postgres,migrate,raw-store,store}.test.ts",
  "src/timeline/feed.test.ts",
  "src/webhook/deliverer.test.ts",
];

export default defineConfig({
  test: {
    include: ["src/**/*.test.ts", "console/**/*.test.ts", "test/tidy.test.ts"],
    exclude: SLOW,
    globalSetup: ["test/global-setup.ts"],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    pool: "forks",
    maxWorkers: 2,
  },
});
