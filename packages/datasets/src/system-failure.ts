// Failures of the system in words, for all that reads or writes files: what could not be done to which path, and why.
import { type ErrorCode, isLangevinError, LangevinError } from "@neural-langevin/core";

/** What was being done to a path. */
export type Doing = "read" | "write";

type Sentence = readonly [code: ErrorCode, problem: string, remedy: string];

const elsewhere = "Choose another place.";

/** Failures by the system's name of them; in a problem, PATH is the path. */
const failures: Readonly<Record<Doing, Readonly<Record<string, Sentence>>>> = {
  read: {
    ENOENT: ["not-found", "There is no file PATH.", "Check the path."],
    ENOTDIR: ["not-found", "There is no file PATH.", "Check the path."],
    ENAMETOOLONG: [
      "not-found",
      "There is no file PATH: the name is too long.",
      "Shorten the name.",
    ],
    EISDIR: ["bad-file", "PATH is a folder, not a file.", "Name a file."],
    EACCES: ["unavailable", "PATH may not be read by this user.", "Check who may read it."],
    EPERM: ["unavailable", "PATH may not be read by this user.", "Check who may read it."],
  },
  write: {
    ENOENT: ["not-found", "PATH cannot be written: its folder is missing.", elsewhere],
    ENOTDIR: ["exists", "PATH cannot be written: a part of its path is not a folder.", elsewhere],
    ENAMETOOLONG: [
      "invalid-value",
      "PATH cannot be written: the name is too long.",
      "Shorten the name.",
    ],
    EISDIR: ["exists", "PATH is a folder, so it cannot be written as a file.", elsewhere],
    EEXIST: ["exists", "PATH cannot be written: something of that name exists already.", elsewhere],
    EACCES: ["unavailable", "PATH may not be written by this user.", elsewhere],
    EPERM: ["unavailable", "PATH may not be written by this user.", elsewhere],
    EROFS: ["unavailable", "PATH cannot be written: its file system is read-only.", elsewhere],
    ENOSPC: [
      "unavailable",
      "PATH cannot be written: the disk is full.",
      "Make room, or choose another place.",
    ],
    EDQUOT: [
      "unavailable",
      "PATH cannot be written: the quota of the disk is used up.",
      "Make room, or choose another place.",
    ],
    EFBIG: [
      "unavailable",
      "PATH cannot be written: the file would be larger than the system allows.",
      "Raise the limit (ulimit -f), or choose another file system.",
    ],
  },
};

const shared: Readonly<Record<string, Sentence>> = {
  ELOOP: ["bad-file", "PATH is a link that leads to itself.", "Check the link."],
  EMFILE: [
    "unavailable",
    "PATH cannot be opened: too many files are open.",
    "Raise the limit (ulimit -n).",
  ],
  ENFILE: [
    "unavailable",
    "PATH cannot be opened: too many files are open on this machine.",
    "Close other programs.",
  ],
  EIO: ["unavailable", "The device that holds PATH reports a failure.", "Check the disk."],
  EBUSY: ["unavailable", "PATH is in use by the system.", elsewhere],
};

/**
 * A failure of the system as an error with a sentence, to be thrown; any other value is returned as it is.
 *
 * @param path what was read or written; the path that the system names unless given
 */
export function systemFailure(error: unknown, doing: Doing, path?: string): unknown {
  if (isLangevinError(error) || !(error instanceof Error)) return error;
  const { code, syscall, path: named } = error as NodeJS.ErrnoException;
  if (code === undefined || syscall === undefined) return error;
  const place = path ?? named ?? "A file";
  const other = `PATH cannot be ${doing === "read" ? "read" : "written"}: ${syscall} fails with ${code}.`;
  const [kind, problem, remedy] = failures[doing][code] ??
    shared[code] ?? ["unavailable", other, elsewhere];
  return new LangevinError(
    kind,
    problem.replace("PATH", () => place),
    remedy,
    { cause: error },
  );
}

/**
 * What to make of a failed look at a path: another value where nothing is there; any other failure, such as a folder that
 * may not be read or too many open files, is thrown, so that nothing is taken for missing that only could not be seen.
 *
 * @throws what `systemFailure` makes of it
 */
export const ifMissing =
  <Value>(path: string, missing: Value) =>
  (error: unknown): Value => {
    const failure = systemFailure(error, "read", path);
    // No system has files with a null byte in their name, and Node does not ask it.
    if (isLangevinError(failure, "not-found") || path.includes("\0")) return missing;
    throw failure;
  };
