// One writer of a folder at a time: a file that names the process that writes, and is gone when it is done. A lock whose
// process is known to be dead does not hold.
import { readFileSync } from "node:fs";
import { open, readFile, rename, rm } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { LangevinError } from "@neural-langevin/core";
import { systemFailure } from "./system-failure.js";

/** The name of a lock in its folder. */
export const LOCK = "lock.json";

/** Who writes. */
interface Holder {
  readonly host: string;
  readonly process: number;
  /** When the lock was taken, ISO 8601. */
  readonly since: string;
  /** When the process began, in the kernel's ticks; null where the system does not say. It tells reused numbers apart. */
  readonly began: string | null;
}

/**
 * Takes the lock of a folder that is there.
 *
 * @param what what the folder holds, for messages, such as "run"
 * @returns how it is released
 * @throws in-use; unavailable
 */
export async function takeLock(folder: string, what: string): Promise<() => Promise<void>> {
  const file = join(folder, LOCK);
  const own: Holder = {
    host: hostname(),
    process: process.pid,
    since: new Date().toISOString(),
    began: beginning(process.pid),
  };
  try {
    if (!(await create(file, own))) {
      const found = await readHolder(file);
      if (found && !isDead(found)) throw held(file, folder, what, found);
      // Renaming is done by one process alone, so that two do not both take the place of the dead one.
      const aside = `${file}.${process.pid}`;
      await rename(file, aside).catch(() => {});
      await rm(aside, { force: true });
      if (!(await create(file, own))) throw held(file, folder, what, await readHolder(file));
    }
  } catch (error) {
    throw systemFailure(error, "write", file);
  }
  return () => rm(file, { force: true });
}

async function create(file: string, holder: Holder): Promise<boolean> {
  try {
    const handle = await open(file, "wx");
    await handle.writeFile(`${JSON.stringify(holder)}\n`).finally(() => handle.close());
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/** Who holds a lock; undefined where it was released meanwhile. */
async function readHolder(file: string): Promise<Partial<Holder> | undefined> {
  const text = await readFile(file, "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    return (JSON.parse(text) ?? {}) as Partial<Holder>;
  } catch {
    // It is being written, or its writer died at that.
    return {};
  }
}

/** Whether the process of a lock is known to be over: only on its own machine. */
function isDead({ host, process: id, began }: Partial<Holder>): boolean {
  if (host !== hostname() || id === undefined) return false;
  try {
    process.kill(id, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
  const now = beginning(id);
  return typeof began === "string" && now !== null && now !== began;
}

function beginning(id: number): string | null {
  try {
    // The command in parentheses may hold spaces; the beginning is the 20th field after it.
    const text = readFileSync(`/proc/${id}/stat`, "utf8");
    return text.slice(text.lastIndexOf(")") + 2).split(" ")[19] ?? null;
  } catch {
    return null;
  }
}

function held(file: string, folder: string, what: string, holder: Partial<Holder> = {}) {
  const { host, process: id, since } = holder;
  const who = id === undefined ? "another process" : `process ${id} on ${host}, since ${since}`;
  return new LangevinError(
    "in-use",
    `The ${what} ${folder} is being written by ${who}.`,
    `Wait for it, or stop it. If that process is over, delete ${file}.`,
  );
}
