// Quality over generation time: machines trained with restarts generate out of equilibrium, best at about the length of
// their training's chains, and leave the data beyond it; persistent chains learn the equilibrium and stay.
import { chainNoise, FRESH_CHAINS, streams } from "@neural-langevin/core";
import { decodeStates } from "@neural-langevin/datasets";
import { curves, filmStrip } from "@neural-langevin/figures";
import { completeSettings, planOf, type TrainingSettings } from "@neural-langevin/runs";
import type { Experiment, Finding } from "./experiment.js";
import { HALF, PUBLISHED, PUBLISHED_CHECKPOINTS, PUBLISHED_STEPS, QUICK } from "./published.js";
import { QUALITY_WIDTH, type Quality, quality, qualityOfRow, qualityRow } from "./quality.js";
import { fixed } from "./statistics.js";
import { qualityFlop, stepsFlop, trainingFlop } from "./work.js";

interface Settings {
  /** Trainings that differ in their negative phase. */
  readonly trainings: readonly Partial<TrainingSettings>[];
  /** Updates at which machines generate, besides the last. */
  readonly at: readonly number[];
  /** Chains from N(0, 1), and the steps after which they are looked at. */
  readonly chains: number;
  readonly steps: readonly number[];
}

/** What one machine generates, over its steps. */
interface Course {
  readonly phase: string;
  /** Length of the chains in training. */
  readonly length: number;
  readonly persistent: boolean;
  readonly update: number;
  readonly qualities: readonly Quality[];
}

/** Chains that the film shows. */
const SHOWN = 3;

const updatesOf = ({ updates }: Partial<TrainingSettings>, at: readonly number[]): number[] => [
  ...at.filter((update) => update < updates!),
  updates!,
];

export const regimes: Experiment<Settings> = {
  name: "regimes",
  shows:
    "AAI and E⁽²⁾ over generation time, with persistent chains and with restarts: the out-of-equilibrium regime",
  scales: {
    quick: {
      trainings: ["pcd-10", "rdm-40"].map((phase) => ({
        ...QUICK,
        "negative-phase": phase,
      })),
      at: [400],
      chains: 256,
      steps: PUBLISHED_STEPS.filter((step) => step < 2500),
    },
    half: {
      trainings: ["pcd-10", "rdm-20", "rdm-100"].map((phase) => ({
        ...{ ...HALF, updates: 3000, "negative-phase": phase },
      })),
      at: [201, 581, 1679],
      chains: 512,
      steps: PUBLISHED_STEPS.filter((step) => step < 6000),
    },
    paper: {
      trainings: [
        { ...PUBLISHED, "negative-phase": "pcd-10" },
        { ...PUBLISHED, "negative-phase": "rdm-500", updates: 24_000 },
      ],
      at: PUBLISHED_CHECKPOINTS,
      chains: 10_000,
      steps: PUBLISHED_STEPS,
    },
  },

  work({ trainings, at, chains, steps }) {
    const machines = trainings.flatMap((training) => updatesOf(training, at)).length;
    return {
      backend:
        trainings.reduce((sum, training) => sum + trainingFlop(training), 0) +
        machines * stepsFlop(chains, steps.at(-1)!),
      host: machines * steps.length * qualityFlop(chains),
    };
  },

  async run(bench, { trainings, at, chains, steps }) {
    const courses: Course[] = [];
    const films: { name: string; pixels: Uint8Array }[] = [];
    const data = await bench.data(trainings[0]!);
    const { units, training: images } = data;
    for (const training of trainings) {
      const phase = training["negative-phase"]!;
      const { kind, ...rest } = planOf(completeSettings(training)).negativePhase;
      const machines = await bench.train(phase, training, { at: updatesOf(training, at), data });
      for (const machine of machines) {
        const rows = await bench.generate(`${phase}-${machine.update}`, {
          ...{ machine, chains, at: steps },
          dt: training["step-size"]!,
          integrator: training.integrator!,
          temperature: training.temperature!,
          async read(session) {
            const states = await session.read("chains");
            return [...qualityRow(quality(states, data)), ...states.subarray(0, SHOWN * units)];
          },
        });
        courses.push({
          ...{ phase, update: machine.update, persistent: kind === "persistent" },
          length: (rest as { steps: number }).steps,
          qualities: rows.map(qualityOfRow),
        });
        if (machine !== machines.at(-1)) continue;
        for (let chain = 0; chain < SHOWN; chain++) {
          const start = QUALITY_WIDTH + chain * units;
          const states = rows.map((row) => Float32Array.from(row.subarray(start, start + units)));
          const pixels = new Uint8Array(steps.length * units);
          states.forEach((state, place) => {
            pixels.set(decodeStates(state), place * units);
          });
          films.push({ name: chain === 0 ? phase : "", pixels });
        }
      }
    }

    // What noise and images that were not compared with have: the two ends of the scale.
    const apart = Math.min(chains, Math.floor(images.count / 2)) * units;
    const ends = await bench.stage("ends", () => ({
      noise: quality(normals(bench.seed, chains, units), data),
      real: quality(data.states.subarray(data.states.length - apart), data),
    }));

    await bench.table(
      "quality",
      "Quality over generation time, for every machine and update",
      courses.flatMap(({ phase, update, qualities }) =>
        qualities.map((measured, place) => ({ phase, update, step: steps[place]!, ...measured })),
      ),
    );
    const last = lastOf(courses);
    const plot = (
      title: string,
      shown: readonly Course[],
      of: (one: Quality) => number,
      name: (one: Course) => string,
    ) => ({
      title,
      series: shown
        .map((course) => ({
          name: name(course),
          x: [...steps],
          y: course.qualities.map(of),
        }))
        .concat(
          Object.entries(ends).map(([end, one]) => ({
            name: end === "noise" ? "noise" : "real images",
            x: [...steps],
            y: steps.map(() => of(one)),
            dashed: true,
          })),
        ),
    });
    const phaseOf = ({ phase }: Course) => phase;
    await bench.figure(
      "quality",
      "Quality of images from noise over the number of steps, after all updates",
      curves({
        xTitle: "steps of generation",
        xLogarithmic: true,
        plots: [
          { ...plot("E⁽²⁾", last, (one) => one.covarianceError, phaseOf), logarithmic: true },
          plot("AAI", last, ({ AAI }) => AAI, phaseOf),
          plot("A_S, of real images", last, ({ A_S }) => A_S, phaseOf),
          plot("A_T, of generated images", last, ({ A_T }) => A_T, phaseOf),
        ],
      }),
    );
    await bench.figure(
      "along-training",
      "E⁽²⁾ over the number of steps, along training",
      curves({
        xTitle: "steps of generation",
        xLogarithmic: true,
        plots: last.map(({ phase }) => ({
          ...plot(
            `E⁽²⁾, ${phase}`,
            courses.filter((course) => course.phase === phase),
            (one) => one.covarianceError,
            ({ update }) => `update ${update}`,
          ),
          logarithmic: true,
        })),
      }),
    );
    await bench.figure(
      "film",
      "Three chains of each machine over the steps of generation",
      filmStrip({
        title: "Images from noise over the steps of generation",
        ...{ width: images.width, height: images.height },
        columns: steps.map(String),
        rows: films,
        scale: Math.max(1, Math.round(42 / images.width)),
      }),
    );
    return last.map((course) => judge(course, steps, ends));
  },
};

const placeOfLeast = (values: readonly number[]): number => values.indexOf(Math.min(...values));

/** Chains as they begin, N(0, 1). */
function normals(seed: number, chains: number, units: number): Float32Array {
  const source = { seed, stream: streams.initialState, step: 0 };
  const states = new Float32Array(chains * units);
  for (let chain = 0; chain < chains; chain++) {
    states.set(chainNoise(source, FRESH_CHAINS + chain, units), chain * units);
  }
  return states;
}

/** The course of every machine after its last update. */
const lastOf = (courses: readonly Course[]): Course[] =>
  courses.filter(
    ({ phase, update }) => !courses.some((other) => other.phase === phase && other.update > update),
  );

/** E⁽²⁾ at the end over its least value: above it the machine has left the data, below it has stayed. */
const LEFT = 1.5;
/** A machine counts as one that learned when its least E⁽²⁾ is below this share of that of noise. */
const LEARNED = 0.8;
/** The best step counts as "about the training length" within this factor. */
const ABOUT = 3;

function judge(
  { phase, length, persistent, qualities }: Course,
  steps: readonly number[],
  ends: { readonly noise: Quality; readonly real: Quality },
): Finding {
  const errors = qualities.map((one) => one.covarianceError);
  const [best, bestAAI] = [errors, qualities.map(({ AAI }) => AAI)].map(placeOfLeast) as [
    number,
    number,
  ];
  const last = qualities.at(-1)!;
  const rise = last.covarianceError / errors[best]!;
  const learned = errors[best]! < LEARNED * ends.noise.covarianceError;
  const near = (place: number) =>
    steps[place]! <= ABOUT * length && steps[place]! * ABOUT >= length;
  const found =
    `${phase}: E⁽²⁾ is least, ${fixed(errors[best]!, 4)}, after ${steps[best]} steps, and ` +
    `${fixed(last.covarianceError, 4)} after ${steps.at(-1)}, ${fixed(rise, 1)} times as much; noise has ` +
    `${fixed(ends.noise.covarianceError, 4)}, other real images ${fixed(ends.real.covarianceError, 4)}. AAI is ` +
    `least, ${fixed(qualities[bestAAI]!.AAI, 3)}, after ${steps[bestAAI]} steps, and ${fixed(last.AAI, 3)} at the ` +
    `end, with A_T ${fixed(last.A_T, 2)} and ${Math.round(100 * last.negatives)} % negatives.`;
  return persistent
    ? {
        paper: "With persistent chains (PCD-k) quality stays however long is generated.",
        found,
        agrees: learned && rise < LEFT ? "yes" : "no",
      }
    : {
        paper:
          `With restarts (Rdm-k) machines generate out of equilibrium: best at about the training length, here ` +
          `${length} steps, and worse beyond it.`,
        found,
        agrees: !(learned && rise > LEFT) ? "no" : near(best) && near(bestAAI) ? "yes" : "partly",
      };
}
