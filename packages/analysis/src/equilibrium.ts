// Is a sampler in equilibrium? Times, sample sizes, R̂ and the virial of its chains, and a verdict with its reasons.
import {
  type Integrator,
  LangevinError,
  langevin,
  type Session,
  type SwapCounts,
  temper,
  type WorkOptions,
} from "@neural-langevin/core";
import { firingRate, requireInteger, requirePositive } from "@neural-langevin/core/backend";
import {
  type Chains,
  effectiveSampleSize,
  integratedTime,
  requireChains,
} from "./autocorrelation.js";
import { bulkEffectiveSampleSize, splitRhat } from "./convergence.js";
import { formatEstimate } from "./format-estimate.js";
import type { PrincipalComponents } from "./principal-components.js";
import { type Estimate, mean, sum } from "./statistics.js";

/** The mean of a time series; the standard error √(C_0/ESS) accounts for its autocorrelation. */
export function timeAverage(chains: Chains): Estimate {
  const frames = chains.length * requireChains(chains);
  const value = sum(chains.map(sum)) / frames;
  const squares = chains.map((chain) => sum(chain.map((x) => (x - value) ** 2)));
  return {
    value,
    standardError: Math.sqrt(sum(squares) / frames / effectiveSampleSize(chains)),
  };
}

/**
 * The meter of equilibrium ⟨x·∇E⟩/(N T), which is exactly 1 under p(x) = e^{−E/T}/Z.
 *
 * @param virials x·∇E of every frame, one series per chain (`measure("virial", …)` of a session)
 * @throws wrong-length, not-finite, invalid-value
 */
export function virialRatio(virials: Chains, units: number, temperature: number): Estimate {
  requireInteger("units", units, 1);
  requirePositive("temperature", temperature);
  const { value, standardError } = timeAverage(virials);
  const scale = units * temperature;
  return { value: value / scale, standardError: standardError / scale };
}

/** What is known of one observable. */
export interface ObservableReport extends Estimate {
  /** Integrated autocorrelation time in frames. */
  readonly integratedTime: number;
  /** Effective sample size of all chains together. */
  readonly effectiveSampleSize: number;
  /** Effective sample size of ranks, over split chains. */
  readonly bulkEffectiveSampleSize: number;
  /** Split rank-normalised R̂, the larger of bulk and tail. */
  readonly rhat: number;
}

/** Whether chains are in equilibrium, and why. */
export interface EquilibriumVerdict {
  /** Whether every observable keeps to the limits. */
  readonly equilibrated: boolean;
  /** One sentence per reason why not; empty when equilibrated. */
  readonly reasons: readonly string[];
  /** The verdict and its reasons in one paragraph. */
  readonly summary: string;
  /** What was found of each series, by its name. */
  readonly observables: Readonly<Record<string, ObservableReport>>;
  /** ⟨x·∇E⟩/(N T), where the virial was given. */
  readonly meter?: Estimate | undefined;
}

/** When chains count as equilibrated. */
export interface EquilibriumLimits {
  /** Largest R̂; 1.01 unless given. */
  readonly rhat?: number | undefined;
  /** Least effective sample size, plain and bulk; 400 unless given. */
  readonly effectiveSampleSize?: number | undefined;
  /** Least length of a chain in integrated autocorrelation times; 20 unless given. */
  readonly times?: number | undefined;
  /** Allowed distance of the meter from 1, beside three standard errors; 0.02 unless given. */
  readonly meter?: number | undefined;
}

/**
 * Judges chains by several observables: R̂ and sample size of each, their length in autocorrelation
 * times, and the virial. Passing is necessary, not sufficient: chains that all miss the same region
 * agree too.
 *
 * @param observables series per chain by name, for example the energy and a few principal components
 * @param virial x·∇E per chain, with N and T
 * @throws wrong-length (chains of unequal length), not-finite, invalid-value
 */
export function equilibriumVerdict(
  observables: Readonly<Record<string, Chains>>,
  virial?: { chains: Chains; units: number; temperature: number },
  limits: EquilibriumLimits = {},
): EquilibriumVerdict {
  requireInteger("the number of observables", Object.keys(observables).length, 1);
  const least = limits.effectiveSampleSize ?? 400;
  const most = limits.rhat ?? 1.01;
  const times = limits.times ?? 20;
  const reasons: string[] = [];
  const reports: Record<string, ObservableReport> = {};
  for (const [name, chains] of Object.entries(observables)) {
    const report = observableReport(chains);
    reports[name] = report;
    const size = Math.min(report.effectiveSampleSize, report.bulkEffectiveSampleSize);
    const length = chains[0]!.length;
    if (!Number.isFinite(report.integratedTime)) {
      reasons.push(`${name} never changes, so it cannot show equilibrium.`);
      continue;
    }
    if (!(report.rhat <= most)) {
      reasons.push(
        `${name} differs between chains or between their halves: R̂ ${report.rhat.toFixed(3)}, above ${most}.`,
      );
    }
    if (size < least) {
      reasons.push(`${name} has an effective sample size of ${size.toFixed(0)}, below ${least}.`);
    }
    if (length < times * report.integratedTime) {
      reasons.push(
        `${name} has an autocorrelation time of ${report.integratedTime.toFixed(1)} frames, and chains of ` +
          `${length} frames are shorter than ${times} times that.`,
      );
    }
  }
  const meter = virial && virialRatio(virial.chains, virial.units, virial.temperature);
  const tolerance = limits.meter ?? 0.02;
  if (meter && !(Math.abs(meter.value - 1) <= Math.max(tolerance, 3 * meter.standardError))) {
    reasons.push(
      `⟨x·∇E⟩/(N T) is ${formatEstimate(meter)} and not 1: the chains ` +
        "are not in equilibrium, or the step size distorts what they sample.",
    );
  }
  const equilibrated = reasons.length === 0;
  return {
    equilibrated,
    reasons,
    summary: [
      equilibrated ? "Equilibrated." : "Not equilibrated.",
      ...reasons,
      ...(equilibrated ? extremes(reports, meter) : []),
    ].join(" "),
    observables: reports,
    meter,
  };
}

/** How chains are watched. */
export interface EquilibriumWatch {
  /** States that are looked at, at least eight. */
  readonly frames: number;
  /** Steps between two of them. */
  readonly every: number;
  /** T > 0. */
  readonly temperature: number;
  /** Time per step. */
  readonly dt: number;
  /** `leimkuhler-matthews` unless given. */
  readonly integrator?: Integrator | undefined;
  /** Number of the first step; the session's next one unless given. */
  readonly firstStep?: number | undefined;
  /** Directions of firing rates that are followed besides the energy: the slow ones, along which modes differ. */
  readonly components?: PrincipalComponents | undefined;
  /** Tempers the chains, which swap at every frame: those of the lowest temperature are watched. */
  readonly ladder?:
    | {
        /** T of the rungs, ascending from the temperature that is watched. */
        readonly temperatures: readonly number[];
        /** The rung of every chain, as an earlier call of `temper` left them. */
        readonly rungs?: Uint32Array | undefined;
      }
    | undefined;
}

/** A verdict with what it rests on. */
export interface WatchedChains extends EquilibriumVerdict {
  /** The series of every chain by name: `energy`, `virial`, and the components. */
  readonly traces: Readonly<Record<string, Chains>>;
  /** What became of tempered chains; undefined without a ladder. */
  readonly tempered:
    | {
        readonly temperatures: readonly number[];
        readonly swaps: SwapCounts;
        /** E of every rung, as a series for each ladder. */
        readonly energies: readonly Chains[];
      }
    | undefined;
}

/**
 * Goes on with a session's chains, which should have run in already, and judges them by their energies, their
 * virials and the coordinates of their firing rates along some components. The chains are left in the last frame.
 *
 * With a ladder, each series is that of the coldest rung of one of the ladders, whichever chain is on it.
 *
 * @throws invalid-value (T = 0, fewer than eight frames), wrong-length (components of another number of units),
 *   aborted, diverged; not-finite; what the session throws
 */
export async function watchEquilibrium(
  session: Session,
  watch: EquilibriumWatch,
  { signal, onProgress }: WorkOptions = {},
): Promise<WatchedChains> {
  const { frames, every, temperature, components, ladder } = watch;
  const { units, activation } = session.spec;
  const rungs = ladder?.temperatures.length ?? 1;
  const chains = Math.floor(session.spec.chains / rungs);
  requirePositive("temperature", temperature);
  requireInteger("frames", frames, 8);
  requireInteger("every", every, 1);
  requireComponents(components, units);
  requireRung(ladder?.temperatures[0], temperature);
  const series = () => Array.from({ length: chains }, () => new Float64Array(frames));
  const [energies, virials] = [series(), series()];
  const count = components?.variances.length ?? 0;
  const coordinates = Array.from({ length: count }, series);
  const rungEnergies = Array.from({ length: ladder ? rungs : 0 }, series);
  const total = frames * every;
  let frame = 0;
  let swaps: SwapCounts | undefined;
  for await (const seen of watchedFrames(session, watch, signal)) {
    const { done, states, energies: energy } = seen;
    const all = await session.measure("virial", "chains");
    const virial = seen.watched ? all.filter((_, chain) => seen.watched!(chain)) : all;
    swaps = seen.swaps;
    rungEnergies.forEach((one, rung) => {
      seen.energiesAt!(rung).forEach((value, chain) => {
        one[chain]![frame] = value;
      });
    });
    const rates = states.map((x) => firingRate(activation, x));
    const projected = components?.project({ values: rates, count: chains, dimension: units });
    for (let chain = 0; chain < chains; chain++) {
      energies[chain]![frame] = energy[chain]!;
      virials[chain]![frame] = virial[chain]!;
      coordinates.forEach((one, component) => {
        one[chain]![frame] = projected![chain * count + component]!;
      });
    }
    frame++;
    onProgress?.({
      task: "watching",
      done,
      total,
      unit: "steps",
      values: { temperature, energy: mean(energy) },
    });
  }
  const observables = {
    energy: energies,
    ...Object.fromEntries(coordinates.map((one, index) => [`component ${index + 1}`, one])),
  };
  return {
    ...equilibriumVerdict(observables, { chains: virials, units, temperature }),
    traces: { ...observables, virial: virials },
    tempered: ladder &&
      swaps && { temperatures: ladder.temperatures, swaps, energies: rungEnergies },
  };
}

/** What is seen of chains at one moment; of tempered ones, those on the lowest rung, ladder by ladder. */
interface WatchedFrame {
  readonly done: number;
  readonly states: Float32Array;
  readonly energies: Float32Array;
  /** Whether a chain is on the lowest rung; all are unless given. */
  readonly watched?: (chain: number) => boolean;
  readonly energiesAt?: (rung: number) => Float32Array;
  readonly swaps?: SwapCounts;
}

async function* watchedFrames(
  session: Session,
  { frames, every, temperature, dt, integrator, firstStep, ladder }: EquilibriumWatch,
  signal: WorkOptions["signal"],
): AsyncGenerator<WatchedFrame, void, void> {
  const how = { dt, integrator, firstStep, signal };
  if (!ladder) {
    const stages = [{ steps: frames * every, temperature }];
    yield* langevin(session, { ...how, stages, every });
    return;
  }
  const plan = { ...how, ...ladder, sweeps: frames, steps: every, every: 1 };
  for await (const { done, energies, rungs, swaps, statesAt } of temper(session, plan)) {
    const energiesAt = (rung: number) => energies.filter((_, chain) => rungs[chain] === rung);
    yield {
      done: done * every,
      states: statesAt(0),
      energies: energiesAt(0),
      watched: (chain) => rungs[chain] === 0,
      energiesAt,
      swaps,
    };
  }
}

/** Refuses a ladder that does not begin at the temperature that is watched. Throws invalid-value. */
function requireRung(lowest: number | undefined, temperature: number): void {
  if (lowest === undefined || lowest === temperature) return;
  throw new LangevinError(
    "invalid-value",
    `The ladder begins at ${lowest}, but the chains have the temperature ${temperature}.`,
    "Begin it with that temperature.",
  );
}

/** Refuses components of another space. Throws wrong-length. */
function requireComponents(components: PrincipalComponents | undefined, units: number): void {
  if (!components || components.mean.length === units) return;
  throw new LangevinError(
    "wrong-length",
    `The components have ${components.mean.length} dimensions, but the session has ${units} units.`,
  );
}

function observableReport(chains: Chains): ObservableReport {
  return {
    ...timeAverage(chains),
    integratedTime: integratedTime(chains),
    effectiveSampleSize: effectiveSampleSize(chains),
    bulkEffectiveSampleSize: bulkEffectiveSampleSize(chains),
    rhat: splitRhat(chains).value,
  };
}

function extremes(reports: Record<string, ObservableReport>, meter?: Estimate): string[] {
  const all = Object.values(reports);
  const size = Math.min(...all.map((report) => report.effectiveSampleSize));
  const rhat = Math.max(...all.map((report) => report.rhat));
  const sentences = [
    `The least effective sample size is ${size.toFixed(0)}, the largest R̂ ${rhat.toFixed(3)}.`,
  ];
  if (meter) {
    sentences.push(`⟨x·∇E⟩/(N T) is ${formatEstimate(meter)}.`);
  }
  return sentences;
}
