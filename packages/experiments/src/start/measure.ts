// The stiffness around x = 0 before and after a training, and how its images read along the way, for several initial
// couplings. Near x = 0 the energy is ½‖(1 − J)x‖², whose Hessian (1 − J)ᵀ(1 − J) has an eigenvalue for every
// direction: a direction relaxes within the time 1/λ, and one of a small λ is soft.
import { eigenvalues } from "@neural-langevin/analysis";
import { decodeStates, greyLevels } from "@neural-langevin/datasets";
import type { FilmRow } from "@neural-langevin/figures";
import { chainStartOf, completeSettings } from "@neural-langevin/runs";
import type { ExperimentContext } from "../context.js";
import { estimatesAt } from "../estimates.js";
import { type JudgedImages, judge, judgedMeasures } from "../judged.js";
import { trainingOperations } from "../operations.js";
import { paceOf, startingStates } from "../sampling.js";
import type { Start, StartSettings } from "./settings.js";

/** What a machine generates at one update. */
export interface StartPoint extends JudgedImages {
  readonly update: number;
  /** Operations of the training up to here. */
  readonly flop: number;
}

/** One kind of initial couplings. */
export interface StartCurve extends Start {
  readonly name: string;
  /** Eigenvalues λ of (1 − J)ᵀ(1 − J), ascending, before and after the training. */
  readonly before: Float64Array;
  readonly after: Float64Array;
  readonly points: readonly StartPoint[];
}

export interface StartResult {
  readonly curves: readonly StartCurve[];
  readonly steps: number;
  readonly films: readonly FilmRow[];
  readonly width: number;
  readonly height: number;
}

/** Images that the film shows of each machine. */
const SHOWN = 16;

export async function measure(
  context: ExperimentContext,
  { training, starts, at, chains, steps }: StartSettings,
): Promise<StartResult> {
  const data = await context.data(training);
  const { units } = data;
  const observe = judge(data, SHOWN);
  const curves: StartCurve[] = [];
  const films: FilmRow[] = [];
  for (const start of starts) {
    const name = `${start.couplings}-${start.gain}`;
    const given = { ...training, ...start };
    const complete = completeSettings({ seed: context.seed, ...given });
    const first = await context.initialNetwork(complete, data);
    const machines = await context.train(name, given, { at, data });
    const from = startingStates(context.seed, chains, units, chainStartOf(complete, data));
    const points: StartPoint[] = [];
    let shown: Float32Array = from;
    for (const network of machines) {
      const { update } = network;
      const columns = await context.sample(`${name}-${update}`, {
        network,
        chains,
        start: from,
        at: [steps],
        ...paceOf(complete),
        observe,
      });
      const flop = trainingOperations({ ...given, updates: update }, units);
      points.push({ update, flop, ...estimatesAt(judgedMeasures, columns, 0) });
      shown = columns.states[0]!;
    }
    const stiffness = await context.arrays(`${name}-stiffness`, () => ({
      before: stiffnessAtRest(first.couplings, units),
      after: stiffnessAtRest(machines.at(-1)!.couplings, units),
    }));
    curves.push({ ...start, name, ...stiffness, points });
    films.push({
      name: `${start.couplings}, g = ${start.gain}`,
      pixels: decodeStates(shown, data.encoding),
    });
  }
  const real = data.heldOut.pixels.subarray(0, Math.min(SHOWN, chains) * units);
  films.push({ name: "real", pixels: greyLevels(real) });
  const { width, height } = data.training;
  return { curves, steps, films, width, height };
}

/** Eigenvalues of (1 − J)ᵀ(1 − J), ascending. */
function stiffnessAtRest(couplings: Float32Array, units: number): Float64Array {
  const hessian = new Float64Array(units * units);
  const row = new Float64Array(units);
  for (let k = 0; k < units; k++) {
    for (let j = 0; j < units; j++) row[j] = (k === j ? 1 : 0) - couplings[k * units + j]!;
    for (let i = 0; i < units; i++) {
      const factor = row[i]!;
      const at = i * units;
      for (let j = 0; j < units; j++) hessian[at + j]! += factor * row[j]!;
    }
  }
  return eigenvalues(hessian).real.sort();
}
