// Restoring damaged images and completing partial ones with a trained machine: damage, descent, and how far images come
// back.
import { type Estimate, meanEstimate, restorationDistances } from "@neural-langevin/analysis";
import {
  type Backend,
  type ChainGaussian,
  chainNoise,
  FRESH_CHAINS,
  firingRates,
  type Stage,
  streams,
  type WorkOptions,
} from "@neural-langevin/core";
import { countStates, requireLength } from "@neural-langevin/core/backend";
import { pixelStates, replaceUnits } from "@neural-langevin/datasets";
import {
  dynamicsOf,
  followChains,
  type GivenDynamics,
  openChains,
  pixelsOf,
  placeChains,
  type StoredNetwork,
  type TrainedMachine,
} from "@neural-langevin/runs";

/** What happens to images before they are restored. */
export interface Damage {
  /** Share of the pixels that are replaced by uniform noise. */
  readonly corrupt?: number | undefined;
  /** 1 marks a pixel that is not known and starts as chains do, shape [pixels]. */
  readonly masked?: Uint8Array | undefined;
  /** Of the noise. */
  readonly seed: number;
}

/**
 * The states that restoring starts from: images with a share of their pixels replaced, or a masked part as the chains of
 * the machine begin.
 *
 * @param states x of the pixels, shape [images][pixels]
 * @throws invalid-value, for a share beyond 0 and 1; wrong-length
 */
export function damageImages(
  states: Float32Array,
  pixels: number,
  { corrupt, masked, seed }: Damage,
  chainStart: ChainGaussian = {},
): Float32Array {
  if (corrupt !== undefined) {
    return replaceUnits(states, pixels, { fraction: corrupt, seed }).states;
  }
  if (!masked) return states;
  requireLength("masked", masked, pixels);
  const { mean, spread = 1 } = chainStart;
  const source = { seed, stream: streams.initialState, step: 0 };
  const result = states.slice();
  for (let image = 0; image < countStates(states, pixels); image++) {
    const noise = chainNoise(source, FRESH_CHAINS + image, pixels);
    for (let i = 0; i < pixels; i++) {
      if (masked[i]) result[image * pixels + i] = (mean?.[i] ?? 0) + spread * noise[i]!;
    }
  }
  return result;
}

/** What is restored, and how. */
export interface RestorationPlan {
  /** x of the pixels of damaged images, shape [images][pixels]. */
  readonly states: Float32Array;
  /** 1 marks a pixel that is completed, and all others are pinned; none is pinned unless given. Shape [pixels]. */
  readonly masked?: Uint8Array | undefined;
  /** Steps at T = 0 let images fall to minima of the energy. */
  readonly stages: readonly Stage[];
  /** Of all noise. */
  readonly seed: number;
  /** The machine's own step size, integrator and start of label units where they are not given. */
  readonly dynamics?: Pick<GivenDynamics, "dt" | "integrator" | "chainStart"> | undefined;
}

/** Where images went. */
export interface Relaxation {
  /** x of the pixels at the end, shape [images][pixels]. */
  readonly states: Float32Array;
  /** Numbers of steps at which energies were measured, from 0. */
  readonly steps: readonly number[];
  /** E of every image at each of them, in the order of `steps`; shape [images] each. */
  readonly energies: readonly Float32Array[];
}

/** Points of the energy's curve besides its beginning. */
const POINTS = 150;

/**
 * Restores images: chains start from them and run through the stages. Label units are not known, and run free.
 *
 * @throws aborted, diverged; wrong-length, not-finite, invalid-value, for states and stages that cannot be; what the backend
 *   throws
 */
export async function restoreImages(
  backend: Backend,
  machine: TrainedMachine,
  { states, masked, stages, seed, dynamics }: RestorationPlan,
  work: WorkOptions = {},
): Promise<Relaxation> {
  const { network } = machine;
  const pixels = pixelsOf(network);
  const chains = countStates(states, pixels);
  if (masked) requireLength("masked", masked, pixels);
  const { dt, integrator, chainStart } = dynamicsOf(machine, dynamics);
  await using session = await openChains(backend, network, { chains, seed });
  await placeChains(session, chainStart, (state, chain) => {
    state.set(states.subarray(chain * pixels, (chain + 1) * pixels));
  });
  const pinned =
    masked && Uint8Array.from({ length: network.units }, (_, unit) => Number(masked[unit] === 0));
  const plan = { stages, dt, integrator, pinned, start: "continue", at: pointsOf(stages) } as const;
  const steps: number[] = [];
  const energies: Float32Array[] = [];
  let last: Float32Array = states;
  for await (const frame of followChains(session, "restoring", plan, work)) {
    steps.push(frame.done);
    energies.push(frame.energies);
    last = frame.states;
  }
  return { states: pixelStates(last, network.labelUnits), steps, energies };
}

/** About `POINTS` numbers of steps, evenly through every stage, with the start and the end of each. */
function pointsOf(stages: readonly Stage[]): number[] {
  const total = stages.reduce((sum, { steps }) => sum + steps, 0);
  const piece = Math.ceil(total / POINTS);
  const points = [0];
  for (const { steps } of stages) {
    const end = points.at(-1)! + steps;
    while (points.at(-1)! < end) points.push(Math.min(points.at(-1)! + piece, end));
  }
  return points;
}

/** One restored image, in numbers. */
export interface RestoredImage<Value = number> {
  /** E(x) at the start and at the end. */
  readonly energy: { readonly before: Value; readonly after: Value };
  /** RMSE of grey levels from 0 to 1 against the original, of the masked part alone where there is one. */
  readonly rmse: { readonly before: Value; readonly after: Value } | undefined;
}

/** What became of several images on average, with standard errors over the images; undefined of fewer than two. */
export function meanRestored(
  images: readonly RestoredImage[],
): RestoredImage<Estimate> | undefined {
  if (images.length < 2) return undefined;
  const over = (one: (image: RestoredImage) => number) => meanEstimate(images.map(one));
  return {
    energy: {
      before: over(({ energy }) => energy.before),
      after: over(({ energy }) => energy.after),
    },
    rmse: images[0]!.rmse && {
      before: over(({ rmse }) => rmse!.before),
      after: over(({ rmse }) => rmse!.after),
    },
  };
}

/**
 * Energies and, where the originals are known, distances from them, before and after.
 *
 * @param images.start the damaged images, and `originals` the undamaged ones, x of shape [images][pixels]
 * @throws wrong-length, invalid-value
 */
export function measureRestored(
  network: StoredNetwork,
  images: {
    readonly start: Float32Array;
    readonly originals?: Float32Array | undefined;
    readonly masked?: Uint8Array | undefined;
  },
  { states, energies }: Relaxation,
): RestoredImage[] {
  const { start, originals, masked } = images;
  // Grey levels are (φ + 1)/2, so that they differ by half as much as firing rates.
  const distances = (of: Float32Array) =>
    originals &&
    restorationDistances(
      firingRates(network, of),
      firingRates(network, originals),
      pixelsOf(network),
      masked,
    ).map((distance) => distance / 2);
  const [before, after] = [distances(start), distances(states)];
  return Array.from(energies[0]!, (energy, at) => ({
    energy: { before: energy, after: energies.at(-1)![at]! },
    rmse: before && after ? { before: before[at]!, after: after[at]! } : undefined,
  }));
}
