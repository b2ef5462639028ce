// The log-likelihood of images under a machine, −E/T − log Z, with log Z by annealed importance sampling forward and
// backward, and the rule that says when the two may be trusted.
import {
  energy,
  type Integrator,
  type Network,
  type Session,
  type WorkOptions,
} from "@neural-langevin/core";
import { requireInteger, requireLength } from "@neural-langevin/core/backend";
import {
  annealBackward,
  annealForward,
  bennettLogPartition,
  evenPath,
  type LogPartition,
  logLikelihood,
} from "./annealed-importance.js";
import { type Estimate, meanEstimate } from "./statistics.js";

/** How log Z is estimated, and of which images the likelihood is wanted. */
export interface LikelihoodPlan {
  /** K, the number of equal steps of β from 0 to 1. */
  readonly anneals: number;
  /** Langevin steps at each β. */
  readonly steps: number;
  /** Time per step. */
  readonly dt: number;
  /** T > 0. */
  readonly temperature: number;
  /**
   * The T > 0 at which the machine is annealed, where that is another one: a hot one, at which chains move freely, with
   * log Z at `temperature` less log Z there, as `partitionDifference` finds it.
   */
  readonly from?: { readonly temperature: number; readonly difference: Estimate } | undefined;
  /** `leimkuhler-matthews` unless given. */
  readonly integrator?: Integrator | undefined;
  /** Number of the first step, beyond those that made `equilibrium`; 0 unless given. */
  readonly firstStep?: number | undefined;
  /** States x of the machine's chains in equilibrium where it is annealed, shape [B][N]: there the way back begins. */
  readonly equilibrium: Float32Array;
  /** States x of images by name, shape [images][N], at least two of each. */
  readonly images: Readonly<Record<string, Float32Array>>;
}

/** The log-likelihood of some images, in nats an image, as a density of states x. */
export interface ImagesLikelihood {
  /** Number of images. */
  readonly count: number;
  /** By log Z of both ways. */
  readonly mean: number;
  /** Of the mean over the images; log Z has its own. */
  readonly standardError: number;
  /** By log Z of one way and of the other, ascending. */
  readonly bounds: readonly [number, number];
}

/** An estimate of log Z by one way, without its weights. */
export type LogPartitionEstimate = Omit<LogPartition, "logWeights">;

/** Whether the ways forward and backward agree, and why not. */
export interface LogPartitionVerdict {
  /** Whether both ways agree and enough chains carry each. */
  readonly trusted: boolean;
  /** One sentence per reason why not; empty when trusted. */
  readonly reasons: readonly string[];
  /** The verdict and its reasons in one paragraph. */
  readonly summary: string;
}

/** Log-likelihoods of images, and the log Z that they rest on. */
export interface Likelihood extends LogPartitionVerdict {
  /** K, the number of steps of β. */
  readonly anneals: number;
  /** Langevin steps at each β. */
  readonly steps: number;
  /** Chains of each way. */
  readonly chains: number;
  /** From β = 0 to 1; below log Z on average. */
  readonly forward: LogPartitionEstimate;
  /** From β = 1 to 0; above log Z on average. */
  readonly backward: LogPartitionEstimate;
  /** Both ways together, by Bennett's acceptance ratio. */
  readonly both: Pick<LogPartition, "logZ" | "standardError">;
  /** By the names of the images. */
  readonly images: Readonly<Record<string, ImagesLikelihood>>;
}

/** The same with that of every image. */
export interface LikelihoodOfEach extends Likelihood {
  /** −E/T − log Z of every image, in nats, shape [images], by the name of the images; log Z is that of both ways. */
  readonly each: Readonly<Record<string, Float64Array>>;
}

/** Chains that must carry an estimate. */
const LEAST_CHAINS = 10;
/** Nats by which both ways may differ, beside three standard errors. */
const GAP = 1;

/**
 * Estimates log Z forward and backward, and the log-likelihood of images from both.
 *
 * Takes over the session, whose chains should be ones that training never saw (`firstChain: FRESH_CHAINS`): couplings,
 * bias and chains are written.
 *
 * @throws wrong-length (states that do not fit the session), invalid-value, aborted, diverged; not-finite; what the
 *   session throws
 */
export async function estimateLikelihood(
  session: Session,
  network: Network,
  plan: LikelihoodPlan,
  { signal, onProgress }: WorkOptions = {},
): Promise<LikelihoodOfEach> {
  const { anneals, steps, temperature, dt, integrator, firstStep = 0, equilibrium } = plan;
  const { units, chains } = session.spec;
  requireLength("equilibrium", equilibrium, chains * units);
  for (const [name, states] of Object.entries(plan.images)) {
    requireInteger(`the number of images ${name}`, states.length / units, 2);
  }
  const path = evenPath(anneals);
  const { from = { temperature, difference: { value: 0, standardError: 0 } } } = plan;
  const way = { temperature: from.temperature, path, steps, dt, integrator };
  const length = anneals * steps;
  const workFrom = (first: number): WorkOptions => ({
    signal,
    onProgress: (progress) =>
      onProgress?.({ ...progress, done: first + progress.done, total: 2 * length }),
  });
  const up = await annealForward(session, network, { ...way, firstStep }, workFrom(0));
  session.write("chains", equilibrium);
  const down = await annealBackward(
    session,
    network,
    { ...way, firstStep: firstStep + length },
    workFrom(length),
  );
  const moved = <T extends Pick<LogPartition, "logZ" | "standardError">>(estimate: T): T => ({
    ...estimate,
    logZ: estimate.logZ + from.difference.value,
    standardError: Math.hypot(estimate.standardError, from.difference.standardError),
  });
  const [forward, backward] = [moved(up), moved(down)];
  const both = moved(bennettLogPartition(up, down));
  const likelihoodOf = (states: Float32Array): ImagesLikelihood => {
    const energies = energy(network, states);
    const by = (logZ: number) => logLikelihood(energies, temperature, logZ);
    const [one, other] = [by(forward.logZ), by(backward.logZ)];
    return {
      count: energies.length,
      mean: by(both.logZ),
      standardError: meanEstimate(energies).standardError / temperature,
      bounds: [Math.min(one, other), Math.max(one, other)],
    };
  };
  const byName = <T>(of: (states: Float32Array) => T): Record<string, T> =>
    Object.fromEntries(Object.entries(plan.images).map(([name, states]) => [name, of(states)]));
  return {
    anneals,
    steps,
    chains,
    forward: withoutWeights(forward),
    backward: withoutWeights(backward),
    both,
    images: byName(likelihoodOf),
    each: byName((states) => energy(network, states).map((one) => -one / temperature - both.logZ)),
    ...logPartitionVerdict(forward, backward),
  };
}

/**
 * Whether two estimates of log Z may be trusted: they agree within 1 nat or three standard errors of their difference,
 * whichever is more, and at least 10 chains carry each of them.
 *
 * Forward estimates lie mostly below the truth and backward ones above it, so that ways that agree leave little room
 * between them. Passing is necessary, not sufficient: modes that no chain visits are missing from both.
 */
export function logPartitionVerdict(
  forward: LogPartitionEstimate,
  backward: LogPartitionEstimate,
): LogPartitionVerdict {
  const gap = Math.abs(backward.logZ - forward.logZ);
  const allowed = Math.max(GAP, 3 * Math.hypot(forward.standardError, backward.standardError));
  const reasons: string[] = [];
  if (!(gap <= allowed)) {
    reasons.push(
      `The forward and backward estimates of log Z differ by ${gap.toPrecision(3)} nats, more than ` +
        `${allowed.toPrecision(3)}; the truth most likely lies between them.`,
    );
  }
  for (const [name, { effectiveChains }] of Object.entries({ forward, backward })) {
    if (effectiveChains >= LEAST_CHAINS) continue;
    reasons.push(
      `Only ${effectiveChains.toFixed(1)} chains carry the ${name} estimate, fewer than ${LEAST_CHAINS}.`,
    );
  }
  const trusted = reasons.length === 0;
  const summary = trusted
    ? `The forward and backward estimates of log Z agree within ${gap.toPrecision(3)} nats.`
    : reasons.join(" ");
  return { trusted, reasons, summary };
}

const withoutWeights = ({
  logZ,
  standardError,
  effectiveChains,
}: LogPartition): LogPartitionEstimate => ({ logZ, standardError, effectiveChains });
