// A backend of one's own, named by the file or the package that opens it: what no table lists still trains, samples and is
// verified like any other.
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { isAbsolute, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { type Backend, isLangevinError, LangevinError } from "@neural-langevin/core";
import { requireContract } from "@neural-langevin/core/backend";

/** What the function that a module exports is called with. */
export interface BackendModuleOptions {
  /** Threads that were asked for; undefined leaves them to the backend. */
  readonly threads?: number | undefined;
}

/** A module that opens a backend: it exports a function, as `createBackend` or as its default. */
export interface BackendModule {
  /** What finds it again from any folder: the absolute path of a file, or the name of a package. */
  readonly name: string;
  /**
   * Imports the module and opens its backend.
   *
   * @throws unavailable (no such file), bad-file (it does not load, exports no such function, or opens no backend),
   *   unsupported (another version of the contract), and what the function itself throws
   */
  open(options?: BackendModuleOptions): Promise<Backend>;
}

const isFileName = (name: string): boolean =>
  /^\.{0,2}[/\\]|\.[cm]?[jt]s$/.test(name) || isAbsolute(name);

/**
 * The module that a name stands for: a file such as `./my-backend.js`, or a package that is installed beside `folder` or
 * beside this package.
 *
 * @returns undefined for a name that is neither
 */
export function findBackendModule(name: string, folder = "."): BackendModule | undefined {
  if (isFileName(name)) {
    const file = resolve(folder, name);
    return { name: file, open: (options) => openModule(file, file, options) };
  }
  for (const from of [join(resolve(folder), "any.js"), import.meta.url]) {
    try {
      const file = createRequire(from).resolve(name);
      // The modules of Node itself have names and no files.
      if (isAbsolute(file)) return { name, open: (options) => openModule(name, file, options) };
    } catch {}
  }
  return undefined;
}

/** The function of a module that opens a backend. */
function openerOf(loaded: Record<string, unknown>): ((options: object) => unknown) | undefined {
  const { createBackend, default: main } = loaded;
  const inner = (main as { createBackend?: unknown } | undefined)?.createBackend;
  return [createBackend, main, inner].find((one) => typeof one === "function") as undefined;
}

async function openModule(
  name: string,
  file: string,
  options: BackendModuleOptions = {},
): Promise<Backend> {
  if (!existsSync(file)) {
    throw new LangevinError(
      "unavailable",
      `There is no file ${file} that could open a backend.`,
      "Name a module that exports createBackend.",
    );
  }
  const failed = (what: string, remedy: string) => (cause: unknown) => {
    if (isLangevinError(cause)) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new LangevinError("bad-file", `${what}: ${reason}`, remedy, { cause });
  };
  const loaded: Record<string, unknown> = await import(pathToFileURL(file).href).catch(
    failed(`${name} does not load`, `Make \`node ${file}\` run without an error first.`),
  );
  const open = openerOf(loaded);
  if (!open) {
    throw new LangevinError(
      "bad-file",
      `${name} exports no function that opens a backend.`,
      "Export one as createBackend or as the default: it returns what defineBackend of @neural-langevin/core/backend makes.",
    );
  }
  const backend = await Promise.resolve(options)
    .then(open)
    .catch(failed(`The backend of ${name} does not open`, "Mend the function that it exports."));
  requireBackend(name, backend);
  try {
    requireContract(backend, `The backend of ${name}`);
  } catch (error) {
    await backend.close();
    throw error;
  }
  return backend;
}

/** Refuses what is no backend at all. Throws bad-file. */
function requireBackend(name: string, value: unknown): asserts value is Backend {
  const { id, device, open, close } = (value ?? {}) as Partial<Backend>;
  const methods = [open, close].every((method) => typeof method === "function");
  if (typeof id === "string" && typeof device === "object" && methods) return;
  throw new LangevinError(
    "bad-file",
    `What ${name} opens is no backend: id, device, open and close are not all there.`,
    "Make it with defineBackend of @neural-langevin/core/backend.",
  );
}
