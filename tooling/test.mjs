// `npm test`: sets up, runs every package's tests through turbo's cache, names each skipped test, and
// ends with one line `N passed, N failed`. With NLM_REQUIRE_ALL=1 (as in CI) a skip is a failure.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { hasGit, root, run } from "./run.mjs";
import "./setup.mjs";

const strict = process.env.NLM_REQUIRE_ALL === "1";
const { status } = run(
  hasGit
    ? "turbo run test --concurrency=2 --continue --output-logs=new-only"
    : "pnpm --recursive --workspace-concurrency=2 --no-bail run test",
);

let passed = 0;
let failed = 0;
const skipped = [];
const folders = ["packages", "apps"].flatMap((group) =>
  readdirSync(join(root, group))
    .sort()
    .map((name) => join(group, name)),
);
for (const name of [...folders, "examples"]) {
  const folder = join(root, name);
  if (!existsSync(join(folder, "package.json"))) continue;
  const file = join(folder, "test-report.json");
  if (!existsSync(file)) {
    process.stdout.write(`${name}: no test report, so its tests did not run\n`);
    failed++;
    continue;
  }
  const report = JSON.parse(readFileSync(file, "utf8"));
  let reportedFailures = 0;
  for (const suite of report.testResults) {
    for (const test of suite.assertionResults) {
      if (test.status === "passed") passed++;
      else if (test.status === "failed") reportedFailures++;
      else skipped.push(`${name}: ${test.fullName}`);
    }
  }
  // A test file that cannot even be loaded has no assertions; it counts as one failure.
  failed += Math.max(reportedFailures, report.success ? 0 : 1);
}

if (skipped.length > 0) {
  process.stdout.write(`\nUnavailable on this machine, so not tested (${skipped.length}):\n`);
  for (const name of skipped) process.stdout.write(`  ${name}\n`);
  if (strict) {
    process.stdout.write("Everything is required here, so each of them counts as a failure.\n");
    failed += skipped.length;
  }
}
if (status !== 0 && failed === 0) failed = 1;
process.stdout.write(`${passed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 ? 0 : 1;
