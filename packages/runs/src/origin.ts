// What called a program, and where: for the record of what it makes.
import { execFile } from "node:child_process";
import { hostname } from "node:os";
import { promisify } from "node:util";
import type { Origin } from "./provenance.js";

/**
 * The origin of what a program makes now: the host, the command, and where the program is in a Git repository its
 * commit, with "-dirty" where files of it were changed since.
 *
 * @param command the program's name and its arguments
 */
export async function originOf(command: readonly string[]): Promise<Origin> {
  const args = ["describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"];
  const commit = await promisify(execFile)("git", args, { timeout: 5000 }).then(
    ({ stdout }) => stdout.trim() || undefined,
    // There is no repository, no commit yet, or no Git.
    () => undefined,
  );
  return { host: hostname(), command, commit };
}
