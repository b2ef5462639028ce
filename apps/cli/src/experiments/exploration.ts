// One machine's chains wander for long: they pass between kinds of digits, as one sees in images, in the plane of the
// data's principal components, and in the classes of their nearest labelled images.
import {
  type ClassTransitions,
  classMix,
  classTransitions,
  dwells,
  integratedTime,
  points,
  principalComponents,
} from "@neural-langevin/analysis";
import { decodeStates, ratesOfStates } from "@neural-langevin/datasets";
import {
  animation,
  curves,
  filmStrip,
  heatMap,
  type Points,
  page,
  scatter,
} from "@neural-langevin/figures";
import type { TrainingSettings } from "@neural-langevin/runs";
import { mean } from "../mean.js";
import type { Experiment, Finding } from "./experiment.js";
import { HALF, PUBLISHED, QUICK } from "./published.js";
import { brightShare } from "./quality.js";
import { fixed } from "./statistics.js";
import { stepsFlop, trainingFlop } from "./work.js";

interface Settings {
  readonly training: Partial<TrainingSettings>;
  readonly chains: number;
  /** Langevin steps from N(0, 1) before the first frame, frames, and steps between two of them. */
  readonly burnIn: number;
  readonly frames: number;
  readonly between: number;
  /** Labelled images that vote on classes; the training images are the first of them. */
  readonly labelled: number;
}

/** One chain, frame by frame. */
interface Path {
  readonly chain: number;
  readonly labels: Uint8Array;
  /** Coordinates along each principal component. */
  readonly along: readonly Float64Array[];
  readonly changes: number;
  /** Entropy of the shares of its frames in each class, in nats. */
  readonly entropy: number;
}

/** Principal components; chains whose images are kept; images of a film strip's row; frames of the animation. */
const COMPONENTS = 3;
const KEPT = 8;
const FILM = { rows: 5, columns: 14 };
const ANIMATED = { chains: 4, frames: 120, seconds: 0.1 };
/** Chains and moments of the figure of classes. */
const RASTER = { chains: 32, frames: 110 };

export const exploration: Experiment<Settings> = {
  name: "exploration",
  shows:
    "long trajectories that pass between kinds of digits: images, principal components, dwell times and transitions",
  scales: {
    quick: {
      training: { ...QUICK, images: 288 },
      chains: 96,
      burnIn: 2000,
      frames: 300,
      between: 40,
      labelled: 1500,
    },
    half: {
      training: { ...HALF, images: 288, updates: 6000 },
      chains: 96,
      burnIn: 20_000,
      frames: 600,
      between: 50,
      labelled: 3000,
    },
    paper: {
      training: { ...PUBLISHED, images: 288, updates: 20_000 },
      chains: 100,
      burnIn: 120_000,
      frames: 600,
      between: 50,
      labelled: 5000,
    },
  },

  work: ({ training, chains, burnIn, frames, between, labelled }) => ({
    backend: trainingFlop(training) + stepsFlop(chains, burnIn + frames * between),
    host: 2 * frames * chains * labelled * 784 + 20 * 784 ** 3,
  }),

  async run(bench, { training, chains, burnIn, frames, between, labelled }) {
    const data = await bench.data(training);
    const { units } = data;
    const voters = await bench.data({ ...training, images: labelled });
    const classes = voters.training.labels!;
    const references = points(ratesOfStates(voters.states), units);
    const [machine] = await bench.train("machine", training, { data });
    const learned = points(ratesOfStates(data.states), units);
    const axes = await bench.array("components", () => {
      const { mean: centre, components } = principalComponents(learned, COMPONENTS);
      return { values: Float64Array.of(...centre, ...components), shape: [1 + COMPONENTS, units] };
    });
    const project = (rates: Float32Array) => projection(rates, axes.values as Float64Array, units);

    const kept = Math.min(KEPT, chains);
    const rows = await bench.generate("trajectories", {
      ...{ machine: machine!, chains, dt: training["step-size"]! },
      ...{ integrator: training.integrator!, temperature: training.temperature! },
      at: Array.from({ length: frames }, (_, frame) => burnIn + frame * between),
      async read(session) {
        const states = await session.read("chains");
        const rates = ratesOfStates(states);
        const set = points(rates, units);
        const { labels } = classMix(set, references, classes);
        const images = states.subarray(0, kept * units);
        return [...labels, ...project(rates), ...images, brightShare(set)];
      },
    });
    const paths = Array.from({ length: chains }, (_, chain): Path => {
      const labels = Uint8Array.from(rows, (row) => row[chain]!);
      const along = Array.from({ length: COMPONENTS }, (_, component) =>
        Float64Array.from(rows, (row) => row[chains + chain * COMPONENTS + component]!),
      );
      return { chain, labels, along, changes: dwells(labels).length - 1, entropy: entropy(labels) };
    });
    const pixelsOf = (frame: number, chain: number) => {
      const start = chains * (1 + COMPONENTS) + chain * units;
      return decodeStates(Float32Array.from(rows[frame]!.subarray(start, start + units)));
    };
    const transitions = classTransitions(paths.map(({ labels }) => labels));
    // Of the chains whose images are kept, those that spend their time most evenly over the classes come first.
    const shown = paths.slice(0, kept).sort((a, b) => b.entropy - a.entropy);
    const one = shown[0]!;
    const time = training["step-size"]! * between;

    const stays = transitions.labels.map((label, at) => ({
      class: label,
      occupancy: transitions.occupancy[at]!,
      training: share(data.training.labels!, label),
      dwellTime: time * dwellFrames(transitions, at),
      completeStays: completeStays(paths, label).length,
    }));
    await bench.table(
      "classes",
      "Shares of frames and of training images, and mean dwell time (in units of time, dt × steps: frames in a class over exits from it) by class",
      stays,
    );
    const { width, height } = data.training;
    const scale = Math.max(1, Math.round(56 / width));
    const columns = Math.min(FILM.columns, frames);
    const films = Math.min(FILM.rows, Math.floor(frames / columns));
    const step = Math.floor(frames / (films * columns));
    await bench.figure(
      "film",
      `One trajectory, from left to right and from top to bottom: of the first ${kept} chains the one that spends its time most evenly over the classes`,
      filmStrip({
        title: `One trajectory; an image every ${fixed(step * time, 1)} units of time`,
        ...{ width, height, scale },
        columns: Array.from(
          { length: columns },
          (_, column) => `+${fixed(column * step * time, 0)}`,
        ),
        rows: Array.from({ length: films }, (_, film) => {
          const pixels = new Uint8Array(columns * units);
          for (let column = 0; column < columns; column++) {
            const frame = (film * columns + column) * step;
            pixels.set(pixelsOf(frame, one.chain), column * units);
          }
          return { name: `t = ${fixed(film * columns * step * time, 0)}`, pixels };
        }),
      }),
    );
    const moving = shown.slice(0, ANIMATED.chains);
    const every = Math.max(1, Math.ceil(frames / ANIMATED.frames));
    await bench.picture(
      "animation",
      `${moving.length} trajectories, moving: an image every ${fixed(every * time, 1)} units of time`,
      animation(
        Array.from({ length: Math.ceil(frames / every) }, (_, frame) => {
          const pixels = new Uint8Array(moving.length * units);
          moving.forEach(({ chain }, at) => {
            pixels.set(pixelsOf(frame * every, chain), at * units);
          });
          return { pixels, width, height, columns: moving.length, scale: 2 * scale, gap: 4 };
        }),
        ANIMATED.seconds,
      ),
    );
    await bench.figure(
      "path",
      "The same trajectory on the first three principal components of the training images, over these images",
      page([[drawPath(1), drawPath(2)]]),
    );
    await bench.figure(
      "classes",
      "Class of each chain's image over time, by its five nearest labelled images",
      drawClasses(paths, transitions.labels, time),
    );
    await bench.figure(
      "transitions",
      "Classes between frames, and where a chain goes when it leaves its class",
      drawTransitions(transitions, time),
    );
    await bench.figure(
      "dwell-times",
      "Share of complete stays in a class that last longer than a time",
      drawStays(paths, transitions.labels, time),
    );
    const spreads = Array.from({ length: COMPONENTS }, (_, component) => {
      const chain = paths.flatMap(({ along }) => [...along[component]!]);
      const all = project(ratesOfStates(data.states));
      return deviation(chain) / deviation(all.filter((_, at) => at % COMPONENTS === component));
    });
    const correlation = time * integratedTime(paths.map(({ along }) => along[0]!));
    const negatives = mean(rows.map((row) => row.at(-1)!));
    const span = frames * time;
    return judge({ paths, transitions, spreads, stays, correlation, negatives, span });

    function drawPath(second: number): string {
      const coordinates = project(ratesOfStates(data.states));
      const clouds = transitions.labels.map((label): Points => {
        const own = [...data.training.labels!].flatMap((other, at) =>
          other === label ? [at] : [],
        );
        const of = (component: number) =>
          own.map((at) => coordinates[at * COMPONENTS + component]!);
        return { name: `${label}`, x: of(0), y: of(second), size: 4 };
      });
      return scatter({
        title: `Trajectory over training images, components 1 and ${second + 1}`,
        xTitle: "component 1",
        yTitle: `component ${second + 1}`,
        points: clouds,
        trajectories: [{ x: one.along[0]!, y: one.along[second]! }],
        time: { title: "time", from: 0, to: Math.round(frames * time) },
      });
    }
  },
};

/** Coordinates of firing rates on axes of shape [1 + components][N] whose first row is the origin. */
function projection(rates: Float32Array, axes: Float64Array, units: number): Float64Array {
  const result = new Float64Array((rates.length / units) * COMPONENTS);
  return result.map((_, at) => {
    const start = Math.floor(at / COMPONENTS) * units;
    const axis = (1 + (at % COMPONENTS)) * units;
    let sum = 0;
    for (let i = 0; i < units; i++) sum += axes[axis + i]! * (rates[start + i]! - axes[i]!);
    return sum;
  });
}

const share = (labels: Uint8Array, label: number): number =>
  labels.filter((other) => other === label).length / labels.length;

/** Frames in a class over exits from it: the mean dwell of a memoryless chain, whatever the ends cut off. */
function dwellFrames({ counts, labels }: ClassTransitions, row: number): number {
  const here = counts.subarray(row * labels.length, (row + 1) * labels.length);
  const all = here.reduce((sum, count) => sum + count, 0);
  return all / (all - here[row]!);
}

function entropy(labels: Uint8Array): number {
  const shares = [...new Set(labels)].map((label) => share(labels, label));
  return shares.reduce((sum, p) => sum - p * Math.log(p), 0);
}

const completeStays = (paths: readonly Path[], label: number): number[] =>
  paths.flatMap(({ labels }) =>
    dwells(labels).flatMap((stay) => (stay.complete && stay.label === label ? [stay.length] : [])),
  );

function deviation(values: ArrayLike<number>): number {
  const centre = mean(values);
  return Math.sqrt(mean(Array.from(values, (value) => (value - centre) ** 2)));
}

function drawClasses(paths: readonly Path[], labels: readonly number[], time: number): string {
  const chains = paths.slice(0, RASTER.chains);
  const frames = paths[0]!.labels.length;
  const every = Math.max(1, Math.ceil(frames / RASTER.frames));
  const moments = Array.from({ length: Math.ceil(frames / every) }, (_, at) => at * every);
  return heatMap({
    title: `Classes ${labels.join(", ")}, from dark to bright`,
    values: chains.flatMap((path) => moments.map((at) => labels.indexOf(path.labels[at]!))),
    range: [0, Math.max(1, labels.length - 1)],
    rowNames: chains.map(({ chain }) => `${chain + 1}`),
    columnNames: moments.map((at) => fixed(at * time, 0)),
    rowTitle: "chain",
    columnTitle: "time",
  });
}

function drawTransitions(
  { labels, counts, probabilities }: ClassTransitions,
  time: number,
): string {
  const names = labels.map(String);
  const size = labels.length;
  const leaving = Float64Array.from(counts, (count, at) => {
    const row = Math.floor(at / size);
    const exits = labels.reduce(
      (sum, _, column) => sum + (column === row ? 0 : counts[row * size + column]!),
      0,
    );
    return at % size === row || exits === 0 ? 0 : count / exits;
  });
  const shared = { rowNames: names, columnNames: names, rowTitle: "from", columnTitle: "to" };
  const range = [0, 1] as const;
  const text = (value: number) => fixed(value, 2);
  return page([
    [
      heatMap({
        ...shared,
        range,
        text,
        title: `After ${fixed(time, 1)} units of time`,
        values: probabilities,
      }),
      heatMap({ ...shared, range, text, title: "Leaving its class", values: leaving }),
    ],
  ]);
}

function drawStays(paths: readonly Path[], labels: readonly number[], time: number): string {
  const series = labels.map((label) => {
    const lengths = completeStays(paths, label).sort((a, b) => a - b);
    const x = [...new Set(lengths)];
    const longer = x.map((length) => lengths.filter((other) => other > length).length);
    return {
      name: `class ${label}`,
      x: [0, ...x.map((length) => length * time)],
      y: [1, ...longer.map((count) => count / lengths.length)],
    };
  });
  return curves({
    xTitle: "time",
    plots: [{ title: "Share of stays that last longer", logarithmic: true, series }],
  });
}

function judge(of: {
  paths: readonly Path[];
  transitions: ClassTransitions;
  spreads: readonly number[];
  stays: readonly { class: number; occupancy: number; dwellTime: number }[];
  correlation: number;
  negatives: number;
  span: number;
}): Finding[] {
  const { paths, transitions, spreads, stays, correlation, negatives, span } = of;
  const kinds = transitions.labels.length;
  const changing = paths.filter(({ changes }) => changes > 0).length / paths.length;
  const everywhere =
    paths.filter(({ labels }) => new Set(labels).size === kinds).length / paths.length;
  const percent = (value: number) => `${fixed(100 * value, 0)} %`;
  return [
    {
      paper: "One long trajectory passes between kinds of digits.",
      found:
        `Within ${fixed(span, 0)} units of time ${percent(changing)} of ${paths.length} chains change class, ` +
        `${fixed(mean(paths.map(({ changes }) => changes)), 1)} times on average, and ` +
        `${percent(everywhere)} visit all ${kinds} classes. ` +
        `${percent(negatives)} of the images are negatives.`,
      agrees: kinds > 1 && changing > 0.5 ? "yes" : changing > 0 ? "partly" : "no",
    },
    {
      paper: "On the first three principal components trajectories explore where the data lie.",
      found:
        "The chains' standard deviation along the components is " +
        `${spreads.map((value) => fixed(value, 2)).join(", ")} times that of the training images.`,
      agrees: spreads.every((value) => value > 0.5 && value < 1.5)
        ? "yes"
        : spreads.some((value) => value > 0.5 && value < 1.5)
          ? "partly"
          : "no",
    },
    {
      paper: "Nothing on how long a trajectory stays.",
      found:
        `It stays ${stays.map((stay) => `${fixed(stay.dwellTime, 1)} in class ${stay.class}`).join(", ")} ` +
        `(units of time, on average); the first component forgets in ${fixed(correlation, 1)}.`,
      agrees: "silent",
    },
  ];
}
