// A folder that lists the files we wrote into it, in files.txt, so that replacing what it holds removes these files and
// nothing else. The list comes before the files: what it does not name is somebody else's.
import {
  appendFile,
  lstat,
  readdir,
  readFile,
  realpath,
  rename,
  rm,
  rmdir,
} from "node:fs/promises";
import { dirname, isAbsolute, join, normalize, sep } from "node:path";
import { LangevinError } from "@neural-langevin/core";
import { ifMissing, systemFailure } from "@neural-langevin/datasets/node";
import { FILE_LIST, type FolderKind, fileListText, parseFileList } from "./file-list.js";
import { isLockFile, takeLock } from "./lock.js";
import { makeFolder } from "./make-folder.js";
import { isTemporary, sweepTemporaries } from "./temporary-file.js";
import { writeWhole } from "./whole-file.js";

const articles: Readonly<Record<FolderKind, string>> = {
  run: "a run",
  experiment: "an experiment",
};

/** The file without which a folder holds nothing of its kind yet: its writer was stopped before anything was computed. */
const marks: Readonly<Record<FolderKind, string>> = {
  run: "manifest.json",
  experiment: "experiment.json",
};

/** The file that stands in the way of a path: the last of it that there is. */
async function fileOn(path: string): Promise<string> {
  const entry = await lstat(path).catch(() => undefined);
  return entry ? path : fileOn(dirname(path));
}

/** A folder of our own. Names of files are paths below it, with `/`. */
export class OwnFolder {
  /** The folder. */
  readonly path: string;
  /** What it holds. */
  readonly kind: FolderKind;
  #listed: Set<string> | undefined;
  #release: (() => Promise<void>) | undefined;

  constructor(path: string, kind: FolderKind) {
    this.path = path;
    this.kind = kind;
  }

  /**
   * Makes the folder, which must be missing or empty, and locks it.
   *
   * @param options.overwrite takes a folder that holds what is of this kind; of its files those are removed that we wrote
   * @throws exists; in-use; invalid-value, for an empty path; unavailable; not-found
   */
  async create(options: { readonly overwrite?: boolean | undefined } = {}): Promise<void> {
    const { path, kind } = this;
    await this.requireFree(options.overwrite);
    try {
      await makeFolder(path);
    } catch (error) {
      throw systemFailure(error, "write", path);
    }
    await this.lock();
    try {
      // Another process may have made it since.
      const own = await this.requireFree(options.overwrite);
      if (own) await this.#clear(own);
      await writeWhole(join(path, FILE_LIST), fileListText(kind, []));
      this.#listed = new Set();
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  /**
   * Refuses a folder that holds what may not be replaced.
   *
   * @returns our files in it; undefined where it has no list of them
   * @throws exists; unavailable; invalid-value, for an empty path
   */
  async requireFree(overwrite = false): Promise<string[] | undefined> {
    const { path, kind } = this;
    if (path === "") {
      throw new LangevinError(
        "invalid-value",
        `The folder of the ${kind} has an empty name.`,
        `Name a folder, such as runs/first.`,
      );
    }
    const entries = await this.#entries();
    const own = entries.includes(FILE_LIST) ? await this.#list() : undefined;
    const foreign = entries.filter((name) => !isLockFile(name) && !isTemporary(name));
    if (!own && foreign.length > 0) {
      throw new LangevinError(
        "exists",
        `The folder ${path} is not empty and is not ${articles[kind]}.`,
        `Choose another place for the ${kind}.`,
      );
    }
    const begun = own?.some((name) => name.includes("/")) || entries.includes(marks[kind]);
    if (own && begun && !overwrite) {
      throw new LangevinError(
        "exists",
        `There is ${articles[kind]} in ${path} already.`,
        "Choose another place, resume it, or say that it may be overwritten.",
      );
    }
    return own;
  }

  /**
   * Makes this process the only one that writes here, and sweeps what killed ones left half written.
   *
   * @throws in-use; unavailable; invalid-value, not-found, exists
   */
  async lock(): Promise<void> {
    this.#release ??= await takeLock(this.path, this.kind);
    for (const folder of [".", ...(await this.#folders())]) {
      await sweepTemporaries(join(this.path, folder));
    }
  }

  /** Lets other processes write here. */
  async close(): Promise<void> {
    await this.#release?.();
    this.#release = undefined;
  }

  /**
   * Writes a file whole.
   *
   * @throws exists, for a file of this name that we did not write; unavailable; invalid-value, not-found
   */
  async write(name: string, content: Uint8Array | string): Promise<string> {
    await this.own(name);
    const file = join(this.path, name);
    await writeWhole(file, content);
    return file;
  }

  /**
   * Adds to the end of a file; its folder is made when it is missing.
   *
   * @throws exists, for a file of this name that we did not write; unavailable; invalid-value, not-found
   */
  async append(name: string, content: Uint8Array | string): Promise<void> {
    await this.own(name);
    const file = join(this.path, name);
    try {
      await appendFile(file, content).catch(async (error: NodeJS.ErrnoException) => {
        if (error.code !== "ENOENT") throw error;
        await makeFolder(dirname(file));
        await appendFile(file, content);
      });
    } catch (error) {
      throw systemFailure(error, "write", file);
    }
  }

  /**
   * Notes that a file is ours, before it is written.
   *
   * @throws exists, for a file that is there and is not in the list; unavailable; invalid-value, not-found
   */
  async own(name: string): Promise<void> {
    const { path, kind } = this;
    const listed = await this.#names();
    if (listed.has(name)) return;
    const file = join(path, name);
    if (await lstat(file).catch(() => undefined)) {
      throw new LangevinError(
        "exists",
        `The ${kind} cannot write ${file}: it did not write the file of that name that is there.`,
        "Move that file elsewhere.",
      );
    }
    await this.#add(name);
    listed.add(name);
  }

  /**
   * Lists files as ours that a program wrote which keeps no list; does nothing where there is a list.
   *
   * @throws unavailable, invalid-value, not-found, exists
   */
  async adopt(names: readonly string[]): Promise<void> {
    if (await this.#list()) return;
    await writeWhole(join(this.path, FILE_LIST), fileListText(this.kind, names));
    this.#listed = new Set(names);
  }

  /**
   * Gives a file of ours another name in the folder.
   *
   * @throws exists, for a file of that name that we did not write; unavailable; invalid-value, not-found
   */
  async move(name: string, to: string): Promise<void> {
    await this.own(to);
    const file = join(this.path, to);
    try {
      await makeFolder(dirname(file));
      await rename(join(this.path, name), file);
    } catch (error) {
      throw systemFailure(error, "write", file);
    }
  }

  /**
   * Removes a file of ours, if it is there.
   *
   * @throws unavailable, invalid-value, not-found, exists
   */
  async remove(name: string): Promise<void> {
    if ((await this.#names()).has(name)) await removeFile(join(this.path, name));
  }

  async #names(): Promise<Set<string>> {
    this.#listed ??= new Set((await this.#list()) ?? []);
    return this.#listed;
  }

  /** Adds a name to the list. One that was only half written, as on a full disk, is never the beginning of the next. */
  async #add(name: string): Promise<void> {
    const file = join(this.path, FILE_LIST);
    try {
      const text = await readFile(file, "utf8").catch(ifMissing(file, ""));
      if (text.endsWith("\n")) await appendFile(file, `${name}\n`);
      else await writeWhole(file, fileListText(this.kind, [...(await this.#names()), name]));
    } catch (error) {
      throw systemFailure(error, "write", file);
    }
  }

  /** The names in the list; undefined where there is no list of this kind. */
  async #list(): Promise<string[] | undefined> {
    const file = join(this.path, FILE_LIST);
    const text = await readFile(file, "utf8").catch(ifMissing(file, ""));
    return parseFileList(text, this.kind);
  }

  async #entries(): Promise<string[]> {
    const { path, kind } = this;
    try {
      return await readdir(path);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "ENOENT") return [];
      if (code === "ENOTDIR") {
        throw new LangevinError(
          "exists",
          `${await fileOn(path)} is a file, but ${articles[kind]} needs a folder.`,
          `Choose another place for the ${kind}.`,
        );
      }
      throw systemFailure(error, "write", path);
    }
  }

  /** The folders of listed files below this one, the deepest first. */
  async #folders(): Promise<string[]> {
    const all = new Set<string>();
    for (const name of [...(await this.#names())].filter(isInside)) {
      for (let at = dirname(name); at !== "."; at = dirname(at)) all.add(at);
    }
    return [...all].sort((a, b) => b.length - a.length);
  }

  /** Removes the files of a list, and folders that become empty; first the one that says that something is here. */
  async #clear(names: readonly string[]): Promise<void> {
    const root = await realpath(this.path);
    const mark = marks[this.kind];
    const inside = names.filter((name) => name !== mark && isInside(name));
    for (const name of names.includes(mark) ? [mark, ...inside] : inside) {
      const file = join(this.path, name);
      // A folder that was replaced by a link leads to files that are not ours.
      const parent = await realpath(dirname(file)).catch(() => undefined);
      if (parent !== root && !parent?.startsWith(root + sep)) continue;
      const entry = await lstat(file).catch(() => undefined);
      if (entry && !entry.isDirectory()) await removeFile(file);
    }
    this.#listed = new Set(names);
    for (const folder of await this.#folders())
      await rmdir(join(this.path, folder)).catch(() => {});
  }
}

/** Removes a file, if it is there. Throws unavailable. */
async function removeFile(file: string): Promise<void> {
  try {
    await rm(file, { force: true });
  } catch (error) {
    throw systemFailure(error, "write", file);
  }
}

/** Whether a name of a list stays below its folder, so that an edited list cannot lead out of it. */
function isInside(name: string): boolean {
  const path = normalize(name);
  return !isAbsolute(path) && path !== "." && !path.split(/[\\/]/).includes("..");
}
