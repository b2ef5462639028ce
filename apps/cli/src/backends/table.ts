// The backends that the command line offers, opened by name. A backend's package is imported when it is opened, so
// that one which is not installed costs nothing and is unavailable by name.
import type { CpuBuild } from "@neural-langevin/backend-cpu";
import type { GpuJsMode } from "@neural-langevin/backend-gpujs";
import { mayBeDefault, unavailableReason } from "@neural-langevin/backend-testkit";
import type { TfjsPlatform } from "@neural-langevin/backend-tfjs";
import { type Backend, createReferenceBackend, LangevinError } from "@neural-langevin/core";
import {
  type BackendModule,
  findBackendModule,
  type NamedBackend,
} from "@neural-langevin/runs/node";

/** A backend that `--backend` may name. */
export interface BackendEntry<Mode extends string = string> {
  readonly id: string;
  readonly description: string;
  /** The package behind it. */
  readonly package: string;
  /** Modes that may follow the name after a colon, in the order in which they are tried when none is given. */
  readonly modes: readonly Mode[];
  /** Whether it may become the default by being fast. */
  readonly fast: boolean;
  /** Scenarios of the contract that a mode is known to fail. */
  knownGaps?(mode: Mode | undefined): readonly string[];
  open(mode: Mode | undefined, threads: number | undefined): Promise<Backend>;
}

/** Every backend, in the order in which it is shown. */
export const backendTable: readonly BackendEntry[] = [
  {
    id: "cpu",
    description: "the processor, native or WebAssembly, on worker threads",
    package: "@neural-langevin/backend-cpu",
    modes: ["avx512", "avx2", "neon", "relaxed", "plain", "avx512-bf16", "amx"],
    fast: true,
    async open(mode, threads) {
      const { createCpuBackend } = await import("@neural-langevin/backend-cpu");
      return createCpuBackend({ threads, build: mode });
    },
  } satisfies BackendEntry<CpuBuild>,
  {
    id: "webgpu",
    description: "a graphics device through WebGPU",
    package: "@neural-langevin/backend-webgpu",
    modes: [],
    fast: true,
    async open() {
      const { createWebGpuBackend } = await import("@neural-langevin/backend-webgpu");
      return createWebGpuBackend();
    },
  },
  {
    id: "tfjs",
    description: "TensorFlow.js",
    package: "@neural-langevin/backend-tfjs",
    modes: ["node-gpu", "node", "wasm", "cpu"],
    fast: true,
    async open(mode) {
      const { createTfjsBackend } = await import("@neural-langevin/backend-tfjs");
      return createTfjsBackend({ platform: mode });
    },
  } satisfies BackendEntry<TfjsPlatform>,
  {
    id: "gpujs",
    description: "gpu.js",
    package: "@neural-langevin/backend-gpujs",
    modes: ["headlessgl", "webasm", "cpu"],
    fast: true,
    async open(mode) {
      const { createGpuJsBackend } = await import("@neural-langevin/backend-gpujs");
      return createGpuJsBackend({ mode });
    },
  } satisfies BackendEntry<GpuJsMode>,
  {
    id: "reference",
    description: "the definitions in float64, slow",
    package: "@neural-langevin/core",
    modes: [],
    fast: false,
    open: async () => createReferenceBackend(),
  },
];

/** A backend in one of its modes, where it has any. */
export interface BackendMode {
  readonly entry: BackendEntry;
  readonly mode: string | undefined;
}

/** `ID` or `ID:MODE`. */
export const nameOf = ({ entry, mode }: BackendMode): string =>
  mode === undefined ? entry.id : `${entry.id}:${mode}`;

/** Every mode of a backend, or the backend itself where it has none. */
export const modesOf = (entry: BackendEntry): readonly BackendMode[] =>
  entry.modes.length === 0
    ? [{ entry, mode: undefined }]
    : entry.modes.map((mode) => ({ entry, mode }));

/** A backend that the table does not list: the module of somebody's own that opens it. */
const entryOf = ({ name, open }: BackendModule): BackendEntry => ({
  id: name,
  description: "a module",
  package: name,
  modes: [],
  fast: false,
  open: (_, threads) => open({ threads }),
});

/**
 * The modes that a name stands for, in their order: one for `cpu:plain`, all for `cpu`, one for a module.
 *
 * @throws invalid-value
 */
export function modesNamed(name: string, table = backendTable): readonly BackendMode[] {
  const all = table.flatMap(modesOf);
  const found = all.filter((mode) => nameOf(mode) === name || mode.entry.id === name);
  if (found.length > 0) return found;
  const module = findBackendModule(name);
  if (module) return [{ entry: entryOf(module), mode: undefined }];
  const names = table.flatMap((entry) => [...new Set([entry.id, ...modesOf(entry).map(nameOf)])]);
  throw new LangevinError(
    "invalid-value",
    `There is no backend "${name}", and no package of that name is installed.`,
    `Choose one of ${names.join(", ")}, or name a module, for example ./my-backend.js.`,
  );
}

/**
 * Opens a backend in one mode.
 *
 * @throws unavailable, with a package that is not installed among the reasons
 */
export async function openMode({ entry, mode }: BackendMode, threads?: number): Promise<Backend> {
  try {
    return await entry.open(mode, threads);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_MODULE_NOT_FOUND") throw error;
    const missing = /package '([^']+)'/.exec((error as Error).message)?.[1] ?? entry.package;
    throw new LangevinError(
      "unavailable",
      `The package ${missing} is not installed.`,
      `Install it with: npm install ${missing}`,
      { cause: error },
    );
  }
}

/**
 * Opens a backend by its name: `cpu:plain`, or `cpu` for the first of its modes that is available in full precision.
 *
 * @throws invalid-value, unavailable
 */
export async function openNamed(
  name: string,
  threads?: number,
  table = backendTable,
): Promise<NamedBackend> {
  const modes = modesNamed(name, table);
  const reasons: string[] = [];
  for (const mode of modes) {
    try {
      const backend = await openMode(mode, threads);
      if (modes.length === 1 || mayBeDefault(backend)) return { name: nameOf(mode), backend };
      await backend.close();
      reasons.push(
        `${nameOf(mode)} computes in ${backend.device.precision} and is only used when it is named in full.`,
      );
    } catch (error) {
      if (modes.length === 1) throw error;
      reasons.push(unavailableReason(error));
    }
  }
  const all = [...new Set(reasons)].join(" ");
  throw new LangevinError("unavailable", `No mode of ${name} is available here. ${all}`);
}
