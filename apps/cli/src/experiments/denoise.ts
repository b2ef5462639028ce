// An associative memory: ten images, one of each digit, are stored by lowering their energies alone, and come back at
// T = 0 from damaged ones, beside what plainer methods make of the same images.
import { type PointSet, points } from "@neural-langevin/analysis";
import {
  encodeImages,
  type ImageSet,
  pickImages,
  ratesOfStates,
  replaceUnits,
} from "@neural-langevin/datasets";
import { sha256 } from "@neural-langevin/datasets/node";
import type { TrainingData, TrainingSettings } from "@neural-langevin/runs";
import { mean } from "../mean.js";
import { BACK, backShare, type Damaged, distances, methods } from "./denoise-baselines.js";
import { drawDenoise, type Level } from "./denoise-figures.js";
import type { Experiment, Finding } from "./experiment.js";
import { PUBLISHED } from "./published.js";
import { fixed } from "./statistics.js";
import { stepsFlop, trainingFlop } from "./work.js";

interface Settings {
  /** Its images are those among which the first of each label is stored. */
  readonly training: Partial<TrainingSettings>;
  /** Shares of units that are replaced by uniform noise, and the one that is shown over time. */
  readonly levels: readonly number[];
  readonly shown: number;
  /** Damaged copies of each image. */
  readonly copies: number;
  readonly dt: number;
  /** Steps at T = 0 after which the chains are looked at. */
  readonly steps: readonly number[];
}

/** Ten images, 1000 epochs of Adam at 1e-3, as published. */
const STORING = {
  ...PUBLISHED,
  labels: undefined,
  images: 1000,
  chains: 1,
  batch: 10,
  "negative-phase": "none",
  updates: 1000,
  rate: 1e-3,
} as const;

const PUBLISHED_DENOISING = {
  training: STORING,
  levels: [0, 0.1, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1],
  shown: 0.25,
  dt: 0.01,
  steps: [0, 5, 10, 20, 40, 70, 100, 150, 200, 300, 450],
};

export const denoise: Experiment<Settings> = {
  name: "denoise",
  shows:
    "ten stored digits that come back at T = 0 from replaced units, over time and damage, beside Hopfield networks, " +
    "the nearest stored image and a median filter",
  // The published setting takes half a minute; only the copies grow.
  scales: {
    quick: { ...PUBLISHED_DENOISING, copies: 20 },
    half: { ...PUBLISHED_DENOISING, copies: 300 },
    paper: { ...PUBLISHED_DENOISING, copies: 1000 },
  },

  work({ training, levels, copies, steps }) {
    const chains = levels.length * copies * 10;
    return {
      backend: trainingFlop(training) + stepsFlop(chains, steps.at(-1)!),
      // Two Hopfield networks of about five sweeps.
      host: chains * 2 * 5 * 2 * 784 ** 2,
    };
  },

  async run(bench, { training, levels, shown, copies, dt, steps }) {
    const data = onePerLabel(await bench.data(training));
    const { units } = data;
    const [machine] = await bench.train("memory", training, { data });
    const found: Level[] = [];
    for (const level of levels) {
      const damaged = damage(data, copies, level, bench.seed);
      const chains = damaged.states.length / units;
      const rows = await bench.generate(`restore-${level}`, {
        ...{ machine: machine!, chains, dt, integrator: "euler-maruyama", temperature: 0 },
        start: damaged.states,
        at: steps,
        async read(session) {
          const [states, energies] = await Promise.all([
            session.read("chains"),
            session.measure("energy", "chains"),
          ]);
          const rms = distances(ratesOfStates(states), damaged);
          const film = level === shown ? states.subarray(0, data.states.length) : [];
          return [...energies.map((energy) => energy / units), ...rms, ...film];
        },
      });
      const part = (row: Float64Array, at: number) => row.subarray(at * chains, (at + 1) * chains);
      const others: Record<string, number[]> = {};
      for (const [name, restore] of Object.entries(methods)) {
        others[name] = await bench.stage(`${name.replaceAll(" ", "-")}-${level}`, () => [
          ...distances(restore(damaged), damaged),
        ]);
      }
      found.push({
        level,
        energies: rows.map((row) => part(row, 0)),
        rms: rows.map((row) => part(row, 1)),
        films: rows.map((row) => Float32Array.from(row.subarray(2 * chains))),
        others,
      });
    }
    await bench.table(
      "recovery",
      "Share of images that came back, and the root mean square distance of firing rates, over the share of replaced units",
      found.flatMap(({ level, rms, others }) =>
        Object.entries({ machine: rms.at(-1)!, ...others }).map(([method, distance]) => ({
          ...{ level, method, back: backShare(distance), rms: mean(distance) },
        })),
      ),
    );
    const at = found.find(({ level }) => level === shown)!;
    const example = damage(data, 1, shown, bench.seed);
    await drawDenoise(bench, { found, at, steps, example, images: data.training });
    return judge(found, at, steps);
  },
};

/** The first image of each label, in the order of the labels. */
function onePerLabel(data: TrainingData): TrainingData {
  const labels = [...data.training.labels!];
  const places = [...new Set(labels)].sort((a, b) => a - b).map((label) => labels.indexOf(label));
  const training: ImageSet = pickImages(data.training, places);
  return { ...data, training, states: encodeImages(training), sha256: sha256(training.pixels) };
}

/** Damaged copies of all images, copy by copy. */
function damage(
  { states, units, training }: TrainingData,
  copies: number,
  level: number,
  seed: number,
) {
  const all = new Float32Array(copies * states.length);
  for (let copy = 0; copy < copies; copy++) all.set(states, copy * states.length);
  const patterns: PointSet = points(ratesOfStates(states), units);
  const damaged = replaceUnits(all, units, { fraction: level, seed });
  return { states: damaged.states, patterns, width: training.width, seed } satisfies Damaged;
}

/** Levels count as mastered up to the last one from which nearly all images come back. */
const NEARLY_ALL = 0.9;

function judge(found: readonly Level[], at: Level, steps: readonly number[]): Finding[] {
  const [first, last] = [0, at.rms.length - 1];
  const risen = at.energies.flatMap((row, place) =>
    place === 0 ? [] : [...row].filter((energy, chain) => energy > at.energies[place - 1]![chain]!),
  );
  const back = backShare(at.rms[last]!);
  const percent = (share: number) => `${fixed(100 * share, 0)} %`;
  const mastered = (rms: (level: Level) => ArrayLike<number>) => {
    const failed = found.findIndex((level) => backShare(rms(level)) < NEARLY_ALL);
    const until = found[failed < 0 ? found.length - 1 : failed - 1];
    return until ? percent(until.level) : "not even 0 %";
  };
  const names = Object.keys(at.others).filter((name) => name !== "untouched");
  return [
    {
      paper:
        "At T = 0 the energy falls and the stored digit returns from 25 % replaced units, in 450 steps.",
      found:
        `From ${percent(at.level)} replaced units, the mean energy per unit falls from ` +
        `${fixed(mean(at.energies[first]!), 3)} to ${fixed(mean(at.energies[last]!), 4)} in ${steps.at(-1)} ` +
        `steps and rises between two looks in ${risen.length} of ` +
        `${at.energies[first]!.length * last} cases. The root mean square distance of firing rates goes from ` +
        `${fixed(mean(at.rms[first]!), 3)} to ${fixed(mean(at.rms[last]!), 3)}, and ${percent(back)} of the ` +
        `images come back: to less than ${BACK}, an eighth of the range of rates.`,
      agrees:
        back >= NEARLY_ALL && risen.length === 0
          ? "yes"
          : mean(at.rms[last]!) < mean(at.rms[first]!) / 2
            ? "partly"
            : "no",
    },
    {
      paper: "Shows one share of replaced units; nothing on where recovery ends.",
      found:
        `At least ${percent(NEARLY_ALL)} of the images come back at every share up to ` +
        `${mastered(({ rms }) => rms.at(-1)!)}.`,
      agrees: "silent",
    },
    {
      paper: "No comparison with plainer methods.",
      found: `The same share comes back up to these shares of replaced units: ${names
        .map((name) => `${name}, ${mastered(({ others }) => others[name]!)}`)
        .join("; ")}. At ${percent(at.level)}, root mean square distances are ${names
        .map((name) => `${fixed(mean(at.others[name]!), 3)} (${name})`)
        .join(", ")} against ${fixed(mean(at.rms[last]!), 3)} of the machine.`,
      agrees: "silent",
    },
  ];
}
