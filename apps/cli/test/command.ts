// Runs the command line as its users do: as a process, on the built files.
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll } from "vitest";

/** The file of the command line. */
export const main = fileURLToPath(new URL("../dist/main.js", import.meta.url));

// A cache of the tests' own, so that they neither use nor change the user's.
const cache = mkdtempSync(join(tmpdir(), "nlm-cache-"));
afterAll(() => rmSync(cache, { recursive: true }));

export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts `nlm`; `ended` resolves when it is over. */
export function start(
  args: readonly string[],
  cwd: string,
  variables: Readonly<Record<string, string>> = {},
): { child: ChildProcess; ended: Promise<Ended>; stderr: () => string } {
  const child = spawn(process.execPath, [main, ...args], {
    cwd,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, NLM_CACHE: cache, ...variables },
  });
  let [stdout, stderr] = ["", ""];
  child.stdout!.on("data", (text) => {
    stdout += text;
  });
  child.stderr!.on("data", (text) => {
    stderr += text;
  });
  const ended = new Promise<Ended>((resolve) => {
    child.on("close", (status) => resolve({ status, stdout, stderr }));
  });
  return { child, ended, stderr: () => stderr };
}

export const nlm = (args: readonly string[], cwd: string): Promise<Ended> => start(args, cwd).ended;
