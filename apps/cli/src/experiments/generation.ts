// Chains of a trained machine that are read at chosen steps and go on, after an interruption, where they were.
import {
  type Backend,
  FRESH_CHAINS,
  type Integrator,
  LangevinError,
  type Session,
  streams,
} from "@neural-langevin/core";
import type { NpyArray } from "@neural-langevin/datasets";
import { encodeSafetensors, openSafetensors } from "@neural-langevin/runs";
import { mean } from "../mean.js";
import { Progress } from "../progress.js";
import type { Terminal } from "../terminal.js";
import type { ExperimentFolder } from "./experiment-folder.js";

/** What is generated, and what is read of it. */
export interface Generation {
  readonly machine: { readonly couplings: Float32Array; readonly bias: Float32Array };
  readonly chains: number;
  readonly dt: number;
  readonly integrator: Integrator;
  readonly temperature: number;
  /** States x at step 0, shape [chains][N]; N(0, 1) unless given. */
  readonly start?: Float32Array;
  /** Nonzero marks a unit that keeps its value, shape [N]. */
  readonly pinned?: Uint8Array;
  /** Steps after which the chains are read, ascending; 0 is the start. */
  readonly at: readonly number[];
  /** Numbers of the chains where they stand, always equally many. */
  read(session: Session, step: number): Promise<ArrayLike<number>>;
}

interface Surroundings {
  readonly name: string;
  readonly terminal: Terminal;
  readonly backend: Backend;
  readonly seed: number;
  readonly folder: ExperimentFolder;
}

/** Floating-point operations between two looks at the clock and at Ctrl-C. */
const PIECE = 2e10;
/** Seconds between two times that the chains are written down. */
const KEPT_EVERY = 30;

/**
 * Runs the chains; noise is that of fresh chains, which no training saw.
 *
 * @returns what was read, shape [at][width]
 * @throws aborted, with the chains written down; diverged
 */
export async function runGeneration(
  { name, terminal, backend, seed, folder }: Surroundings,
  generation: Generation,
): Promise<NpyArray> {
  const { machine, chains, dt, temperature, integrator, pinned, start, at } = generation;
  const units = machine.bias.length;
  const partial = `stages/${name}.partial.safetensors`;
  const kept = await folder.read(partial);
  const session = await backend.open({ units, chains, seed, firstChain: FRESH_CHAINS });
  try {
    session.write("couplings", machine.couplings);
    session.write("bias", machine.bias);
    let step = 0;
    const rows: Float64Array[] = [];
    if (kept) {
      const { read, metadata } = openSafetensors(kept, folder.at(partial));
      session.write("chains", read("chains").values as Float32Array);
      step = Number(metadata.step);
      const { shape, values } = read("rows");
      const [count, width] = shape as [number, number];
      for (let row = 0; row < count; row++) {
        rows.push((values as Float64Array).slice(row * width, (row + 1) * width));
      }
    } else if (start) session.write("chains", start);
    else session.drawChains({ stream: streams.initialState, step: 0 });

    const keep = async () => {
      const states = { shape: [chains, units], values: await session.read("chains") };
      const tensors = { chains: states, rows: matrix(rows) };
      await folder.write(partial, encodeSafetensors({ tensors, metadata: { step: `${step}` } }));
    };
    const piece = Math.max(1, Math.round(PIECE / (4 * units ** 2 * chains)));
    const progress = new Progress(terminal, name, "steps", step, at.at(-1) ?? 0);
    let keptAt = performance.now();
    for (const wanted of at.slice(rows.length)) {
      while (step < wanted) {
        const steps = Math.min(piece, wanted - step);
        session.advance({
          ...{ firstStep: step, steps, dt, temperature, integrator },
          ...(pinned && { pinned }),
        });
        step += steps;
        const energies = await session.measure("energy", "chains");
        if (!energies.every(Number.isFinite)) {
          progress.leave();
          throw new LangevinError(
            "diverged",
            `The chains of ${name} left the finite numbers before step ${step}.`,
            `Try a smaller step size than ${dt}.`,
          );
        }
        progress.show(step, `energy ${(mean(energies) / units).toFixed(2)} per unit`);
        if (terminal.interrupted.aborted) {
          progress.leave();
          await keep();
          throw new LangevinError("aborted", `Stopped ${name} at step ${step}.`);
        }
        if (performance.now() - keptAt > 1000 * KEPT_EVERY) {
          await keep();
          keptAt = performance.now();
        }
      }
      rows.push(Float64Array.from(await generation.read(session, step)));
    }
    await folder.remove(partial);
    return matrix(rows);
  } finally {
    await session.close();
  }
}

function matrix(rows: readonly Float64Array[]): { shape: number[]; values: Float64Array } {
  const width = rows[0]?.length ?? 0;
  const values = new Float64Array(rows.length * width);
  rows.forEach((row, index) => {
    values.set(row, index * width);
  });
  return { shape: [rows.length, width], values };
}
