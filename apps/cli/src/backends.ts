// The backends that the command line offers, opened by name. A backend's package is imported when it is opened, so
// that one which is not installed costs nothing and is unavailable by name.
import {
  type Backend,
  createReferenceBackend,
  isLangevinError,
  LangevinError,
} from "@neural-langevin/core";

/** One choice of `--backend`. */
export interface Offer {
  readonly id: string;
  readonly says: string;
  /** The package behind it. */
  readonly package: string;
  /** Words that may follow the name after a colon, in the order in which they are tried without one. */
  readonly modes: readonly string[];
  /** Whether it may become the default by being fast. */
  readonly fast: boolean;
  /** Scenarios of the contract that a mode is known to fail. */
  knownGaps?(mode: string | undefined): readonly string[];
  open(mode: string | undefined, threads: number | undefined): Promise<Backend>;
}

/** Every backend on offer. */
export const offers: readonly Offer[] = [
  {
    id: "cpu",
    says: "the processor, native or WebAssembly, on worker threads",
    package: "@neural-langevin/backend-cpu",
    modes: ["avx512", "avx2", "neon", "relaxed", "plain", "avx512-bf16", "amx"],
    fast: true,
    async open(mode, threads) {
      const { createCpuBackend } = await import("@neural-langevin/backend-cpu");
      return createCpuBackend({
        ...(threads !== undefined && { threads }),
        ...(mode !== undefined && { build: mode as "plain" }),
      });
    },
  },
  {
    id: "webgpu",
    says: "a graphics device through WebGPU",
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
    says: "TensorFlow.js",
    package: "@neural-langevin/backend-tfjs",
    modes: ["node-gpu", "node", "wasm", "cpu"],
    fast: true,
    async open(mode) {
      const { createTfjsBackend } = await import("@neural-langevin/backend-tfjs");
      return createTfjsBackend({ platform: mode as "cpu" });
    },
  },
  {
    id: "gpujs",
    says: "gpu.js",
    package: "@neural-langevin/backend-gpujs",
    modes: ["headlessgl", "webasm", "cpu"],
    fast: true,
    async open(mode) {
      const { createGpuJsBackend } = await import("@neural-langevin/backend-gpujs");
      return createGpuJsBackend({ mode: mode as "cpu" });
    },
  },
  {
    id: "reference",
    says: "the definitions in float64, slow",
    package: "@neural-langevin/core",
    modes: [],
    fast: false,
    open: async () => createReferenceBackend(),
  },
];

/** A backend of a table, and one of its modes where it has any. */
export interface Choice {
  readonly offer: Offer;
  readonly mode: string | undefined;
}

/** `ID` or `ID:MODE`. */
export const nameOf = ({ offer, mode }: Choice): string =>
  mode === undefined ? offer.id : `${offer.id}:${mode}`;

/** Every mode of a backend, or the backend itself where it has none. */
export const choicesOf = (offer: Offer): readonly Choice[] =>
  offer.modes.length === 0
    ? [{ offer, mode: undefined }]
    : offer.modes.map((mode) => ({ offer, mode }));

/**
 * The choices that a name leaves, in their order: one for `cpu:plain`, every mode for `cpu`.
 *
 * @throws invalid-value
 */
export function choicesNamed(name: string, table = offers): readonly Choice[] {
  const all = table.flatMap(choicesOf);
  const found = all.filter((choice) => nameOf(choice) === name || choice.offer.id === name);
  if (found.length > 0) return found;
  const names = table.flatMap((offer) => [...new Set([offer.id, ...choicesOf(offer).map(nameOf)])]);
  throw new LangevinError(
    "invalid-value",
    `There is no backend "${name}".`,
    `Choose one of ${names.join(", ")}.`,
  );
}

/**
 * Opens one choice.
 *
 * @throws unavailable, with a package that is not installed among the reasons
 */
export async function openChoice(choice: Choice, threads?: number): Promise<Backend> {
  const { offer, mode } = choice;
  try {
    return await offer.open(mode, threads);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_MODULE_NOT_FOUND") throw error;
    const missing = /package '([^']+)'/.exec((error as Error).message)?.[1] ?? offer.package;
    throw new LangevinError(
      "unavailable",
      `The package ${missing} is not installed.`,
      `Install it with: npm install ${missing}`,
      { cause: error },
    );
  }
}

/** A backend that computes, and its full name, with which the same one is opened again. */
export interface Opened {
  readonly name: string;
  readonly backend: Backend;
}

/** Whether a backend may be chosen without being named: one that rounds its products to bf16 may not. */
export const choosesItself = ({ device }: Backend): boolean => device.precision !== "bf16";

/** What an unavailable backend says. */
export const reasonOf = (error: unknown): string => {
  if (!(isLangevinError(error) && error.code === "unavailable")) throw error;
  return [error.message, error.remedy].filter(Boolean).join(" ");
};

/**
 * Opens a backend by its name: `cpu:plain`, or `cpu` for the first of its modes that is available in full precision.
 *
 * @throws invalid-value, unavailable
 */
export async function openNamed(name: string, threads?: number, table = offers): Promise<Opened> {
  const choices = choicesNamed(name, table);
  const reasons: string[] = [];
  for (const choice of choices) {
    try {
      const backend = await openChoice(choice, threads);
      if (choices.length === 1 || choosesItself(backend)) return { name: nameOf(choice), backend };
      await backend.close();
      reasons.push(
        `${nameOf(choice)} computes in ${backend.device.precision} and is only taken by its name.`,
      );
    } catch (error) {
      if (choices.length === 1) throw error;
      reasons.push(reasonOf(error));
    }
  }
  const all = [...new Set(reasons)].join(" ");
  throw new LangevinError("unavailable", `No mode of ${name} is available here. ${all}`);
}
