// Runs the tools of the workspace with its own binaries first on the PATH, so that a machine with
// only Node and npm behaves like one where everything is installed globally.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { findHeadlessGl, findXvfb } from "./src/headless-gl.mjs";

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Where one of some programs is found on the PATH, or "none". */
function which(...names) {
  const folders = (process.env.PATH ?? "").split(delimiter);
  const places = names.flatMap((name) => folders.map((folder) => join(folder, name)));
  return places.find((place) => existsSync(place)) ?? "none";
}

/** Whether this machine has git; a newcomer's may not. */
export const hasGit = which("git", "git.exe") !== "none";

/** What the machine has that decides what is built and tested; turbo's cache counts it in. */
const machine = {
  NLM_C_COMPILER: process.env.CC ?? which("cc", "gcc", "clang"),
  NLM_CHROMIUM: which("chromium", "chromium-browser", "google-chrome", "chrome"),
  NLM_HEADLESS_GL: findHeadlessGl() && findXvfb() ? "there" : "none",
};

/**
 * Runs a command line in the root folder; returns its exit status and, with `capture`, its output. What it prints goes to
 * stderr unless `stdout` names another stream.
 */
export function run(commandLine, { capture = false, env = {}, stdout = process.stderr } = {}) {
  const result = spawnSync(commandLine, {
    cwd: root,
    shell: true,
    encoding: "utf8",
    maxBuffer: 1 << 28,
    stdio: capture ? ["ignore", "pipe", "pipe"] : ["ignore", stdout, process.stderr],
    env: {
      ...process.env,
      ...machine,
      TURBO_TELEMETRY_DISABLED: "1",
      ...env,
      PATH: `${join(root, "node_modules", ".bin")}${delimiter}${process.env.PATH}`,
    },
  });
  if (result.error) throw result.error;
  return { status: result.status ?? 1, output: `${result.stdout ?? ""}${result.stderr ?? ""}` };
}
