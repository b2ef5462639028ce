// Kinds of images within a label, such as two ways of writing a 4: found by k-means, so that each can have label units of
// its own.
import {
  type LabelKinds,
  type LabelUnits,
  LangevinError,
  streams,
  uniforms,
  type WorkOptions,
} from "@neural-langevin/core";
import { requireInteger, requireLength } from "@neural-langevin/core/backend";
import { ratesOfStates } from "./encoding.js";
import { startWork, type Work } from "./work.js";

/** Random starts, of which the best goes on with all points. */
const STARTS = 8;
/** Points that starts are tried on. */
const TRIED = 256;
/** Rounds of k-means; it mostly ends before, when no point changes its mean. */
const MOST_ROUNDS = 100;
// Permutations of a training are numbered by epoch, the selection of images is 2³²; this lies beyond both.
const STEP = 2 ** 33;
/** Means of kinds are multiples of this: small in a compressed file, and the same on every device. */
const GRAIN = 1 / 1024;

/** What k-means found. */
export interface Clusters {
  /** Mean of each cluster, shape [clusters][dimension]. */
  readonly means: Float32Array;
  /** Sum over points of the squared distance to the nearest mean. */
  readonly inertia: number;
}

/**
 * Clusters points by k-means: the mean of each cluster, and each point in the cluster whose mean is nearest, by
 * alternation of both (Lloyd 1982) from means that are drawn far apart (k-means++; Arthur & Vassilvitskii 2007). Eight
 * starts are tried on the first 256 points, and the best of them goes on with all. A cluster that loses all its points
 * begins again at the point that is farthest from its mean.
 *
 * @param points shape [count][dimension], at least as many as clusters
 * @param options.seed draws the starts: equal seeds and points give equal bits
 * @param options.number of these points among those with the same seed, such as their label; 0 unless given
 * @throws invalid-value, wrong-length, aborted
 */
export async function kMeans(
  points: Float32Array,
  dimension: number,
  options: WorkOptions & {
    readonly clusters: number;
    readonly seed: number;
    readonly number?: number;
  },
): Promise<Clusters> {
  const { clusters, seed, number = 0 } = options;
  requireInteger("dimension", dimension, 1);
  requireInteger("clusters", clusters, 1);
  requireInteger("seed", seed, 0);
  requireInteger("number", number, 0);
  const count = Math.floor(points.length / dimension);
  requireLength("points", points, count * dimension);
  if (count < clusters) {
    throw new LangevinError("invalid-value", `${count} points do not make ${clusters} clusters.`);
  }
  const source = { seed, stream: streams.dataOrder, step: STEP };
  const tried = points.subarray(0, Math.max(clusters, TRIED) * dimension);
  const work = startWork(options, "clustering", MOST_ROUNDS, "rounds");
  let best: Clusters | undefined;
  for (let start = 0; start < STARTS; start++) {
    const draws = uniforms(source, number * STARTS + start, clusters);
    const found = await lloyd(tried, distantPoints(tried, dimension, draws), clusters, work);
    if (!best || found.inertia < best.inertia) best = found;
  }
  return lloyd(points, best!.means, clusters, work);
}

/** Points far apart: the first at random, each further one with a probability ∝ its squared distance to the nearest. */
function distantPoints(points: Float32Array, dimension: number, draws: Float64Array): Float32Array {
  const count = points.length / dimension;
  const means = new Float32Array(draws.length * dimension);
  const distances = new Float64Array(count).fill(Number.POSITIVE_INFINITY);
  let chosen = Math.floor(draws[0]! * count);
  for (let cluster = 0; cluster < draws.length; cluster++) {
    if (cluster > 0) {
      const total = distances.reduce((sum, distance) => sum + distance, 0);
      let rest = draws[cluster]! * total;
      chosen = distances.findIndex((distance) => {
        rest -= distance;
        return rest < 0;
      });
      // Where all points are chosen already, every distance is 0.
      if (chosen < 0) chosen = cluster % count;
    }
    means.set(points.subarray(chosen * dimension, (chosen + 1) * dimension), cluster * dimension);
    for (let point = 0; point < count; point++) {
      const distance = squaredDistance(
        points,
        point * dimension,
        means,
        cluster * dimension,
        dimension,
      );
      distances[point] = Math.min(distances[point]!, distance);
    }
  }
  return means;
}

/** What rounding may add to a distance, relative to it. */
const ROUNDING = 1e-9;

/**
 * Alternates means and clusters until no point changes its cluster. A point is looked at again only when the means have
 * moved so far that another could be nearer: by the triangle inequality its distance to its own mean grows at most as far
 * as that has moved, and the next one falls at most as far as any has (Hamerly 2010).
 */
async function lloyd(
  points: Float32Array,
  start: Float32Array,
  clusters: number,
  work: Work,
): Promise<Clusters> {
  const dimension = start.length / clusters;
  const count = points.length / dimension;
  const means = start.slice();
  const sums = new Float64Array(means.length);
  const sizes = new Float64Array(clusters);
  const nearest = new Int32Array(count).fill(-1);
  const atMost = new Float64Array(count).fill(Number.POSITIVE_INFINITY);
  const othersAtLeast = new Float64Array(count);
  for (let round = 0; round < MOST_ROUNDS; round++) {
    await work.advance(round);
    let changed = false;
    for (let point = 0; point < count; point++) {
      if (atMost[point]! < othersAtLeast[point]!) continue;
      const from = point * dimension;
      const { cluster, distance, next } = nearestMeans(points, from, means, clusters);
      atMost[point] = Math.sqrt(distance) * (1 + ROUNDING);
      othersAtLeast[point] = Math.sqrt(next) * (1 - ROUNDING);
      const before = nearest[point]!;
      if (cluster === before) continue;
      changed = true;
      nearest[point] = cluster;
      for (const [to, sign] of [[before, -1] as const, [cluster, 1] as const]) {
        if (to < 0) continue;
        sizes[to]! += sign;
        for (let i = 0; i < dimension; i++) sums[to * dimension + i]! += sign * points[from + i]!;
      }
    }
    if (!changed) break;
    const before = means.slice();
    moveMeans(means, { sums, sizes }, points, nearest);
    const moved = Array.from({ length: clusters }, (_, cluster) => {
      const at = cluster * dimension;
      return Math.sqrt(squaredDistance(means, at, before, at, dimension)) * (1 + ROUNDING);
    });
    const farthest = Math.max(...moved);
    for (let point = 0; point < count; point++) {
      atMost[point]! += moved[nearest[point]!]!;
      othersAtLeast[point]! -= farthest;
    }
  }
  const distances = distancesTo(means, points, nearest, dimension);
  return { means, inertia: distances.reduce((sum, distance) => sum + distance, 0) };
}

/** Moves each mean to its points; one without points to the point that is farthest from its own. */
function moveMeans(
  means: Float32Array,
  { sums, sizes }: { readonly sums: Float64Array; readonly sizes: Float64Array },
  points: Float32Array,
  nearest: Int32Array,
): void {
  const dimension = means.length / sizes.length;
  const distances = sizes.includes(0) ? distancesTo(means, points, nearest, dimension) : undefined;
  sizes.forEach((size, cluster) => {
    const to = cluster * dimension;
    if (size > 0) {
      for (let i = 0; i < dimension; i++) means[to + i] = sums[to + i]! / size;
    } else {
      const farthest = distances!.indexOf(distances!.reduce((a, b) => Math.max(a, b)));
      means.set(points.subarray(farthest * dimension, (farthest + 1) * dimension), to);
      distances![farthest] = 0;
    }
  });
}

/** Squared distances of points from the means of their clusters. */
const distancesTo = (
  means: Float32Array,
  points: Float32Array,
  nearest: Int32Array,
  dimension: number,
): Float64Array =>
  Float64Array.from(nearest, (cluster, point) =>
    squaredDistance(points, point * dimension, means, cluster * dimension, dimension),
  );

/** The first of the nearest means to a point that begins at `from`, its squared distance, and that of the next one. */
function nearestMeans(points: Float32Array, from: number, means: Float32Array, clusters: number) {
  const dimension = means.length / clusters;
  let cluster = 0;
  let distance = Number.POSITIVE_INFINITY;
  let next = Number.POSITIVE_INFINITY;
  for (let one = 0; one < clusters; one++) {
    const squared = squaredDistance(points, from, means, one * dimension, dimension);
    if (squared < distance) {
      next = distance;
      distance = squared;
      cluster = one;
    } else next = Math.min(next, squared);
  }
  return { cluster, distance, next };
}

/** ‖a − b‖², in two sums that do not wait for each other. */
function squaredDistance(
  a: Float32Array,
  from: number,
  b: Float32Array,
  to: number,
  dimension: number,
): number {
  let even = 0;
  let odd = 0;
  let i = 0;
  for (; i + 1 < dimension; i += 2) {
    const first = a[from + i]! - b[to + i]!;
    const second = a[from + i + 1]! - b[to + i + 1]!;
    even += first * first;
    odd += second * second;
  }
  const last = i < dimension ? a[from + i]! - b[to + i]! : 0;
  return even + odd + last * last;
}

/**
 * Finds the kinds of each label: clusters of its images in firing rates, by `kMeans`, the most frequent first.
 *
 * @param states x of images, shape [count][pixels]
 * @param labels of the images, shape [count]
 * @param layout label units of one kind
 * @param options.kinds of each label, at least 2
 * @param options.seed draws the starts of k-means
 * @throws wrong-length; invalid-value, for a label with fewer images than kinds; aborted
 */
export async function findLabelKinds(
  states: Float32Array,
  labels: ArrayLike<number>,
  layout: Pick<LabelUnits, "pixels" | "labels">,
  { kinds, seed, ...options }: WorkOptions & { readonly kinds: number; readonly seed: number },
): Promise<LabelKinds> {
  const { pixels } = layout;
  requireInteger("kinds", kinds, 2);
  requireLength("states", states, labels.length * pixels);
  const means = new Float32Array(layout.labels.length * kinds * pixels);
  const shares: number[] = [];
  for (const [at, label] of layout.labels.entries()) {
    const images = Array.from(labels).flatMap((one, image) => (one === label ? [image] : []));
    if (images.length < kinds) {
      throw new LangevinError(
        "invalid-value",
        `The label ${label} has ${images.length} training images, which do not make ${kinds} kinds.`,
        "Learn more images, or fewer kinds of each label.",
      );
    }
    const rates = new Float32Array(images.length * pixels);
    images.forEach((image, row) => {
      rates.set(ratesOfStates(states.subarray(image * pixels, (image + 1) * pixels)), row * pixels);
    });
    const how = { ...options, clusters: kinds, seed, number: label };
    const found = await kMeans(rates, pixels, how);
    const rounded = found.means.map((rate) => GRAIN * Math.round(rate / GRAIN));
    const counts = new Array<number>(kinds).fill(0);
    for (let row = 0; row < images.length; row++) {
      counts[nearestMeans(rates, row * pixels, rounded, kinds).cluster]! += 1;
    }
    const order = [...counts.keys()].sort((a, b) => counts[b]! - counts[a]! || a - b);
    order.forEach((kind, place) => {
      means.set(
        rounded.subarray(kind * pixels, (kind + 1) * pixels),
        (at * kinds + place) * pixels,
      );
    });
    shares.push(...order.map((kind) => counts[kind]! / images.length));
  }
  return { count: kinds, shares, means };
}

/**
 * The kind of an image among those of its label: the one whose mean is nearest in firing rates.
 *
 * @param state x, of which the pixels come first
 * @param at the label's place among the labels
 */
export function nearestKind(
  state: Float32Array,
  at: number,
  { pixels, kinds }: Pick<LabelUnits, "pixels" | "kinds">,
): number {
  if (!kinds) return 0;
  const { count, means } = kinds;
  const own = means.subarray(at * count * pixels, (at + 1) * count * pixels);
  return nearestMeans(ratesOfStates(state.subarray(0, pixels)), 0, own, count).cluster;
}

/** Multiples of it modulo 1 fill [0, 1) evenly from any place on, and so does every m-th of them. */
const GOLDEN = (Math.sqrt(5) - 1) / 2;

/**
 * The kind that is asked for when a label is asked for the so manieth time, from 0: each as often as its share says, also
 * among every second or third time.
 *
 * @param at the label's place among the labels
 */
export function kindInTurn(turn: number, at: number, { kinds }: Pick<LabelUnits, "kinds">): number {
  if (!kinds) return 0;
  const { count, shares } = kinds;
  const place = ((turn + 0.5) * GOLDEN) % 1;
  let below = 0;
  for (let kind = 0; kind < count - 1; kind++) {
    below += shares[at * count + kind]!;
    if (place < below) return kind;
  }
  return count - 1;
}
