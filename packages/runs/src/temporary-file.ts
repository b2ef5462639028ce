// Files that are being written, under names that say which process writes them, so that what a killed one left behind is
// told from what a living one needs.
import { createHash } from "node:crypto";
import { readdir, rm, stat } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { isOver, thisProcess } from "./process-identity.js";

const pattern = /^\.nlm-(?<host>[0-9a-f]{8})-(?<process>\d+)-(?<began>\d*)-\d+\.tmp$/;

/** A host's name may hold anything, so a few digits of its hash are in the name of a file. */
const hashOf = (host: string): string =>
  createHash("sha256").update(host).digest("hex").slice(0, 8);

let count = 0;

/** A new name in a folder. */
export function temporaryFile(folder: string): string {
  const { host, process: id, began } = thisProcess();
  count++;
  return join(folder, `.nlm-${hashOf(host)}-${id}-${began ?? ""}-${count}.tmp`);
}

/** Whether a name is one of `temporaryFile`. */
export const isTemporary = (name: string): boolean => pattern.test(name);

/** Whether a process of another machine is over shows in nothing but the age of its file. */
const OLD = 3600e3;

/** Removes what killed processes left half written in a folder; does nothing where the folder cannot be read. */
export async function sweepTemporaries(folder: string): Promise<void> {
  const names = await readdir(folder).catch((): string[] => []);
  for (const name of names) {
    const found = pattern.exec(name)?.groups;
    if (!found) continue;
    const file = join(folder, name);
    const here = found.host === hashOf(hostname());
    const left = here
      ? isOver({
          host: hostname(),
          process: Number(found.process),
          began: found.began || null,
        })
      : await stat(file).then(
          ({ mtimeMs }) => Date.now() - mtimeMs > OLD,
          () => false,
        );
    if (left) await rm(file, { force: true }).catch(() => {});
  }
}
