// One writer of a folder at a time: a file that names the process that writes, and is gone when it is done. A lock whose
// process is known to be over does not hold.
import { access, link, open, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { LangevinError } from "@neural-langevin/core";
import { systemFailure } from "@neural-langevin/datasets/node";
import { isOver, type ProcessIdentity, thisProcess } from "./process-identity.js";
import { temporaryFile } from "./temporary-file.js";

/** The name of a lock in its folder. */
const LOCK = "lock.json";

/** The lock under which a lock of a process that is over is replaced. */
const TAKEOVER = ".takeover";

/** Whether a name in a folder belongs to its lock. */
export const isLockFile = (name: string): boolean =>
  name.startsWith(LOCK) && name.slice(LOCK.length).replaceAll(TAKEOVER, "") === "";

/** Who writes; what of it is known. */
export interface LockHolder extends ProcessIdentity {
  /** When the lock was taken, ISO 8601. */
  readonly since: string;
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
  const text = `${JSON.stringify({ ...thisProcess(), since: new Date().toISOString() })}\n`;
  try {
    if (!(await take(file, text))) throw held(file, folder, what, await readHolder(file));
  } catch (error) {
    throw systemFailure(error, "write", file);
  }
  return () => release(file, text);
}

/**
 * Makes a lock, or replaces one whose process is over; false where a process holds it. It is replaced under a lock of its
 * own and by one rename, so that of several processes that find it at once no two succeed.
 */
async function take(file: string, text: string): Promise<boolean> {
  if (await create(file, text)) return true;
  if (!isOver(await readHolder(file))) return false;
  const takeover = `${file}${TAKEOVER}`;
  if (!(await take(takeover, text))) return false;
  try {
    // Another process may have replaced it before.
    if (!isOver(await readHolder(file))) return false;
    const draft = temporaryFile(dirname(file));
    await writeFile(draft, text, { flag: "wx" });
    await rename(draft, file);
    return true;
  } finally {
    await release(takeover, text);
  }
}

/** What file systems without hard links answer. */
const unlinkable = ["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK", "EINVAL"];

/** Makes a file with its text at once, where there is none of its name. */
async function create(file: string, text: string): Promise<boolean> {
  const draft = temporaryFile(dirname(file));
  try {
    await writeFile(draft, text, { flag: "wx" });
    await link(draft, file).catch(async (error: NodeJS.ErrnoException) => {
      if (!unlinkable.includes(error.code ?? "")) throw error;
      const handle = await open(file, "wx");
      await handle.writeFile(text).finally(() => handle.close());
    });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

/** Removes a lock that is still this one. */
async function release(file: string, text: string): Promise<void> {
  try {
    if ((await readFile(file, "utf8")) === text) await rm(file, { force: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") {
      throw systemFailure(error, "write", file);
    }
  }
}

/** Who holds a lock; nobody known where it was released meanwhile or cannot be read. */
async function readHolder(file: string): Promise<Partial<LockHolder>> {
  try {
    return (JSON.parse(await readFile(file, "utf8")) ?? {}) as Partial<LockHolder>;
  } catch {
    return {};
  }
}

/** Who writes in a folder: nobody where there is no lock, or that of a process that is known to be over. */
export async function lockHolder(folder: string): Promise<Partial<LockHolder> | undefined> {
  const file = join(folder, LOCK);
  const isThere = await access(file).then(
    () => true,
    () => false,
  );
  const holder = await readHolder(file);
  return isThere && !isOver(holder) ? holder : undefined;
}

/** A process in words, such as "process 12 on tower, since 2026-01-01T00:00:00.000Z". */
export const describeHolder = ({ host, process: id, since }: Partial<LockHolder>): string =>
  id === undefined ? "another process" : `process ${id} on ${host}, since ${since}`;

function held(file: string, folder: string, what: string, holder: Partial<LockHolder>) {
  return new LangevinError(
    "in-use",
    `The ${what} ${folder} is being written by ${describeHolder(holder)}.`,
    `Wait for it, or stop it. If that process is over, delete ${file}.`,
  );
}
