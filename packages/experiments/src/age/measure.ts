// How images read over the length of generation, for machines whose training's chains lived to different ages.
import { decodeStates } from "@neural-langevin/datasets";
import type { FilmRow } from "@neural-langevin/figures";
import { chainStartOf, completeSettings } from "@neural-langevin/runs";
import type { ExperimentContext } from "../context.js";
import { type JudgedImages, judge, judgedAt } from "../judged.js";
import { paceOf, startingStates } from "../sampling.js";
import { type AgeSettings, ageOf } from "./settings.js";

/** What a machine generates after some steps. */
export interface AgePoint extends JudgedImages {
  readonly steps: number;
  /** Mean energy of the chains per unit. */
  readonly energy: number;
}

/** A machine and what it generates over time. */
export interface AgeCurve {
  /** Steps that the chains of its training lived. */
  readonly age: number;
  readonly points: readonly AgePoint[];
}

export interface AgeResult {
  readonly curves: readonly AgeCurve[];
  readonly films: readonly FilmRow[];
  readonly steps: readonly number[];
  readonly width: number;
  readonly height: number;
}

/** Chains that the film shows of each machine. */
const SHOWN = 3;

export async function measure(
  context: ExperimentContext,
  { training, restarts, chains, steps }: AgeSettings,
): Promise<AgeResult> {
  const data = await context.data(training);
  const { units } = data;
  const read = judge(data);
  const complete = completeSettings({ seed: context.seed, ...training });
  const start = startingStates(context.seed, chains, units, chainStartOf(complete, data));
  const curves: AgeCurve[] = [];
  const films: FilmRow[] = [];
  for (const restart of restarts) {
    const age = ageOf(complete, restart);
    const name = `age-${age}`;
    const given = { ...training, "restart-every": restart };
    const network = (await context.train(name, given, { data })).at(-1)!;
    const columns = await context.sample(name, {
      network,
      chains,
      start,
      at: steps,
      ...paceOf(complete),
      observe: ({ states, energies }) => ({
        ...read(states),
        energy: energies.reduce((sum, value) => sum + value, 0) / energies.length / units,
        states: states.slice(0, SHOWN * units),
      }),
    });
    const points = steps.map((step, moment) => ({
      steps: step,
      energy: columns.energy[moment]!,
      ...judgedAt(columns, moment),
    }));
    curves.push({ age, points });
    for (let chain = 0; chain < SHOWN; chain++) {
      const pixels = new Uint8Array(steps.length * units);
      columns.states.forEach((states, moment) => {
        const state = states.subarray(chain * units, (chain + 1) * units);
        pixels.set(decodeStates(state), moment * units);
      });
      films.push({ name: chain === 0 ? `age ${age}` : "", pixels });
    }
  }
  const { width, height } = data.training;
  return { curves, films, steps, width, height };
}
