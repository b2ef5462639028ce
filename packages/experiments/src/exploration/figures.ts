// One trajectory as images and on principal components, and the classes of all of them.
import {
  animation,
  curves,
  filmStrip,
  heatMap,
  type Points,
  page,
  scatter,
} from "@neural-langevin/figures";
import { zoomTo } from "../drawing.js";
import { numbersOf } from "../estimates.js";
import type { Figure, Table } from "../experiment.js";
import { fixed } from "../format.js";
import type { ExplorationResult, Trajectory } from "./measure.js";

/** Images of the film strip, of the animation, and cells of the figure of classes. */
const FILM = { rows: 5, columns: 14 };
const ANIMATED = { chains: 4, frames: 120, seconds: 0.1 };
const RASTER = { chains: 32, frames: 110 };

export const tables = ({ stays }: ExplorationResult): Table[] => [
  {
    name: "classes",
    caption:
      "Shares of frames and of training images, and mean dwell time (in units of time, dt × steps: frames in a class over exits from it) with its standard error between chains, by class",
    rows: stays.map(({ label, occupancy, training, dwellTime, complete }) => ({
      class: label,
      occupancy,
      training,
      ...numbersOf({ dwellTime }),
      completeStays: complete.length,
    })),
  },
];

export function figures(result: ExplorationResult): Figure[] {
  const { trajectories, frameTime, frames, width, height } = result;
  const kept = frames[0]!.length / (width * height);
  // Of the chains whose images are kept, those that spend their time most evenly over the classes come first.
  const shown = trajectories.slice(0, kept).sort((a, b) => b.entropy - a.entropy);
  const moving = shown.slice(0, ANIMATED.chains);
  const every = Math.max(1, Math.ceil(frames.length / ANIMATED.frames));
  return [
    {
      name: "film",
      caption: `One trajectory, from left to right and from top to bottom: of the first ${kept} chains the one that spends its time most evenly over the classes`,
      svg: drawFilm(result, shown[0]!),
    },
    {
      name: "animation",
      caption: `${moving.length} trajectories as an animation: an image every ${fixed(every * frameTime, 1)} units of time`,
      png: animate(result, moving, every),
    },
    {
      name: "path",
      caption:
        "The same trajectory on the first three principal components of the training images, drawn over these images",
      svg: page([[drawPath(result, shown[0]!, 1), drawPath(result, shown[0]!, 2)]]),
    },
    {
      name: "classes",
      caption: "Class of each chain's image over time, by its five nearest labelled images",
      svg: drawClasses(result),
    },
    {
      name: "transitions",
      caption: "Classes between frames, and where a chain goes when it leaves its class",
      svg: drawTransitions(result),
    },
    {
      name: "dwell-times",
      caption: "Share of complete stays in a class that last longer than a time",
      svg: drawStays(result),
    },
  ];
}

/** The image of a chain in a frame. */
function imageOf({ frames, width, height }: ExplorationResult, frame: number, chain: number) {
  const units = width * height;
  return frames[frame]!.subarray(chain * units, (chain + 1) * units);
}

function drawFilm(result: ExplorationResult, { chain }: Trajectory): string {
  const { frames, frameTime, width, height } = result;
  const columns = Math.min(FILM.columns, frames.length);
  const rows = Math.min(FILM.rows, Math.floor(frames.length / columns));
  const step = Math.floor(frames.length / (rows * columns));
  return filmStrip({
    title: `One trajectory; an image every ${fixed(step * frameTime, 1)} units of time`,
    width,
    height,
    scale: zoomTo(56, width),
    columns: Array.from(
      { length: columns },
      (_, column) => `+${fixed(column * step * frameTime, 0)}`,
    ),
    rows: Array.from({ length: rows }, (_, row) => {
      const pixels = new Uint8Array(columns * width * height);
      for (let column = 0; column < columns; column++) {
        const image = imageOf(result, (row * columns + column) * step, chain);
        pixels.set(image, column * width * height);
      }
      return { name: `t = ${fixed(row * columns * step * frameTime, 0)}`, pixels };
    }),
  });
}

function animate(
  result: ExplorationResult,
  moving: readonly Trajectory[],
  every: number,
): Uint8Array {
  const { frames, width, height } = result;
  const grids = Array.from({ length: Math.ceil(frames.length / every) }, (_, frame) => {
    const pixels = new Uint8Array(moving.length * width * height);
    moving.forEach(({ chain }, at) => {
      pixels.set(imageOf(result, frame * every, chain), at * width * height);
    });
    return { pixels, width, height, columns: moving.length, scale: 2 * zoomTo(56, width), gap: 4 };
  });
  return animation(grids, ANIMATED.seconds).png;
}

function drawPath(result: ExplorationResult, { along }: Trajectory, second: number): string {
  const { transitions, images, imageLabels, frames, frameTime } = result;
  const clouds = transitions.labels.map((label): Points => {
    const own = (component: number) =>
      images[component]!.filter((_, image) => imageLabels[image] === label);
    return { name: `${label}`, x: own(0), y: own(second), size: 4 };
  });
  return scatter({
    title: `Trajectory over training images, components 1 and ${second + 1}`,
    xTitle: "component 1",
    yTitle: `component ${second + 1}`,
    points: clouds,
    trajectories: [{ x: along[0]!, y: along[second]! }],
    time: { title: "time", from: 0, to: Math.round(frames.length * frameTime) },
  });
}

function drawClasses({ trajectories, transitions, frameTime }: ExplorationResult): string {
  const { labels } = transitions;
  const chains = trajectories.slice(0, RASTER.chains);
  const frames = trajectories[0]!.labels.length;
  const every = Math.max(1, Math.ceil(frames / RASTER.frames));
  const moments = Array.from({ length: Math.ceil(frames / every) }, (_, at) => at * every);
  return heatMap({
    title: `Classes ${labels.join(", ")}, from dark to bright`,
    values: chains.flatMap((one) => moments.map((at) => labels.indexOf(one.labels[at]!))),
    range: [0, Math.max(1, labels.length - 1)],
    rowNames: chains.map(({ chain }) => `${chain + 1}`),
    columnNames: moments.map((at) => fixed(at * frameTime, 0)),
    rowTitle: "chain",
    columnTitle: "time",
  });
}

function drawTransitions({ transitions, frameTime }: ExplorationResult): string {
  const { labels, counts, probabilities } = transitions;
  const size = labels.length;
  const leaving = Float64Array.from(counts, (count, at) => {
    const row = Math.floor(at / size);
    const exits = labels.reduce(
      (sum, _, column) => sum + (column === row ? 0 : counts[row * size + column]!),
      0,
    );
    return at % size === row || exits === 0 ? 0 : count / exits;
  });
  const names = labels.map(String);
  const shared = {
    rowNames: names,
    columnNames: names,
    rowTitle: "from",
    columnTitle: "to",
    range: [0, 1] as const,
    text: (value: number) => fixed(value, 2),
  };
  const title = `After ${fixed(frameTime, 1)} units of time`;
  return page([
    [
      heatMap({ ...shared, title, values: probabilities }),
      heatMap({ ...shared, title: "Leaving its class", values: leaving }),
    ],
  ]);
}

function drawStays({ stays }: ExplorationResult): string {
  const series = stays.map(({ label, complete }) => {
    const x = [...new Set(complete)].sort((a, b) => a - b);
    const longer = x.map((time) => complete.filter((other) => other > time).length);
    return {
      name: `class ${label}`,
      x: [0, ...x],
      y: [1, ...longer.map((count) => count / complete.length)],
    };
  });
  return curves({
    xTitle: "time",
    plots: [{ title: "Share of stays that last longer", logarithmic: true, series }],
  });
}
