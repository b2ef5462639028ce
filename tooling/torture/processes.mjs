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

/** Starts Node as `start` does. */
export const startNode = (args, options) => start(process.execPath, args, options);

/** Starts a program; `ended` resolves when it is over, also by a signal. */
export function start(program, args, { cwd, env = {}, stdio = "pipe" } = {}) {
  const child = spawn(program, args, {
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

/** Milliseconds between two looks at how far a process is. */
const LOOK = 5;

/**
 * Sees how much of the processor a process takes, in seconds, whatever else runs, and kills it once it took `most`.
 *
 * @returns how much it took
 */
export async function followed({ child, ended }, most = Number.POSITIVE_INFINITY) {
  let taken = 0;
  const watch = setInterval(() => {
    taken = processorTime(child.pid) ?? taken;
    if (taken >= most) child.kill("SIGKILL");
  }, LOOK);
  const result = await ended;
  clearInterval(watch);
  return { ...result, taken };
}

/** Seconds of the processor that a process took so far; undefined where it is over. */
function processorTime(pid) {
  try {
    // The name of the program may hold spaces, and ends with the last bracket; times are counted in hundredths.
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1).split(" ");
    return (Number(fields[11]) + Number(fields[12])) / 100;
  } catch {
    return undefined;
  }
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
