// How images read over the length of generation, for machines whose training's chains lived to different ages.
import type { FilmRow } from "@neural-langevin/figures";
import { chainStartOf, completeSettings } from "@neural-langevin/runs";
import type { ExperimentContext } from "../context.js";
import { filmsOfChains } from "../drawing.js";
import { estimatesAt } from "../estimates.js";
import { type JudgedImages, judge, judgedMeasures } from "../judged.js";
import { paceOf, startingStates } from "../sampling.js";
import { type AgeSettings, ageOf } from "./settings.js";

/** What a machine generates after some steps. */
export interface AgePoint extends JudgedImages {
  readonly steps: number;
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
  const observe = judge(data, SHOWN);
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
      observe,
    });
    const points = steps.map((step, moment) => ({
      steps: step,
      ...estimatesAt(judgedMeasures, columns, moment),
    }));
    curves.push({ age, points });
    films.push(...filmsOfChains(`age ${age}`, columns.states, units, data.encoding));
  }
  const { width, height } = data.training;
  return { curves, films, steps, width, height };
}
