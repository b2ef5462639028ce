// Searches for fixed points along a training: descent at T = 0 and then Newton's method, from training images, from
// samples and from noise, with the eigenvalues of ∂v/∂x at some of the points.
import {
  type Eigenvalues,
  eigenvalues,
  findFixedPoints,
  jacobian,
  type Stability,
  stability,
} from "@neural-langevin/analysis";
import { concatenate } from "@neural-langevin/core/backend";
import type { Encoding } from "@neural-langevin/datasets";
import { completeSettings } from "@neural-langevin/runs";
import type { ExperimentContext } from "../context.js";
import { sizeOfPicture } from "../drawing.js";
import { type FixedPointsSettings, type Origin, origins } from "./settings.js";

/** Energies E/N at the end of a descent from which Newton's method begins: above, no zero is near. */
export const NEAR = 1e-6;
/** Two points whose units all differ by less are one. */
const SAME = 1e-6;

/** The searches of one origin at one update, by start. */
export interface OriginSearches {
  /** Starting states, and where their descent ends, shape [starts][N]. */
  readonly starts: Float32Array;
  readonly ends: Float32Array;
  /** E/N before the descent, after half of its steps and at its end. */
  readonly energies: {
    readonly before: readonly number[];
    readonly half: readonly number[];
    readonly after: readonly number[];
  };
  /** The fixed point that was reached, by its place among those of the update; −1 where none was. */
  readonly reached: readonly number[];
}

/** Eigenvalues of ∂v/∂x at a fixed point, and its stability in dx/dt = v. */
export interface PointSpectrum extends Eigenvalues, Stability {}

/** What the searches at one update led to. */
export interface UpdateSearches {
  readonly update: number;
  readonly byOrigin: Readonly<Record<Origin, OriginSearches>>;
  /** x* of every fixed point, each once. */
  readonly points: readonly Float64Array[];
  /** Of some points, by their place. */
  readonly spectra: ReadonlyMap<number, PointSpectrum>;
}

export interface FixedPointsResult {
  /** In the order of updates, from 0. */
  readonly searches: readonly UpdateSearches[];
  readonly width: number;
  readonly height: number;
  /** That of the data, for pictures of states. */
  readonly encoding: Encoding;
}

export async function measure(
  context: ExperimentContext,
  settings: FixedPointsSettings,
): Promise<FixedPointsResult> {
  const { training, at, starts, steps, descent, newton } = settings;
  const data = await context.numbers(training);
  const { units } = data;
  const complete = completeSettings({ seed: context.seed, ...training });
  const { "step-size": dt, integrator, temperature } = complete;
  const trained = await context.train("machine", training, { at, data });
  const machines = [{ update: 0, ...(await context.initialNetwork(complete, data)) }, ...trained];
  const images = data.states.subarray(0, starts * units);
  const searches: UpdateSearches[] = [];
  for (const { update, couplings, bias } of machines) {
    const network = { units, couplings, bias };
    const chains = await context.sample(`samples-${update}`, {
      network,
      chains: starts,
      dt,
      integrator,
      temperature,
      at: [0, steps],
      observe: ({ states }) => ({ states }),
    });
    const [noise, samples] = chains.states;
    const begins = { data: images, samples: samples!, noise: noise! };
    const descents = await context.sample(`descent-${update}`, {
      network,
      chains: origins.length * starts,
      dt,
      integrator,
      temperature: 0,
      start: concatenate(
        Float32Array,
        origins.map((origin) => begins[origin]),
      ),
      at: [0, descent / 2, descent],
      observe: ({ states, energies }) => ({ states, energies }),
    });
    const byOrigin: Partial<Record<Origin, OriginSearches>> = {};
    const points: Float64Array[] = [];
    for (const [place, origin] of origins.entries()) {
      const [before, half, after] = descents.energies.map((row) =>
        Array.from(row.subarray(place * starts, (place + 1) * starts), (energy) => energy / units),
      );
      const span = starts * units;
      const ends = descents.states[2]!.subarray(place * span, (place + 1) * span);
      const near = after!.map((energy) => energy < NEAR);
      const found = await context.arrays(`points-${update}-${origin}`, () => {
        const states = ends.filter((_, i) => near[Math.floor(i / units)]);
        if (states.length === 0) return { reached: Int32Array.from(near, () => -1) };
        const search = findFixedPoints(network, Float64Array.from(states), { steps: newton });
        let next = 0;
        const reached = near.map((is) => (is ? search.searches[next++]!.point : -1));
        return { reached: Int32Array.from(reached), points: search.states };
      });
      context.progress(
        "fixed points",
        searches.length * origins.length + place + 1,
        machines.length * origins.length,
        "searches",
      );
      // Different origins may lead to one point.
      const own = split(found.points, units).map((point) => placeOf(points, point));
      byOrigin[origin] = {
        starts: begins[origin],
        ends,
        energies: { before: before!, half: half!, after: after! },
        reached: Array.from(found.reached, (point) => (point < 0 ? -1 : own[point]!)),
      };
    }
    const all = byOrigin as Record<Origin, OriginSearches>;
    const chosen = origins.flatMap((origin) => distinct(all[origin]).slice(0, settings.spectra));
    const spectra = new Map<number, PointSpectrum>();
    for (const place of new Set(chosen)) {
      const spectrum = await context.arrays(`eigenvalues-${update}-${place}`, () =>
        eigenvalues(jacobian(network, points[place]!)),
      );
      spectra.set(place, { ...spectrum, ...stability(spectrum) });
    }
    searches.push({ update, byOrigin: all, points, spectra });
  }
  return { searches, ...sizeOfPicture(data.training), encoding: data.encoding };
}

/** The different fixed points that one origin led to, in the order in which they were found. */
export const distinct = ({ reached }: Pick<OriginSearches, "reached">): number[] => [
  ...new Set(reached.filter((point) => point >= 0)),
];

/** The place of a point among known ones, where it is added if it is new. */
function placeOf(known: Float64Array[], point: Float64Array): number {
  const place = known.findIndex((other) =>
    other.every((value, i) => Math.abs(value - point[i]!) < SAME),
  );
  return place < 0 ? known.push(point) - 1 : place;
}

const split = (values: Float64Array = new Float64Array(), length: number): Float64Array[] =>
  Array.from({ length: values.length / length }, (_, row) =>
    values.subarray(row * length, (row + 1) * length),
  );
