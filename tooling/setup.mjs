// Set-up for every command of the README: installs what the lockfile names when it has changed, and
// builds what was asked for. Needs Node and npm only; says nothing when there is nothing to do.
//
//   node tooling/setup.mjs [PACKAGE]     builds PACKAGE and what it depends on, or everything
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { hasGit, root, run } from "./run.mjs";

const { packageManager, engines } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

function runOrFail(commandLine, what) {
  const { status, output } = run(commandLine, { capture: true });
  if (status !== 0) fail(`${output.trim()}\n\n${what} failed: ${commandLine}`);
}

const [wantedMajor, wantedMinor] = engines.node.match(/\d+/g).map(Number);
const [major, minor] = process.versions.node.split(".").map(Number);
if (major < wantedMajor || (major === wantedMajor && minor < wantedMinor)) {
  fail(`Node ${process.versions.node} is too old: this needs Node ${engines.node}.`);
}

const lockfile = readFileSync(join(root, "pnpm-lock.yaml"));
const wanted = createHash("sha256").update(lockfile).digest("hex");
const stamp = join(root, "node_modules", ".installed-lockfile");
if (!existsSync(stamp) || readFileSync(stamp, "utf8") !== wanted) {
  process.stderr.write("Installing dependencies …\n");
  runOrFail(`npx --yes ${packageManager} install --frozen-lockfile`, "The installation");
  mkdirSync(join(root, "node_modules"), { recursive: true });
  writeFileSync(stamp, wanted);
}

const filter = process.argv[2] ? ` --filter=${process.argv[2]}...` : "";
// Turbo learns from git what has changed; without git it follows links in circles, so everything is built anew.
runOrFail(
  hasGit
    ? `turbo run build --output-logs=errors-only${filter}`
    : `pnpm --recursive${filter} run build`,
  "The build",
);
