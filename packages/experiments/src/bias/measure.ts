// ⟨x·∇E⟩/(NT), corrected for chains that still relax, and energies over the step size. By Itô's formula
// ⟨x·∇E⟩ + ½ d⟨‖x‖²⟩/dt = NT holds for the exact dynamics at every time, in equilibrium or not, so any difference comes
// from the integrator.
import { type Estimate, mean, meanEstimate } from "@neural-langevin/analysis";
import { type Integrator, integrators, isLangevinError } from "@neural-langevin/core";
import { completeSettings } from "@neural-langevin/runs";
import type { ExperimentContext } from "../context.js";
import { type BiasSettings, requireTimes, stepsAt } from "./settings.js";

/** One integrator at one step size; NaN and no energies where the chains diverged. */
export interface BiasPoint {
  readonly integrator: Integrator;
  readonly dt: number;
  /** (⟨x·∇E⟩ + ½ d⟨‖x‖²⟩/dt)/(NT), with the standard error between chains. */
  readonly ratio: Estimate;
  /** Mean E/N, with the standard error between chains. */
  readonly energy: Estimate;
  /** E/N of every chain and state. */
  readonly energies: readonly number[];
}

export interface BiasResult {
  /** Ascending. */
  readonly stepSizes: readonly number[];
  readonly points: readonly BiasPoint[];
}

const UNKNOWN: Estimate = { value: Number.NaN, standardError: Number.NaN };

export async function measure(
  context: ExperimentContext,
  settings: BiasSettings,
): Promise<BiasResult> {
  requireTimes(settings);
  const { training, chains, stepSizes, states, between } = settings;
  const { temperature } = completeSettings(training);
  const [machine] = await context.train("machine", training);
  const { units } = machine!;
  const points: BiasPoint[] = [];
  for (const integrator of integrators) {
    for (const dt of stepSizes) {
      const columns = await context
        .sample(`${integrator}-${dt}`, {
          network: machine!,
          chains,
          dt,
          integrator,
          temperature,
          at: stepsAt(settings, dt),
          observe: async ({ states, energies }, session) => ({
            virials: await session.measure("virial", "chains"),
            energies,
            squares: squaredNorms(states, units),
          }),
        })
        .catch((error) => {
          if (isLangevinError(error, "diverged")) return undefined;
          throw error;
        });
      if (!columns) {
        points.push({ integrator, dt, ratio: UNKNOWN, energy: UNKNOWN, energies: [] });
        continue;
      }
      const { virials, energies, squares } = columns;
      const duration = (states - 1) * between;
      const perChain = Array.from({ length: chains }, (_, chain) => {
        const growth = (squares.at(-1)![chain]! - squares[0]![chain]!) / duration / 2;
        return (mean(virials.map((row) => row[chain]!)) + growth) / (units * temperature);
      });
      const perUnit = energies.flatMap((row) => Array.from(row, (energy) => energy / units));
      // States of one chain remember each other; chains do not.
      const chainEnergies = Array.from({ length: chains }, (_, chain) =>
        mean(energies.map((row) => row[chain]! / units)),
      );
      points.push({
        integrator,
        dt,
        ratio: meanEstimate(perChain),
        energy: meanEstimate(chainEnergies),
        energies: perUnit,
      });
    }
  }
  return { stepSizes, points };
}

/** ‖x‖² of every state. */
function squaredNorms(states: Float32Array, units: number): Float64Array {
  const sums = new Float64Array(states.length / units);
  states.forEach((x, at) => {
    sums[Math.floor(at / units)]! += x * x;
  });
  return sums;
}
