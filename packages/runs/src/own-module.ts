// A module of one's own, such as a backend or an experiment, named by its file or by the package that it comes in.
import { createRequire } from "node:module";
import { isAbsolute, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { isLangevinError, LangevinError } from "@neural-langevin/core";

/** A module that may be imported. */
export interface OwnModule {
  /** What finds it again from any folder: the absolute path of a file, or the name of a package. */
  readonly name: string;
  /** Its file, which need not be there where a file was named. */
  readonly file: string;
}

const isFileName = (name: string): boolean =>
  /^\.{0,2}[/\\]|\.[cm]?[jt]s$/.test(name) || isAbsolute(name);

/**
 * The module that a name stands for: a file such as `./my-backend.js`, or a package that is installed.
 *
 * @param folder where relative paths and packages count from
 * @param beside files or addresses beside which packages are looked for too
 * @returns undefined for a name that is neither
 */
export function findModule(
  name: string,
  folder: string,
  beside: readonly string[] = [],
): OwnModule | undefined {
  if (isFileName(name)) {
    const file = resolve(folder, name);
    return { name: file, file };
  }
  for (const from of [join(resolve(folder), "any.js"), ...beside]) {
    try {
      const file = createRequire(from).resolve(name);
      // The modules of Node itself have names and no files.
      if (isAbsolute(file)) return { name, file };
    } catch {}
  }
  return undefined;
}

/** What somebody else's code says went wrong, as the end of a sentence. */
export function reasonOf(cause: unknown): string {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return /[.!?]$/.test(reason) ? reason : `${reason}.`;
}

/**
 * Imports a module.
 *
 * @param name what it is called in the message
 * @throws bad-file, where it does not load; a LangevinError of the module itself as it is
 */
export const importModule = (file: string, name: string): Promise<Record<string, unknown>> =>
  import(pathToFileURL(file).href).catch((cause) => {
    if (isLangevinError(cause)) throw cause;
    throw new LangevinError(
      "bad-file",
      `${name} does not load: ${reasonOf(cause)}`,
      `Make \`node ${file}\` run without an error first.`,
      { cause },
    );
  });
