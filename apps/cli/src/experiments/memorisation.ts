// From memorisation to generalisation: a machine that learned few images copies them, one that learned many does not.
import { memorisedShare, points } from "@neural-langevin/analysis";
import { decodeStates, greyLevels, pickImages, ratesOfStates } from "@neural-langevin/datasets";
import { curves, type FilmRow, filmStrip, histogram, type Series } from "@neural-langevin/figures";
import type { TrainingData, TrainingSettings } from "@neural-langevin/runs";
import { mean } from "../mean.js";
import type { Experiment, Finding } from "./experiment.js";
import { HALF, PUBLISHED, QUICK } from "./published.js";
import { QUALITY_WIDTH, type Quality, quality, qualityOfRow, qualityRow } from "./quality.js";
import { fixed } from "./statistics.js";
import { qualityFlop, stepsFlop, trainingFlop } from "./work.js";

interface Settings {
  readonly training: Partial<TrainingSettings>;
  /** Numbers P of training images, ascending; the images of a smaller one are among those of a larger. */
  readonly images: readonly number[];
  /** Trainings of each P, each with images, couplings and noise of its own. */
  readonly seeds: number;
  /** Langevin steps from N(0, 1). */
  readonly steps: number;
  /** At least so many samples are compared with the training images; P of them are published. */
  readonly leastSamples: number;
}

/** What one machine generates. */
interface Point extends Quality {
  readonly P: number;
  readonly seed: number;
  /** Share of samples with d₁/d₂ < ⅓. */
  readonly memorised: number;
  /** The same share of images that were not learned: what copying is measured against. */
  readonly heldOut: number;
  /** d₁/d₂ of every sample. */
  readonly ratios: Float64Array;
}

/** The published numbers of images, int(5·1.5^i). */
const PUBLISHED_IMAGES = Array.from({ length: 20 }, (_, i) => Math.floor(5 * 1.5 ** i));
/** The number that the published plots mark. */
const MARKED = 85;
/** Samples that the figure shows beside their nearest training images, and numbers P for which it does. */
const SHOWN = { samples: 10, rows: 6 };

export const memorisation: Experiment<Settings> = {
  name: "memorisation",
  shows:
    "copied samples (d₁/d₂ < ⅓), A_S and A_T over the number P of training images: from memorisation to generalisation",
  scales: {
    quick: {
      training: {
        ...QUICK,
        "held-out": 256,
        chains: 48,
        "step-size": 0.05,
        updates: 1500,
        rate: 5e-3,
      },
      images: [5, 11, 25, 56, 85, 192, 432],
      seeds: 1,
      steps: 1000,
      leastSamples: 96,
    },
    half: {
      training: { ...HALF, "held-out": 256, "step-size": 0.05, updates: 2000, rate: 1e-3 },
      images: PUBLISHED_IMAGES.filter((_, i) => i < 14 && i % 2 === 0).concat(MARKED),
      seeds: 3,
      steps: 5000,
      leastSamples: 192,
    },
    paper: {
      training: { ...PUBLISHED, "held-out": 256, updates: 20_000 },
      images: PUBLISHED_IMAGES,
      seeds: 5,
      steps: 50_000,
      leastSamples: 2,
    },
  },

  work({ training, images, seeds, steps, leastSamples }) {
    let [backend, host] = [0, 0];
    for (const P of images) {
      const samples = Math.max(P, leastSamples);
      backend += seeds * (trainingFlop({ ...training, images: P }) + stepsFlop(samples, steps));
      host += seeds * (qualityFlop(P) + 3 * (samples + 256) * P * 784);
    }
    return { backend, host };
  },

  async run(bench, { training, images, seeds, steps, leastSamples }) {
    const found: Point[] = [];
    const films: FilmRow[] = [];
    let size = { width: 0, height: 0 };
    const shown = Math.min(SHOWN.samples, Math.max(images[0]!, leastSamples));
    const rows = Math.min(SHOWN.rows, images.length);
    const drawn = Array.from(
      { length: rows },
      (_, row) => images[Math.round((row * (images.length - 1)) / Math.max(1, rows - 1))],
    );
    for (const P of images) {
      for (let seed = bench.seed; seed < bench.seed + seeds; seed++) {
        const config = { ...training, images: P, seed };
        const data = await bench.data(config);
        const { units } = data;
        const [machine] = await bench.train(`images-${P}-seed-${seed}`, config, { data });
        const chains = Math.max(P, leastSamples);
        const [row] = await bench.generate(`samples-${P}-seed-${seed}`, {
          ...{ machine: machine!, chains, at: [steps] },
          dt: training["step-size"]!,
          integrator: training.integrator!,
          temperature: training.temperature!,
          async read(session) {
            const states = await session.read("chains");
            const copies = memorisedBy(states, data);
            return [
              ...qualityRow(quality(states, data)),
              copies.share,
              memorisedBy(data.heldOutRates, data, "rates").share,
              ...copies.ratios,
              // The nearest training image of each sample that is shown, and these samples.
              ...Array.from({ length: shown }, (_, sample) => copies.indices[2 * sample]!),
              ...states.subarray(0, shown * units),
            ];
          },
        });
        const rest = row!.subarray(QUALITY_WIDTH);
        const [memorised, heldOut] = rest;
        const ratios = rest.slice(2, 2 + chains);
        found.push({
          P,
          seed,
          ...qualityOfRow(row!),
          memorised: memorised!,
          heldOut: heldOut!,
          ratios,
        });
        if (seed > bench.seed || !drawn.includes(P)) continue;
        const nearest = rest.subarray(2 + chains, 2 + chains + shown);
        const samples = Float32Array.from(rest.subarray(2 + chains + shown));
        films.push(
          { name: `P = ${P}`, pixels: decodeStates(samples) },
          { name: "nearest", pixels: greyLevels(pickImages(data.training, [...nearest]).pixels) },
        );
        size = data.training;
      }
    }

    await bench.table(
      "memorisation",
      "Copied samples, copies among images that were not learned, adversarial accuracy and negatives over the number P of training images",
      found.map(({ P, seed, memorised, heldOut, A_S, A_T, AAI, negatives }) => ({
        ...{ P, seed, memorised, heldOut, A_S, A_T, AAI, negatives },
      })),
    );
    const series = (name: string, of: (point: Point) => number): Series => {
      const values = images.map((P) => found.filter((point) => point.P === P).map(of));
      const centre = { name, x: [...images], y: values.map(mean) };
      if (seeds === 1) return centre;
      const [low, high] = [values.map((v) => Math.min(...v)), values.map((v) => Math.max(...v))];
      return { ...centre, low, high };
    };
    const mark: Series = { name: `P = ${MARKED}`, x: [MARKED, MARKED], y: [0, 1], dashed: true };
    await bench.figure(
      "memorisation",
      "Share of samples that are copies of a training image, median of d₁/d₂, and adversarial accuracy, over the number P of training images" +
        (seeds > 1 ? "; bands hold all seeds" : ""),
      curves({
        xTitle: "training images P",
        xLogarithmic: true,
        plots: [
          {
            title: "Share of samples with d₁/d₂ < ⅓",
            series: [
              series("samples", ({ memorised }) => memorised),
              series("not learned", ({ heldOut }) => heldOut),
              mark,
            ],
          },
          {
            title: "Median of d₁/d₂",
            series: [
              series("samples", ({ ratios }) => median(ratios)),
              { name: "⅓", x: [images[0]!, images.at(-1)!], y: [1 / 3, 1 / 3], dashed: true },
              mark,
            ],
          },
          {
            title: "Adversarial accuracy",
            series: [series("A_S", ({ A_S }) => A_S), series("A_T", ({ A_T }) => A_T), mark],
          },
        ],
      }),
    );
    await bench.figure(
      "ratios",
      "Density of d₁/d₂ of the samples; below ⅓ a sample counts as a copy",
      curves({
        xTitle: "d₁/d₂",
        plots: [
          {
            title: "Density of d₁/d₂",
            series: [
              ...drawn.map((P) => {
                const all = found.filter((point) => point.P === P);
                const ratios = all.flatMap((point) => [...point.ratios]);
                return { name: `P = ${P}`, ...histogram(ratios, { from: 0, to: 1, bins: 20 }) };
              }),
              { name: "⅓", x: [1 / 3, 1 / 3], y: [0, 8], dashed: true },
            ],
          },
        ],
      }),
    );
    await bench.figure(
      "copies",
      "Samples, each above its nearest training image, for numbers P of training images",
      filmStrip({
        title: `Samples after ${steps} steps from noise, each above its nearest training image`,
        ...{ width: size.width, height: size.height },
        columns: Array.from({ length: shown }, () => ""),
        rows: films,
        scale: Math.max(1, Math.round(56 / size.width)),
      }),
    );
    return judge(found);
  },
};

const median = (values: Float64Array): number => values.toSorted()[values.length >> 1]!;

/** Copies of training images among states, or among firing rates. */
function memorisedBy(values: Float32Array, { states, units }: TrainingData, kind?: "rates") {
  const rates = kind === "rates" ? values : ratesOfStates(values);
  return memorisedShare(points(rates, units), points(ratesOfStates(states), units));
}

/** Where the share of copies falls below ½, between two numbers P by a line over log P; NaN if it does not. */
function crossing(course: readonly { readonly P: number; readonly memorised: number }[]): number {
  for (let at = 1; at < course.length; at++) {
    const [before, after] = [course[at - 1]!, course[at]!];
    if (before.memorised < 0.5 || after.memorised >= 0.5) continue;
    const share = (before.memorised - 0.5) / (before.memorised - after.memorised);
    return before.P * (after.P / before.P) ** share;
  }
  return Number.NaN;
}

function judge(found: readonly Point[]): Finding[] {
  const numbers = [...new Set(found.map(({ P }) => P))];
  const at = (P: number, of: (point: Point) => number) =>
    mean(found.filter((point) => point.P === P).map(of));
  const course = numbers.map((P) => ({ P, memorised: at(P, ({ memorised }) => memorised) }));
  const [first, last] = [course[0]!, course.at(-1)!];
  const half = crossing(course);
  const percent = (share: number) => `${fixed(100 * share, 0)} %`;
  const accuracy = (P: number) =>
    `A_S ${fixed(
      at(P, ({ A_S }) => A_S),
      2,
    )}, A_T ${fixed(
      at(P, ({ A_T }) => A_T),
      2,
    )}`;
  const control = mean(found.map(({ heldOut }) => heldOut));
  return [
    {
      paper: "Few training images are memorised; with many, samples are no copies of them.",
      found:
        `${percent(first.memorised)} of the samples are copies with P = ${first.P}, ` +
        `${percent(last.memorised)} with P = ${last.P}; the median of d₁/d₂ is ` +
        `${fixed(
          at(first.P, ({ ratios }) => median(ratios)),
          2,
        )} and ` +
        `${fixed(
          at(last.P, ({ ratios }) => median(ratios)),
          2,
        )}. Of images that were not learned ` +
        `${percent(control)} would count as copies.`,
      agrees:
        first.memorised > 0.5 && last.memorised < 0.1
          ? "yes"
          : last.memorised < first.memorised / 2
            ? "partly"
            : "no",
    },
    {
      paper: `Marks P = ${MARKED} in its plots of the transition.`,
      found: Number.isFinite(half)
        ? `The share of copies falls below a half at P ≈ ${fixed(half, 0)}.`
        : "The share of copies does not cross a half among these numbers of images.",
      agrees: !Number.isFinite(half)
        ? "no"
        : half > MARKED / 2 && half < 2 * MARKED
          ? "yes"
          : "partly",
    },
    {
      paper: "A_S and A_T lie near 0 where samples are copies, and rise where they are not.",
      found: `${accuracy(first.P)} with P = ${first.P}; ${accuracy(last.P)} with P = ${last.P}.`,
      agrees: rises(first.P, last.P, at),
    },
  ];
}

/** Whether both accuracies rise by more than a quarter, one does, or none. */
function rises(
  few: number,
  many: number,
  at: (P: number, of: (point: Point) => number) => number,
): Finding["agrees"] {
  const up = ([(point) => point.A_S, (point) => point.A_T] as ((point: Point) => number)[]).filter(
    (of) => at(many, of) - at(few, of) > 0.25,
  );
  return up.length === 2 ? "yes" : up.length === 1 ? "partly" : "no";
}
