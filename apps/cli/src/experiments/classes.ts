// Quality over the number of digit classes that one machine learns: {0, 1} … {0 … 9}.
import { classMix, points } from "@neural-langevin/analysis";
import { decodeStates, ratesOfStates } from "@neural-langevin/datasets";
import { curves, filmStrip } from "@neural-langevin/figures";
import type { TrainingData, TrainingSettings } from "@neural-langevin/runs";
import type { Experiment, Finding } from "./experiment.js";
import { HALF, PUBLISHED, PUBLISHED_STEPS, QUICK } from "./published.js";
import {
  describeQuality,
  QUALITY_WIDTH,
  type Quality,
  quality,
  qualityOfRow,
  qualityRow,
} from "./quality.js";
import { fitSlope, fixed } from "./statistics.js";
import { qualityFlop, stepsFlop, trainingFlop } from "./work.js";

interface Settings {
  readonly training: Partial<TrainingSettings>;
  /** Numbers of classes: 2 is {0, 1}. */
  readonly classes: readonly number[];
  readonly chains: number;
  /** Langevin steps from N(0, 1). */
  readonly steps: number;
}

/** What a machine of some classes generates. */
interface Point extends Quality {
  readonly classes: number;
  /** Normalised entropy of the generated classes: 1 where all are equally frequent, 0 where one is alone. */
  readonly evenness: number;
}

/** Training images that vote on the class of a generated one, and images that the figure shows. */
const VOTERS = 2000;
const SHOWN = 16;

export const classes: Experiment<Settings> = {
  name: "classes",
  shows:
    "quality of images from noise over the number of digit classes that are learned, {0, 1} … {0 … 9}",
  scales: {
    quick: {
      training: QUICK,
      classes: [2, 4, 7, 10],
      chains: 256,
      steps: 1500,
    },
    half: {
      training: { ...HALF, updates: 5000 },
      classes: [2, 3, 4, 5, 6, 7, 8, 9, 10],
      chains: 512,
      steps: 5000,
    },
    // 500 epochs of 10 000 images in batches of 1000.
    paper: {
      training: { ...PUBLISHED, updates: 5000 },
      classes: [2, 3, 4, 5, 6, 7, 8, 9, 10],
      chains: 10_000,
      steps: PUBLISHED_STEPS.at(-1)!,
    },
  },

  work: ({ training, classes: numbers, chains, steps }) => ({
    backend: numbers.length * (trainingFlop(training) + stepsFlop(chains, steps)),
    host: numbers.length * (qualityFlop(chains) + 3 * chains * VOTERS * 784),
  }),

  async run(bench, { training, classes: numbers, chains, steps }) {
    const found: Point[] = [];
    const films: { name: string; pixels: Uint8Array }[] = [];
    let size = { width: 0, height: 0 };
    for (const number of numbers) {
      const labels = Array.from({ length: number }, (_, label) => label);
      const config = { ...training, labels };
      const data = await bench.data(config);
      const { units } = data;
      const [machine] = await bench.train(`classes-${number}`, config, { data });
      const [row] = await bench.generate(`images-${number}`, {
        ...{ machine: machine!, chains, at: [steps] },
        dt: training["step-size"]!,
        integrator: training.integrator!,
        temperature: training.temperature!,
        async read(session) {
          const states = await session.read("chains");
          return [
            ...qualityRow(quality(states, data)),
            evennessOf(states, data),
            ...states.subarray(0, SHOWN * units),
          ];
        },
      });
      found.push({ classes: number, ...qualityOfRow(row!), evenness: row![QUALITY_WIDTH]! });
      const shown = Float32Array.from(row!.subarray(QUALITY_WIDTH + 1));
      films.push({ name: `0 … ${number - 1}`, pixels: decodeStates(shown) });
      size = data.training;
    }

    await bench.table(
      "classes",
      "Quality over the number of classes",
      found.map((one) => ({ ...one })),
    );
    const x = [...numbers];
    const series = (name: string, of: (point: Point) => number) => ({ name, x, y: found.map(of) });
    await bench.figure(
      "quality",
      "Quality of images from noise over the number of classes that are learned",
      curves({
        xTitle: "classes",
        plots: [
          { title: "E⁽²⁾", series: [series("E⁽²⁾", (point) => point.covarianceError)] },
          { title: "AAI", series: [series("AAI", ({ AAI }) => AAI)] },
          {
            title: "Adversarial accuracy and evenness of the classes",
            series: [
              series("A_S", ({ A_S }) => A_S),
              series("A_T", ({ A_T }) => A_T),
              series("evenness", ({ evenness }) => evenness),
            ],
          },
        ],
      }),
    );
    await bench.figure(
      "images",
      "Images from noise of the machines that learned 0 to 1, …, 0 to 9",
      filmStrip({
        title: `Images from noise after ${steps} steps`,
        ...{ width: size.width, height: size.height },
        columns: Array.from({ length: Math.min(SHOWN, chains) }, () => ""),
        rows: films,
        scale: Math.max(1, Math.round(42 / size.width)),
      }),
    );
    return judge(found);
  },
};

/** The evenness of the classes of generated states, by their nearest training images. */
function evennessOf(states: Float32Array, { training, states: all, units }: TrainingData): number {
  const count = Math.min(VOTERS, training.count);
  const references = points(ratesOfStates(all.subarray(0, count * units)), units);
  const generated = points(ratesOfStates(states), units);
  const { shares } = classMix(generated, references, training.labels!.subarray(0, count));
  const entropy = [...shares.values()].reduce(
    (sum, share) => (share > 0 ? sum - share * Math.log(share) : sum),
    0,
  );
  return entropy / Math.log(shares.size);
}

function judge(found: readonly Point[]): Finding[] {
  const [first, last] = [found[0]!, found.at(-1)!];
  const x = found.map((point) => point.classes);
  const slope = fitSlope(
    x,
    found.map(({ AAI }) => AAI),
  );
  return [
    {
      paper: "Shows AAI and E⁽²⁾ over the number of digit classes.",
      found:
        `With ${first.classes} classes: ${describeQuality(first)}. With ${last.classes}: ` +
        `${describeQuality(last)}. AAI changes by ${fixed(slope, 4)} for each class more.`,
      agrees: "silent",
    },
    {
      paper: "One machine generates images of several kinds.",
      found:
        `The evenness of the generated classes, 1 where all are equally frequent, is ` +
        `${found.map((point) => `${fixed(point.evenness, 2)} with ${point.classes}`).join(", ")}.`,
      agrees: found.every(({ evenness }) => evenness > 0.8)
        ? "yes"
        : found.every(({ evenness }) => evenness > 0.4)
          ? "partly"
          : "no",
    },
  ];
}
