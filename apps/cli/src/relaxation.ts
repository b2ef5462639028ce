// Images that fall along the energy: chains that start at given states, and their energies on the way.
import {
  type Backend,
  FRESH_CHAINS,
  type Integrator,
  LangevinError,
  type Stage,
} from "@neural-langevin/core";
import type { StoredNetwork } from "@neural-langevin/runs";
import { mean } from "./mean.js";
import { Progress } from "./progress.js";
import { readable, type Terminal } from "./terminal.js";

/** Points of a course besides its beginning. */
const POINTS = 150;

/** How states are relaxed. */
export interface RelaxationPlan {
  readonly stages: readonly Stage[];
  readonly dt: number;
  readonly integrator: Integrator;
  readonly seed: number;
  /** Nonzero marks a unit that keeps its value, shape [N]. */
  readonly pinned: Uint8Array | undefined;
}

/** Where states went. */
export interface Course {
  /** x at the end, shape [chains][N]. */
  readonly states: Float32Array;
  /** Steps done at every point, from 0. */
  readonly steps: readonly number[];
  /** E of every chain at every point. */
  readonly energies: readonly Float32Array[];
}

/**
 * Runs chains from some states, shape [chains][N].
 *
 * @throws aborted, diverged
 */
export async function relax(
  terminal: Terminal,
  backend: Backend,
  machine: StoredNetwork,
  start: Float32Array,
  plan: RelaxationPlan,
): Promise<Course> {
  const { units } = machine;
  const { stages, dt, integrator, seed, pinned } = plan;
  const chains = start.length / units;
  const session = await backend.open({ units, chains, seed, firstChain: FRESH_CHAINS });
  session.write("couplings", machine.couplings);
  session.write("bias", machine.bias);
  session.write("chains", start);
  const total = stages.reduce((sum, { steps }) => sum + steps, 0);
  const piece = Math.ceil(total / POINTS);
  const progress = new Progress(terminal, "Restoring", "steps", 0, total);
  const steps = [0];
  const energies = [await session.measure("energy", "chains")];
  for (const { steps: count, temperature } of stages) {
    for (let left = count; left > 0; left -= piece) {
      const firstStep = steps.at(-1)!;
      if (terminal.interrupted.aborted) {
        progress.leave();
        throw new LangevinError("aborted", `Restoring was stopped after ${firstStep} steps.`);
      }
      const run = { firstStep, steps: Math.min(piece, left), dt, temperature, integrator };
      session.advance({ ...run, ...(pinned && { pinned }) });
      const energy = await session.measure("energy", "chains");
      if (!energy.every(Number.isFinite)) {
        progress.leave();
        throw new LangevinError(
          "diverged",
          `The images left the finite numbers before step ${firstStep + run.steps}.`,
          `Try a smaller step size than ${dt}.`,
        );
      }
      steps.push(firstStep + run.steps);
      energies.push(energy);
      progress.show(steps.at(-1)!, `T = ${temperature}, mean energy ${readable(mean(energy))}`);
    }
  }
  return { states: await session.read("chains"), steps, energies };
}
