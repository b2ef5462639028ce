// A backend of one's own, named by the file or the package that opens it: what no table lists still trains, samples and is
// verified like any other.
import { existsSync } from "node:fs";
import { type Backend, isLangevinError, LangevinError } from "@neural-langevin/core";
import { requireContract } from "@neural-langevin/core/backend";
import { findModule, importModule, reasonOf } from "./own-module.js";

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

/**
 * The module that a name stands for: a file such as `./my-backend.js`, or a package that is installed beside `folder` or
 * beside this package.
 *
 * @returns undefined for a name that is neither
 */
export function findBackendModule(name: string, folder = "."): BackendModule | undefined {
  const found = findModule(name, folder, [import.meta.url]);
  return (
    found && { name: found.name, open: (options) => openModule(found.name, found.file, options) }
  );
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
  const open = openerOf(await importModule(file, name));
  if (!open) {
    throw new LangevinError(
      "bad-file",
      `${name} exports no function that opens a backend.`,
      "Export one as createBackend or as the default: it returns what defineBackend of @neural-langevin/core/backend makes.",
    );
  }
  const backend = await Promise.resolve(options)
    .then(open)
    .catch((cause: unknown) => {
      if (isLangevinError(cause)) throw cause;
      throw new LangevinError(
        "bad-file",
        `The backend of ${name} does not open: ${reasonOf(cause)}`,
        "Mend the function that it exports.",
        { cause },
      );
    });
  requireBackend(name, backend);
  try {
    requireContract(backend, `The backend of ${name}`);
  } catch (error) {
    await backend.close();
    throw error;
  }
  return backend;
}

/** Refuses what is not a backend at all. Throws bad-file. */
function requireBackend(name: string, value: unknown): asserts value is Backend {
  const { id, device, open, close } = (value ?? {}) as Partial<Backend>;
  const methods = [open, close].every((method) => typeof method === "function");
  if (typeof id === "string" && typeof device === "object" && methods) return;
  throw new LangevinError(
    "bad-file",
    `What ${name} opens is not a backend: id, device, open and close are not all there.`,
    "Make it with defineBackend of @neural-langevin/core/backend.",
  );
}
