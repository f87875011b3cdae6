// Adds up test reports (vitest JSON) and steps, prints the one line that tells how a run went, and fails if anything
// did. Usage: node scripts/count-results.js STEPS_PASSED STEPS_FAILED REPORT.json…

import { readFileSync } from "node:fs";

const [stepsPassed, stepsFailed, ...reports] = process.argv.slice(2);
let passed = Number(stepsPassed);
let failed = Number(stepsFailed);
let skipped = 0;
for (const path of reports) {
  let report;
  try {
    report = JSON.parse(readFileSync(path, "utf8"));
  } catch {
    console.log(`no readable report at ${path}: counted as failed`);
    failed += 1;
    continue;
  }
  passed += report.numPassedTests;
  failed += report.numFailedTests;
  skipped += report.numPendingTests + report.numTodoTests;
  if (report.numTotalTests === 0) failed += 1;
}
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
process.exitCode = failed === 0 ? 0 : 1;
