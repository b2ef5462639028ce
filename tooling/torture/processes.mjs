// Processes that are started and killed, and folders that they work in.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const cli = fileURLToPath(new URL("../../apps/cli/dist/main.js", import.meta.url));

/** A folder that is gone when the work in it is done. */
export async function inScratchFolder(work) {
  const folder = mkdtempSync(join(tmpdir(), "nlm-torture-"));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Starts Node; `ended` resolves when it is over, also by a signal. */
export function startNode(args, { cwd, env = {}, stdio = "pipe" } = {}) {
  const child = spawn(process.execPath, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe", ...(stdio === "ipc" ? ["ipc"] : [])],
  });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (text) => {
    stdout += text;
  });
  child.stderr.on("data", (text) => {
    stderr += text;
  });
  const ended = new Promise((resolve) => {
    child.on("close", (status, signal) => resolve({ status, signal, stdout, stderr }));
  });
  return { child, ended };
}

/** Starts the command line on one thread of the processor, with a cache of its own. */
export const startNlm = (args, folder) =>
  startNode([cli, ...args], { cwd: folder, env: { NLM_CACHE: join(folder, "cache") } });

/** Runs the command line to its end. Throws where it does not end well. */
export async function nlm(args, folder) {
  const ended = await startNlm(args, folder).ended;
  if (ended.status === 0) return ended;
  throw new Error(`nlm ${args.join(" ")} ended with ${ended.status}: ${ended.stderr}`);
}

/** SHA-256 of every file below a folder, by its path. */
export function filesBelow(folder) {
  const names = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
  const hash = (name) =>
    createHash("sha256")
      .update(readFileSync(join(folder, name)))
      .digest("hex");
  return new Map(names.sort().map((name) => [name, hash(name)]));
}

/** Does work on some things, so many at once, in their order. */
export async function each(things, atOnce, work) {
  const waiting = [...things.entries()];
  const worker = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) await work(next[1], next[0]);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}
