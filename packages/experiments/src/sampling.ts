// Chains of a trained network that are observed at chosen steps and go on, after an interruption, where they were.
import { mean } from "@neural-langevin/analysis";
import {
  type Backend,
  type ChainGaussian,
  chainMean,
  chainNoise,
  FRESH_CHAINS,
  type Integrator,
  isLangevinError,
  type LangevinFrame,
  langevin,
  type Network,
  type Session,
  streams,
  type WorkOptions,
  writeNetwork,
} from "@neural-langevin/core";
import type { TrainingSettings } from "@neural-langevin/runs";
import { decodeArrays, encodeArrays, type ObservedRow, stackRows, unstackRows } from "./arrays.js";
import type { ExperimentStorage } from "./storage.js";

/** What is sampled, and what is observed of it. */
export interface SamplingPlan<Row extends ObservedRow> {
  /** J, shape [N][N], and b, shape [N]. */
  readonly network: Pick<Network, "couplings" | "bias">;
  /** How many. */
  readonly chains: number;
  /** Time per step. */
  readonly dt: number;
  /** How a step is taken. */
  readonly integrator: Integrator;
  /** T of all chains. */
  readonly temperature: number;
  /** States x at step 0, shape [chains][N]; N(0, 1) unless given. */
  readonly start?: Float32Array | undefined;
  /** Steps after which the chains are observed, ascending; 0 is the start. */
  readonly at: readonly number[];
  /** What is kept of a frame; every frame has the same names and lengths. */
  observe(frame: LangevinFrame, session: Session): Row | Promise<Row>;
}

/** How the chains of a training's machine run: as those of the training did. */
export const paceOf = ({
  "step-size": dt,
  integrator,
  temperature,
}: TrainingSettings): Pick<SamplingPlan<ObservedRow>, "dt" | "integrator" | "temperature"> => ({
  dt,
  integrator,
  temperature,
});

/** Where chains run and where they are kept when they are interrupted. */
export interface SamplingPlace extends WorkOptions {
  readonly name: string;
  readonly backend: Backend;
  readonly seed: number;
  readonly storage: ExperimentStorage;
}

/** Floating-point operations between two reports of progress, and seconds between two times that chains are kept. */
const REPORT_EVERY = 2e10;
const KEEP_EVERY = 30;
/** The file in which chains are kept when they are interrupted. */
export const keptChains = (name: string): string => `arrays/${name}.partial.npz`;

/** What separates observed arrays from the chains' own in the file of an interruption. */
const OBSERVED = "observed.";

/**
 * Runs the chains. Their noise is that of fresh chains, which no training saw.
 *
 * @returns what was observed, one row for each of `at`
 * @throws aborted, with the chains kept for the next call; diverged
 */
export async function sampleChains<Row extends ObservedRow>(
  { name, backend, seed, storage, signal, onProgress }: SamplingPlace,
  plan: SamplingPlan<Row>,
): Promise<readonly Row[]> {
  const { network, chains, dt, integrator, temperature, at } = plan;
  const units = network.bias.length;
  const file = keptChains(name);
  const kept = await readKept<Row>(storage, file);
  const rows = [...kept.rows];
  const total = at.at(-1)!;
  const session = await backend.open({ units, chains, seed, firstChain: FRESH_CHAINS });
  const keep = async () => {
    const observed = Object.entries(stackRows(rows));
    const arrays = {
      chains: { shape: [chains, units], values: await session.read("chains") },
      // A session that has not moved yet knows nothing of the steps before it.
      step: { shape: [1], values: Float64Array.of(Math.max(kept.step, session.nextStep)) },
      ...Object.fromEntries(observed.map(([key, array]) => [OBSERVED + key, array])),
    };
    await storage.write(file, encodeArrays(arrays));
  };
  try {
    writeNetwork(session, { units, ...network });
    let keptAt = performance.now();
    const frames = langevin(session, {
      stages: [{ steps: total - kept.step, temperature }],
      dt,
      integrator,
      start: kept.chains ?? plan.start ?? "fresh",
      firstStep: kept.step,
      every: Math.max(1, Math.round(REPORT_EVERY / (4 * units ** 2 * chains))),
      at: at.slice(rows.length).map((step) => step - kept.step),
      signal,
    });
    for await (const frame of frames) {
      if (frame.step === at[rows.length]) rows.push(await plan.observe(frame, session));
      const values = { energy: mean(frame.energies) / units };
      onProgress?.({ task: name, done: frame.step, total, unit: "steps", values });
      if (frame.step < total && performance.now() - keptAt > 1000 * KEEP_EVERY) {
        await keep();
        keptAt = performance.now();
      }
    }
  } catch (error) {
    if (isLangevinError(error, "aborted")) await keep();
    throw error;
  } finally {
    await session.close();
  }
  return rows;
}

/** Fresh chains as they begin, shape [chains][units]; see `ChainGaussian`. */
export function startingStates(
  seed: number,
  chains: number,
  units: number,
  start: ChainGaussian = {},
): Float32Array {
  const source = { seed, stream: streams.initialState, step: 0 };
  const states = new Float32Array(chains * units);
  for (let chain = 0; chain < chains; chain++) {
    const noise = chainNoise(source, FRESH_CHAINS + chain, units);
    const centre = chainMean(start, source, FRESH_CHAINS + chain, units);
    const state = noise.map((value, unit) => centre[unit]! + (start.spread ?? 1) * value);
    states.set(state, chain * units);
  }
  return states;
}

/** What an interruption left: chains, their step, and what was observed before it. */
async function readKept<Row extends ObservedRow>(
  storage: ExperimentStorage,
  file: string,
): Promise<{ chains: Float32Array | undefined; step: number; rows: Row[] }> {
  const bytes = await storage.read(file);
  if (!bytes) return { chains: undefined, step: 0, rows: [] };
  const { chains, step, ...rest } = decodeArrays(bytes, file);
  const observed = Object.entries(rest).map(([key, array]) => [key.slice(OBSERVED.length), array]);
  const columns = Object.entries(unstackRows<Row>(Object.fromEntries(observed)));
  const count = columns[0]?.[1].length ?? 0;
  const rows = Array.from(
    { length: count },
    (_, row) => Object.fromEntries(columns.map(([key, column]) => [key, column[row]!])) as Row,
  );
  return { chains: chains!.values as Float32Array, step: step!.values[0]!, rows };
}
