// The log-likelihood of images under a machine: −⟨E⟩/T − log Z, with log Z by annealed importance sampling there
// and back.
import {
  annealBackward,
  annealForward,
  bennettLogPartition,
  evenPath,
  type LogPartition,
  logLikelihood,
} from "@neural-langevin/analysis";
import {
  type AdvanceRun,
  type Backend,
  energy,
  FRESH_CHAINS,
  type Integrator,
  LangevinError,
  type Session,
} from "@neural-langevin/core";
import type { StoredNetwork } from "@neural-langevin/runs";
import { Progress } from "./progress.js";
import { readable, type Terminal, wrap } from "./terminal.js";

/** How log Z is estimated, and of which images the likelihood is wanted. */
export interface LikelihoodPlan {
  /** Values of β on the way from 0 to 1. */
  readonly anneals: number;
  /** Langevin steps at each of them. */
  readonly steps: number;
  readonly dt: number;
  readonly temperature: number;
  readonly integrator: Integrator;
  readonly seed: number;
  /** Number of the first step, beyond those that made `equilibrium`. */
  readonly firstStep: number;
  /** States that the machine's chains reached at T, shape [chains][N], for the way back. */
  readonly equilibrium: Float32Array;
  /** States of images by name, shape [images][N]. */
  readonly images: Readonly<Record<string, Float32Array>>;
}

type Way = Omit<LogPartition, "logWeights">;

/** The log-likelihood of some images in nats an image. */
interface ImagesLikelihood {
  readonly count: number;
  /** By log Z of both ways. */
  readonly mean: number;
  /** Of the mean over the images; log Z has its own. */
  readonly standardError: number;
  /** By log Z of one way and of the other, ascending. */
  readonly bounds: readonly [number, number];
}

/** Log-likelihoods, densities of states x. */
export interface Likelihood {
  readonly anneals: number;
  readonly steps: number;
  readonly chains: number;
  readonly forward: Way;
  readonly backward: Way;
  /** Both ways together, by Bennett's acceptance ratio. */
  readonly both: Pick<LogPartition, "logZ" | "standardError">;
  readonly images: Readonly<Record<string, ImagesLikelihood>>;
  /** Whether both ways agree. */
  readonly trusted: boolean;
  readonly words: string;
}

/** Chains that must carry an estimate. */
const LEAST_CHAINS = 10;
/** Nats by which both ways may differ, beside three standard errors. */
const GAP = 1;

/**
 * Estimates log Z there and back, and the log-likelihood of images.
 *
 * @throws aborted, diverged, what the backend throws
 */
export async function measureLikelihood(
  terminal: Terminal,
  backend: Backend,
  machine: StoredNetwork,
  plan: LikelihoodPlan,
): Promise<Likelihood> {
  const { units } = machine;
  const { anneals, steps, temperature, dt, integrator, firstStep } = plan;
  const chains = plan.equilibrium.length / units;
  const opened = await backend.open({ units, chains, seed: plan.seed, firstChain: FRESH_CHAINS });
  const session = followed(terminal, opened, 2 * anneals * steps);
  const course = { temperature, path: evenPath(anneals), steps, dt, integrator };
  const there = await annealForward(session, machine, { ...course, firstStep });
  session.write("chains", plan.equilibrium);
  const back = await annealBackward(session, machine, {
    ...course,
    firstStep: firstStep + anneals * steps,
  });
  await opened.close();
  if (![there.logZ, back.logZ].every(Number.isFinite)) {
    throw new LangevinError(
      "diverged",
      "The chains of the annealing left the finite numbers.",
      `Try a smaller step size than ${dt}.`,
    );
  }
  const both = bennettLogPartition(there, back);
  const images = Object.entries(plan.images).map(([name, states]) => {
    const energies = energy(machine, states);
    const mean = logLikelihood(energies, temperature, both.logZ);
    const count = energies.length;
    const centre = energies.reduce((sum, one) => sum + one, 0) / count;
    const squares = energies.reduce((sum, one) => sum + (one - centre) ** 2, 0);
    const standardError = Math.sqrt(squares / (count - 1) / count) / temperature;
    const [low, high] = [there.logZ, back.logZ]
      .map((logZ) => logLikelihood(energies, temperature, logZ))
      .sort((a, b) => a - b) as [number, number];
    return [name, { count, mean, standardError, bounds: [low, high] as const }] as const;
  });
  return {
    ...{ anneals, steps, chains, forward: wayOf(there), backward: wayOf(back), both },
    images: Object.fromEntries(images),
    ...judge(there, back),
  };
}

const wayOf = ({ logZ, standardError, effectiveChains }: LogPartition): Way => ({
  logZ,
  standardError,
  effectiveChains,
});

function judge(there: LogPartition, back: LogPartition): { trusted: boolean; words: string } {
  const gap = back.logZ - there.logZ;
  const allowed = Math.max(GAP, 3 * Math.hypot(there.standardError, back.standardError));
  const reasons = [
    ...(Math.abs(gap) > allowed
      ? [
          `The two ways differ by ${readable(gap)} nats: the true log Z lies most likely between them.`,
        ]
      : []),
    ...Object.entries({ forward: there, backward: back }).flatMap(([way, { effectiveChains }]) =>
      effectiveChains < LEAST_CHAINS
        ? [`Only ${effectiveChains.toFixed(1)} chains carry the ${way} estimate.`]
        : [],
    ),
  ];
  const trusted = reasons.length === 0;
  const words = trusted
    ? `Both ways agree within ${readable(Math.abs(gap))} nats.`
    : [...reasons, "More --anneals or --anneal-steps bring them together."].join(" ");
  return { trusted, words };
}

/** A session whose steps are shown, and which stops at Ctrl-C. */
function followed(terminal: Terminal, session: Session, total: number): Session {
  const progress = new Progress(terminal, "Annealing", "steps", 0, total);
  let done = 0;
  return {
    spec: session.spec,
    nextStep: session.nextStep,
    hasChains: true,
    write: (slot, values) => session.write(slot, values),
    read: (slot) => session.read(slot),
    drawChains: (draw) => session.drawChains(draw),
    advance(run: AdvanceRun) {
      if (terminal.interrupted.aborted) {
        progress.leave();
        throw new LangevinError("aborted", `The annealing was stopped after ${done} steps.`);
      }
      session.advance(run);
      done += run.steps;
      progress.show(done, done <= total / 2 ? "forward" : "backward");
    },
    accumulate: (source, weight) => session.accumulate(source, weight),
    update: (step) => session.update(step),
    measure: (what, source) => session.measure(what, source),
    synchronize: () => session.synchronize(),
    close: () => session.close(),
    [Symbol.asyncDispose]: () => session.close(),
  };
}

/** The likelihoods in lines for people; where both ways disagree, what lies between them. */
export function describeLikelihood(likelihood: Likelihood, units: number, width: number): string[] {
  const { anneals, steps, chains, both, images, trusted, words } = likelihood;
  const error = (value: number, standardError: number) =>
    `${value.toFixed(1)} ± ${standardError.toFixed(1)}`;
  const ways = Object.entries({ forward: likelihood.forward, backward: likelihood.backward });
  return [
    `Log-likelihood (log Z by ${chains} chains, ${anneals} × ${steps} steps there and back)`,
    ...ways.map(
      ([name, way]) =>
        `  log Z ${name.padEnd(8)}  ${error(way.logZ, way.standardError)}, ` +
        `carried by ${way.effectiveChains.toFixed(1)} chains`,
    ),
    ...(trusted ? [`  log Z both      ${error(both.logZ, both.standardError)}`] : []),
    ...Object.entries(images).map(([name, { count, mean, standardError, bounds }]) => {
      const value = trusted
        ? `${error(mean, standardError)} nats an image (${count}), ${(mean / units).toFixed(3)} a unit`
        : `from ${bounds[0].toFixed(1)} to ${bounds[1].toFixed(1)} nats an image (${count})`;
      return `  ${name.padEnd(14)}  ${value}`;
    }),
    ...wrap(words, width - 2)
      .split("\n")
      .map((line) => `  ${line}`),
  ];
}
