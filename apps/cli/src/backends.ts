// The backends that the command line offers, opened by name.
import { type CpuBuild, createCpuBackend } from "@neural-langevin/backend-cpu";
import { type Backend, createReferenceBackend, LangevinError } from "@neural-langevin/core";

/** One choice of `--backend`. */
interface Offer {
  readonly id: string;
  readonly says: string;
  /** Words that may follow the name after a colon. */
  readonly modes: readonly string[];
  open(mode: string | undefined, threads: number | undefined): Promise<Backend>;
}

/** Every backend on offer, the default first. */
export const offers: readonly Offer[] = [
  {
    id: "cpu",
    says: "the processor, native or WebAssembly, on worker threads",
    modes: ["avx512", "avx2", "neon", "relaxed", "plain"],
    open: (mode, threads) =>
      createCpuBackend({
        ...(threads !== undefined && { threads }),
        ...(mode !== undefined && { build: mode as CpuBuild }),
      }),
  },
  {
    id: "reference",
    says: "the definitions in float64, slow",
    modes: [],
    open: async () => createReferenceBackend(),
  },
];

/**
 * Opens a backend by its name, `cpu` or `cpu:plain`.
 *
 * @throws invalid-value, unavailable
 */
export async function openBackend(name = "cpu", threads?: number): Promise<Backend> {
  const [id, mode] = name.split(":", 2);
  const offer = offers.find((candidate) => candidate.id === id);
  if (!offer || (mode !== undefined && !offer.modes.includes(mode))) {
    const names = offers.flatMap(({ id, modes }) => [id, ...modes.map((word) => `${id}:${word}`)]);
    throw new LangevinError(
      "invalid-value",
      `There is no backend "${name}".`,
      `Choose one of ${names.join(", ")}.`,
    );
  }
  return offer.open(mode, threads);
}
