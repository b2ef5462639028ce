// The fixed points of the noiseless network dx/dt = v, the zeros of the energy: searched along training by descent at
// T = 0 and then by Newton's method, from training images, from samples and from noise, with their stability.
import { eigenvalues, fixedPoints, jacobian, stability } from "@neural-langevin/analysis";
import { type Network, randomNetwork } from "@neural-langevin/core";
import { decodeStates } from "@neural-langevin/datasets";
import {
  curves,
  type FilmRow,
  filmStrip,
  type Points,
  page,
  scatter,
} from "@neural-langevin/figures";
import { completeSettings, type TrainingSettings } from "@neural-langevin/runs";
import { mean } from "../mean.js";
import type { Experiment, Finding } from "./experiment.js";
import { HALF, PUBLISHED, PUBLISHED_CHECKPOINTS, QUICK } from "./published.js";
import { fixed } from "./statistics.js";
import { eigenvaluesFlop, stepsFlop, trainingFlop } from "./work.js";
import type { Row, Workbench } from "./workbench.js";

interface Settings {
  readonly training: Partial<TrainingSettings>;
  /** Updates at which fixed points are searched, besides 0 and the last. */
  readonly at: readonly number[];
  /** Starting states of each origin. */
  readonly starts: number;
  /** Langevin steps at T, after which chains from noise count as samples. */
  readonly steps: number;
  /** Steps at T = 0, and Newton steps after them. */
  readonly descent: number;
  readonly newton: number;
  /** Fixed points of each origin and update whose eigenvalues are computed. */
  readonly spectra: number;
}

/** Where a search begins. */
const origins = ["data", "samples", "noise"] as const;
type Origin = (typeof origins)[number];

/** Energies along a descent, by start. */
interface Energies {
  readonly before: readonly number[];
  readonly half: readonly number[];
  readonly after: readonly number[];
}

/** What the searches at one update led to. */
interface Found {
  readonly update: number;
  /** By start, in the order of `origins`: the fixed point that was reached, −1 where none was. */
  readonly reached: readonly number[];
  /** E/N before the descent, after half of its steps and at its end, by start. */
  readonly energies: Energies;
  /** x* of every fixed point, shape [points][N]. */
  readonly points: Float64Array;
  /** Eigenvalues of ∂v/∂x at some of the points, by point. */
  readonly spectra: ReadonlyMap<number, { real: Float64Array; imaginary: Float64Array }>;
}

/** Energies E/N at the end of a descent from which Newton's method begins: above, no zero is near. */
const NEAR = 1e-6;
/** A descent has come to rest when its second half leaves more than this share of the energy. */
const REST = 0.99;
/** Starts of each origin in the figure. */
const SHOWN = 4;
/** The grey that stands for no fixed point. */
const EMPTY = 220;

export const fixedPointsExperiment: Experiment<Settings> = {
  name: "fixed-points",
  shows:
    "how many fixed points are found from data, from samples and from noise along training, and how stable they are",
  scales: {
    // Few images, so that descents end in fewer steps than among thousands.
    quick: {
      training: {
        ...{ ...QUICK, images: 11, "held-out": 256, chains: 48 },
        ...{ "step-size": 0.05, updates: 1500, rate: 5e-3 },
      },
      at: [100, 300, 700],
      starts: 8,
      steps: 1500,
      descent: 20_000,
      newton: 8,
      spectra: 2,
    },
    half: {
      training: { ...HALF, updates: 6000 },
      at: [201, 581, 1679],
      starts: 24,
      steps: 10_000,
      descent: 20_000,
      newton: 20,
      spectra: 8,
    },
    paper: {
      training: PUBLISHED,
      at: PUBLISHED_CHECKPOINTS,
      starts: 100,
      steps: 50_000,
      descent: 100_000,
      newton: 50,
      spectra: 100,
    },
  },

  work({ training, at, starts, steps, descent, newton, spectra }) {
    const updates = at.length + 2;
    const searches = updates * origins.length * starts;
    const perSearch = Math.min(newton, 6) * (2 / 3) * 784 ** 3;
    return {
      backend:
        trainingFlop(training) + updates * stepsFlop(starts, steps) + stepsFlop(searches, descent),
      host: searches * perSearch + updates * origins.length * spectra * eigenvaluesFlop(),
    };
  },

  async run(bench, settings) {
    const { training, at, starts } = settings;
    const data = await bench.data(training);
    const { units } = data;
    const trained = await bench.train("machine", training, { at, data });
    const { gain, seed } = completeSettings({ seed: bench.seed, ...training });
    const untrained = randomNetwork({ units, gain, seed });
    const machines = [{ update: 0, ...asFloat32(untrained) }, ...trained];
    const found: Found[] = [];
    const descents: Descent[] = [];
    for (const machine of machines) {
      const { update } = machine;
      const descent = await descend(
        bench,
        settings,
        machine,
        data.states.subarray(0, starts * units),
      );
      descents.push(descent);
      found.push(await search(bench, settings, machine, descent));
      bench.terminal.say(`update ${update}: ${found.at(-1)!.points.length / units} fixed points`);
    }

    await bench.table(
      "fixed-points",
      "Searches that ended in a fixed point, different fixed points, descents that came to rest in a minimum with E > 0, mean energy per unit before and after the descent, unstable directions of dx/dt = v and its largest rate, by update and origin",
      found.flatMap((one) => origins.map((origin) => rowOf(one, origin, starts))),
    );
    const x = found.map(({ update }) => update);
    const series = (of: (one: Found, origin: Origin) => number) =>
      origins.map((name) => ({ name, x, y: found.map((one) => of(one, name)) }));
    await bench.figure(
      "counts",
      "Searches that end in a fixed point, descents that come to rest in a minimum of the energy that is none, energies where descents end, and unstable directions of fixed points, along training",
      curves({
        xTitle: "updates",
        plots: [
          {
            title: "Share of searches that end in a fixed point",
            series: series((one, origin) => converged(one, origin, starts) / starts),
          },
          {
            title: "Share of descents at rest where E > 0",
            series: series((one, origin) => minima(one, origin, starts) / starts),
          },
          {
            title: "Mean energy E/N at the end of the descent",
            logarithmic: true,
            series: series((one, origin) => mean(part(one.energies.after, origin, starts))),
          },
          {
            title: "Unstable directions of a fixed point (mean)",
            series: series((one, origin) => mean(unstable(one, origin, starts))),
          },
        ].filter((plot) => plot.series.some(({ y }) => y.some(Number.isFinite))),
      }),
    );
    const { width, height } = data.training;
    const shown = Math.min(SHOWN, starts);
    const images = (states: Float32Array, origin: number, chosen: (start: number) => number) => {
      const pixels = new Uint8Array(shown * units);
      for (let start = 0; start < shown; start++) {
        const place = chosen(origin * starts + start) * units;
        if (place >= 0)
          pixels.set(decodeStates(states.subarray(place, place + units)), start * units);
        else pixels.fill(EMPTY, start * units, (start + 1) * units);
      }
      return pixels;
    };
    // The update with most different fixed points, the last of equal ones.
    const most = found.reduce((best, one) =>
      one.points.length >= best.points.length ? one : best,
    );
    const { before, after } = descents[found.indexOf(most)]!;
    const points = Float32Array.from(most.points);
    const films = origins.flatMap((name, origin): FilmRow[] => [
      { name, pixels: images(before, origin, (start) => start) },
      { name: "descent", pixels: images(after, origin, (start) => start) },
      { name: "fixed point", pixels: images(points, origin, (start) => most.reached[start]!) },
    ]);
    await bench.figure(
      "images",
      "Starting states of each origin at the update with most fixed points, where their descent at T = 0 ends, and the fixed points that Newton's method reaches from there; plain grey where it reaches none",
      filmStrip({
        title: `Starts, ends of their descent, fixed points; update ${most.update}`,
        ...{ width, height },
        columns: Array.from({ length: shown }, () => ""),
        rows: films,
        scale: Math.max(1, Math.round(56 / width)),
      }),
    );
    const examined = found.filter(({ spectra }) => spectra.size > 0);
    const planes = examined.filter((one) => one === most || one === examined.at(-1));
    if (planes.length > 0) {
      await bench.figure(
        "eigenvalues",
        "Eigenvalues of ∂v/∂x at one fixed point of each origin; the network leaves a fixed point along those right of 0",
        page([planes.map((one) => drawEigenvalues(one, starts))]),
      );
    }
    return judge(found, starts);
  },
};

type Weights = { readonly couplings: Float32Array; readonly bias: Float32Array };
type Descent = { before: Float32Array; after: Float32Array; energies: Energies };

const asFloat32 = ({ couplings, bias }: Network): Weights => ({
  couplings: Float32Array.from(couplings),
  bias: Float32Array.from(bias),
});

/** Runs chains to T = 0 from images, from samples and from the noise that these samples began with. */
async function descend(
  bench: Workbench,
  { training, starts, steps, descent }: Settings,
  machine: Weights & { readonly update: number },
  images: Float32Array,
): Promise<Descent> {
  const { update } = machine;
  const dynamics = { machine, dt: training["step-size"]!, integrator: training.integrator! };
  const [noise, samples] = await bench.generate(`samples-${update}`, {
    ...{ ...dynamics, chains: starts, temperature: training.temperature!, at: [0, steps] },
    read: (session) => session.read("chains"),
  });
  const before = Float32Array.of(...images, ...samples!, ...noise!);
  const chains = origins.length * starts;
  const [began, middle, ended] = await bench.generate(`descent-${update}`, {
    ...{ ...dynamics, chains, temperature: 0, at: [0, descent / 2, descent], start: before },
    async read(session) {
      const states = await session.read("chains");
      return [...(await session.measure("energy", "chains")), ...states];
    },
  });
  const units = machine.bias.length;
  const energiesOf = (row: Float64Array) => [...row.subarray(0, chains)].map((e) => e / units);
  return {
    ...{ before, after: Float32Array.from(ended!.subarray(chains)) },
    energies: {
      before: energiesOf(began!),
      half: energiesOf(middle!),
      after: energiesOf(ended!),
    },
  };
}

/** Newton's method from where descents ended, one stage for each origin, and eigenvalues of some points. */
async function search(
  bench: Workbench,
  { starts, newton, spectra: wanted }: Settings,
  machine: Weights & { readonly update: number },
  { after, energies }: Descent,
): Promise<Found> {
  const { update, couplings, bias } = machine;
  const units = bias.length;
  const network: Network = { units, couplings, bias };
  const ends: number[] = [];
  const all: number[] = [];
  for (const [place, origin] of origins.entries()) {
    bench.terminal.say(`fixed points from ${origin} at update ${update}`);
    const near = part(energies.after, origin, starts).map((energy) => energy < NEAR);
    const states = after
      .subarray(place * starts * units, (place + 1) * starts * units)
      .filter((_, i) => near[Math.floor(i / units)]);
    const { reached, points } = await bench.stage(`points-${update}-${origin}`, () => {
      if (states.length === 0) return { reached: near.map(() => -1), points: [] };
      const options = { steps: newton };
      const { states: found, searches } = fixedPoints(network, Float64Array.from(states), options);
      let next = 0;
      const reached = near.map((is) => (is ? searches[next++]!.point : -1));
      return { reached, points: [...found] };
    });
    // Different origins may lead to one point.
    const places = Array.from({ length: points.length / units }, (_, point) =>
      placeOf(all, points.slice(point * units, (point + 1) * units)),
    );
    ends.push(...reached.map((point) => (point < 0 ? -1 : places[point]!)));
  }
  const found = { update, reached: ends, energies, points: Float64Array.from(all) };
  const chosen = new Set(
    origins.flatMap((origin) => distinct(found, origin, starts).slice(0, wanted)),
  );
  const spectra = new Map<number, { real: Float64Array; imaginary: Float64Array }>();
  for (const point of chosen) {
    bench.terminal.say(`eigenvalues at fixed point ${point + 1} of update ${update}`);
    const { values } = await bench.array(`eigenvalues-${update}-${point}`, () => {
      const state = found.points.subarray(point * units, (point + 1) * units);
      const { real, imaginary } = eigenvalues(jacobian(network, state));
      return { values: Float64Array.of(...real, ...imaginary), shape: [2, units] };
    });
    const both = values as Float64Array;
    spectra.set(point, { real: both.slice(0, units), imaginary: both.slice(units) });
  }
  return { ...found, spectra };
}

/** The place of a point among known ones of its length, where it is added if it is new. */
function placeOf(known: number[], point: readonly number[]): number {
  const size = point.length;
  for (let place = 0; place * size < known.length; place++) {
    if (point.every((value, i) => Math.abs(value - known[place * size + i]!) < 1e-6)) return place;
  }
  known.push(...point);
  return known.length / size - 1;
}

/** The values of the starts of one origin. */
const part = (values: readonly number[], origin: Origin, starts: number): number[] =>
  values.slice(origins.indexOf(origin) * starts, (origins.indexOf(origin) + 1) * starts);

/** The different fixed points that starts of one origin led to, in the order in which they were found. */
const distinct = (
  { reached }: Pick<Found, "reached">,
  origin: Origin,
  starts: number,
): number[] => [...new Set(part(reached, origin, starts).filter((point) => point >= 0))];

/** Searches of one origin that ended in a fixed point. */
const converged = ({ reached }: Found, origin: Origin, starts: number): number =>
  part(reached, origin, starts).filter((point) => point >= 0).length;

/** Descents of one origin that came to rest with an energy above that of a fixed point. */
const minima = ({ energies }: Found, origin: Origin, starts: number): number => {
  const half = part(energies.half, origin, starts);
  return part(energies.after, origin, starts).filter(
    (energy, start) => energy >= NEAR && energy > REST * half[start]!,
  ).length;
};

/** Unstable directions of the points of one origin whose eigenvalues are known. */
const unstable = (one: Found, origin: Origin, starts: number): number[] =>
  spectraOf(one, origin, starts).map((spectrum) => stability(spectrum).unstableDirections);

const spectraOf = (one: Found, origin: Origin, starts: number) =>
  distinct(one, origin, starts).flatMap((point) => one.spectra.get(point) ?? []);

function rowOf(one: Found, origin: Origin, starts: number): Row {
  const rates = spectraOf(one, origin, starts).map((spectrum) => stability(spectrum).largestRate);
  return {
    ...{ update: one.update, origin, searches: starts },
    converged: converged(one, origin, starts),
    different: distinct(one, origin, starts).length,
    minima: minima(one, origin, starts),
    energyBefore: mean(part(one.energies.before, origin, starts)),
    energyAfter: mean(part(one.energies.after, origin, starts)),
    unstableDirections: mean(unstable(one, origin, starts)),
    largestRate: mean(rates),
  };
}

function drawEigenvalues(one: Found, starts: number): string {
  // Origins that lead to the same point share its eigenvalues.
  const clouds: Points[] = [];
  for (const [point, { real, imaginary }] of one.spectra) {
    const from = origins.filter((origin) => distinct(one, origin, starts)[0] === point);
    if (from.length > 0) {
      clouds.push({ name: from.join(", "), x: real, y: imaginary, size: 4 });
    }
  }
  return scatter({
    title: `∂v/∂x at fixed points, update ${one.update}`,
    ...{ xTitle: "Re λ", yTitle: "Im λ", points: clouds, equal: true },
  });
}

function judge(found: readonly Found[], starts: number): Finding[] {
  const [first, last] = [found[0]!, found.at(-1)!];
  const ended = converged(last, "data", starts) / starts;
  const each = (say: (origin: Origin) => number) =>
    origins.map((origin) => `${say(origin)} from ${origin}`).join(", ");
  const energy = (one: Found) => mean(part(one.energies.before, "data", starts));
  const unstableAt = found.flatMap(({ spectra }) =>
    [...spectra.values()].map((spectrum) => stability(spectrum).unstableDirections),
  );
  const leaving = unstableAt.filter((directions) => directions > 0);
  return [
    {
      paper: "Learning lowers the energy at the data, so that images come close to fixed points.",
      found:
        `The energy of training images is ${fixed(energy(first), 2)} per unit before training and ` +
        `${fixed(energy(last), 3)} after ${last.update} updates, where ` +
        `${fixed(100 * ended, 0)} % of the descents from them end in a fixed point.`,
      agrees:
        energy(last) < energy(first) / 10 && ended >= 0.9
          ? "yes"
          : energy(last) < energy(first)
            ? "partly"
            : "no",
    },
    {
      paper: "Nothing on how many fixed points there are.",
      found: `Different points that ${starts} searches each reached: ${found
        .map((one) => {
          const counts = each((origin) => distinct(one, origin, starts).length);
          return `${counts} at update ${one.update}`;
        })
        .join("; ")}.`,
      agrees: "silent",
    },
    {
      paper: "Nothing on minima of the energy that are no fixed points.",
      found:
        `After ${last.update} updates ${each((origin) => minima(last, origin, starts))} of ${starts} ` +
        "descents each came to rest where E > 0: minima of the energy, but no fixed points.",
      agrees: "silent",
    },
    {
      paper: "Nothing on the stability of these fixed points in the network without feedback.",
      found:
        `${unstableAt.length - leaving.length} of the ${unstableAt.length} fixed points that were examined along ` +
        "training are stable in dx/dt = v" +
        (leaving.length > 0
          ? `; the others have ${fixed(mean(leaving), 1)} unstable directions on average, and only the ` +
            "feedback term holds the chains there."
          : "."),
      agrees: "silent",
    },
  ];
}
