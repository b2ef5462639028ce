// What a machine generates along a training with a single model chain, between an untrained machine and real images.
// While the bias is small E(−x) ≈ E(x), and negatives of digits are as likely as digits. They are counted, and quality
// is measured with all of them turned into positives.
import { randomNetwork } from "@neural-langevin/core";
import { decodeStates, encodeImages, greyLevels } from "@neural-langevin/datasets";
import { curves, filmStrip } from "@neural-langevin/figures";
import type { TrainingData } from "@neural-langevin/runs";
import { completeSettings, type TrainingSettings } from "@neural-langevin/runs";
import { mean } from "../mean.js";
import type { Experiment } from "./experiment.js";
import { QUALITY_WIDTH, type Quality, quality, qualityOfRow, qualityRow } from "./quality.js";
import { qualityFlop, stepsFlop, trainingFlop } from "./work.js";
import type { Workbench } from "./workbench.js";

export interface CourseSettings {
  /** Keeps back as many images as chains generate. */
  readonly training: Partial<TrainingSettings>;
  /** Updates at which the machine generates, besides the last. */
  readonly at: readonly number[];
  /** Chains from N(0, 1), and their steps. */
  readonly chains: number;
  readonly steps: number;
}

/** Images of a machine at one update. */
interface Point {
  readonly update: number;
  /** Of all images as positives; `negatives` is their share before. */
  readonly quality: Quality;
}

export interface Course {
  readonly untrained: Point;
  readonly points: readonly Point[];
  /** Of images that were kept back. */
  readonly real: Quality;
}

/** Images that the figure shows of each update. */
const SHOWN = 16;
/** A single chain reads all couplings for itself, and so takes about this many times longer than one among many. */
const ALONE = 16;

export const courseWork: Experiment<CourseSettings>["work"] = ({
  training,
  at,
  chains,
  steps,
}: CourseSettings) => ({
  backend: ALONE * trainingFlop(training) + (at.length + 2) * stepsFlop(chains, steps),
  host: (at.length + 3) * qualityFlop(chains),
});

/** Trains, generates and draws; `name` begins the names of stages, figures and the table. */
export async function learningCourse(
  bench: Workbench,
  name: string,
  { training, at, chains, steps }: CourseSettings,
): Promise<Course> {
  const data = await bench.data(training);
  const { units } = data;
  const { gain, seed, ...config } = completeSettings({ seed: bench.seed, ...training });
  const machines = [
    { update: 0, ...randomNetwork({ units, gain, seed }) },
    ...(await bench.train(name, training, { at: [...at, training.updates!], data })),
  ];
  const films: { name: string; pixels: Uint8Array }[] = [];
  const found: Point[] = [];
  for (const machine of machines) {
    const { update } = machine;
    const [row] = await bench.generate(`${name}-${update}`, {
      ...{ machine, chains, at: [steps], dt: config["step-size"] },
      ...{ integrator: config.integrator, temperature: config.temperature },
      async read(session) {
        const states = await session.read("chains");
        const { positives, negatives } = asPositives(states, units);
        return [
          ...qualityRow({ ...quality(positives, data), negatives }),
          ...states.subarray(0, SHOWN * units),
        ];
      },
    });
    found.push({ update, quality: qualityOfRow(row!) });
    const pixels = decodeStates(Float32Array.from(row!.subarray(QUALITY_WIDTH)));
    films.push({ name: update === 0 ? "untrained" : `update ${update}`, pixels });
  }
  const shown = films[0]!.pixels.length;
  films.push({ name: "real", pixels: greyLevels(data.heldOut.pixels.subarray(0, shown)) });
  const real = await bench.stage(`${name}-real`, () => quality(encodeImages(data.heldOut), data));
  const [untrained, ...points] = found as [Point, ...Point[]];
  await draw(bench, name, { untrained, points, real }, films, data.training, steps);
  return { untrained, points, real };
}

/** Turns images that are brighter than mid-grey, as no digit is, into their negatives. */
function asPositives(
  states: Float32Array,
  units: number,
): { positives: Float32Array; negatives: number } {
  const positives = states.slice();
  let turned = 0;
  for (let start = 0; start < states.length; start += units) {
    const image = positives.subarray(start, start + units);
    if (mean(image.map(Math.tanh)) <= 0) continue;
    image.set(image.map((x) => -x));
    turned++;
  }
  return { positives, negatives: (turned * units) / states.length };
}

async function draw(
  bench: Workbench,
  name: string,
  { untrained, points, real }: Course,
  films: readonly { name: string; pixels: Uint8Array }[],
  { width, height }: TrainingData["training"],
  steps: number,
): Promise<void> {
  const all = [untrained, ...points];
  await bench.table(
    `${name}-course`,
    `${name}: quality of images from noise along training, all as positives; at update 0 of an untrained machine, last of real images`,
    [...all.map(({ update, quality }) => ({ update, ...quality })), { update: "real", ...real }],
  );
  const x = all.map(({ update }) => update);
  const between = (of: (measured: Quality) => number) => [
    { name: "machine", x, y: all.map(({ quality }) => of(quality)) },
    { name: "real images", x, y: x.map(() => of(real)), dashed: true },
  ];
  await bench.figure(
    `${name}-quality`,
    `${name}: quality of images from noise along training, all as positives, from an untrained machine on`,
    curves({
      xTitle: "updates",
      plots: [
        { title: "E⁽²⁾", logarithmic: true, series: between((one) => one.covarianceError) },
        {
          title: "Adversarial accuracy; ½ where nothing tells images apart",
          series: [
            { name: "A_S", x, y: all.map(({ quality }) => quality.A_S) },
            { name: "A_T", x, y: all.map(({ quality }) => quality.A_T) },
            { name: "½", x, y: x.map(() => 0.5), dashed: true },
          ],
        },
        {
          title: "Share of negatives",
          series: between(({ negatives }) => negatives),
        },
      ],
    }),
  );
  const columns = films[0]!.pixels.length / (width * height);
  await bench.figure(
    `${name}-images`,
    `${name}: images from noise after ${steps} steps, along training, as they come`,
    filmStrip({
      title: `${name}: images from noise after ${steps} steps`,
      ...{ width, height, rows: films, scale: Math.max(1, Math.round(42 / width)) },
      columns: Array.from({ length: columns }, () => ""),
    }),
  );
}
