// How far two backends agree on one machine, noise and start: in bits, value by value, and in statistics, chain by
// chain. Backends round differently and chaos amplifies rounding, so bits part sooner or later and statistics must not.
import {
  type Backend,
  type Integrator,
  langevin,
  type Network,
  type WorkOptions,
  writeNetwork,
} from "@neural-langevin/core";

/** What both backends compute. */
export interface ParityPlan {
  /** The machine, the same on both. */
  readonly network: Network;
  /** B independent chains, at least two. */
  readonly chains: number;
  /** Seed of the start and of the noise. */
  readonly seed: number;
  /** Time per step. */
  readonly dt: number;
  /** T > 0, so that statistics can be compared. */
  readonly temperature: number;
  /** How a step is taken. */
  readonly integrator: Integrator;
  /** Numbers of steps after which bits are compared, ascending; statistics are compared after the last. */
  readonly steps: readonly number[];
}

/** Agreement of single values. */
export interface BitAgreement {
  /** Share of values that are exactly equal. */
  readonly equal: number;
  /** Agreeing bits of the significand, −log₂(|a − b|/max(|a|, |b|)), 24 where equal: the median over all values. */
  readonly median: number;
  /** The same of the value that agrees least. */
  readonly worst: number;
}

/** A mean over independent chains and its standard error. */
export interface ChainMean {
  /** Over the chains. */
  readonly mean: number;
  /** Between the chains. */
  readonly error: number;
}

/** How far two backends agree. */
export interface ParityReport {
  /** Whether both compute the shared noise, without which values cannot agree. */
  readonly sharesNoise: boolean;
  /** After each number of steps. */
  readonly bits: readonly ({ readonly steps: number } & BitAgreement)[];
  /** After the last number of steps. */
  readonly statistics: {
    readonly steps: number;
    /** Mean energy of both, their difference z in its standard errors, and the |z| that is allowed. */
    readonly energy: {
      readonly a: ChainMean;
      readonly b: ChainMean;
      readonly z: number;
      readonly limit: number;
    };
    /** z of every unit's variance: the largest |z|, √⟨z²⟩, and the |z| that is allowed. */
    readonly unitVariance: {
      readonly largestZ: number;
      readonly rootMeanSquareZ: number;
      readonly limit: number;
    };
    /** Whether no |z| exceeds its limit. */
    readonly agree: boolean;
  };
}

/** Steps between two looks at the chains, so that the comparison can be followed and stopped. */
const FOLLOWED_EVERY = 50;

/**
 * Runs both backends from the same chains on the same noise, one after the other, and compares them.
 *
 * Standard errors are between chains. Chains that see the same noise on both backends are no independent samples of
 * them, so that the test is a mild one.
 *
 * @throws invalid-value, aborted, diverged, wrong-length, not-finite; what the backends throw
 */
export async function measureParity(
  a: Backend,
  b: Backend,
  plan: ParityPlan,
  { signal, onProgress }: WorkOptions = {},
): Promise<ParityReport> {
  const { steps, network } = plan;
  const last = steps.at(-1) ?? 0;
  const runs = [];
  for (const [index, backend] of [a, b].entries()) {
    runs.push(
      await runChains(backend, plan, {
        signal,
        onProgress: (progress) =>
          onProgress?.({ ...progress, done: index * last + progress.done, total: 2 * last }),
      }),
    );
  }
  const [one, other] = runs as [ChainRun, ChainRun];
  const energy = { a: chainMean(one.energies), b: chainMean(other.energies) };
  const energyZ = zScore(energy.a, energy.b);
  const variances = unitVariances(one.states.at(-1)!, network.units);
  const others = unitVariances(other.states.at(-1)!, network.units);
  const z = variances.map((variance, unit) => zScore(variance, others[unit]!));
  const largestZ = Math.max(...z.map(Math.abs));
  const limits = { energy: zLimit(1), variance: zLimit(network.units) };
  return {
    sharesNoise: a.device.noise === "shared" && b.device.noise === "shared",
    bits: steps.map((count, at) => ({
      steps: count,
      ...compareBits(one.states[at]!, other.states[at]!),
    })),
    statistics: {
      steps: last,
      energy: { ...energy, z: energyZ, limit: limits.energy },
      unitVariance: {
        largestZ,
        rootMeanSquareZ: Math.sqrt(z.reduce((sum, value) => sum + value * value, 0) / z.length),
        limit: limits.variance,
      },
      agree: Math.abs(energyZ) <= limits.energy && largestZ <= limits.variance,
    },
  };
}

/** Chains of one backend. */
interface ChainRun {
  /** x after each number of steps, shape [B][N]. */
  readonly states: readonly Float32Array[];
  /** E of every chain at the end, shape [B]. */
  readonly energies: Float32Array;
}

async function runChains(
  backend: Backend,
  { network, chains, seed, dt, temperature, integrator, steps }: ParityPlan,
  { signal, onProgress }: WorkOptions,
): Promise<ChainRun> {
  const { units, activation } = network;
  const total = steps.at(-1) ?? 0;
  const session = await backend.open({ units, chains, seed, activation });
  try {
    writeNetwork(session, network);
    const states: Float32Array[] = [];
    let energies = new Float32Array();
    for await (const frame of langevin(session, {
      stages: [{ steps: total, temperature }],
      dt,
      integrator,
      start: "fresh",
      firstStep: 0,
      at: steps,
      every: FOLLOWED_EVERY,
      signal,
    })) {
      const { done } = frame;
      if (steps.includes(done)) states.push(frame.states);
      energies = frame.energies as Float32Array<ArrayBuffer>;
      onProgress?.({ task: "comparing", done, total, unit: "steps" });
    }
    return { states, energies };
  } finally {
    await session.close();
  }
}

/** Significant bits of a float32. */
const SIGNIFICAND = 24;

/** Compares values of equal length one by one. */
export function compareBits(a: Float32Array, b: Float32Array): BitAgreement {
  let equal = 0;
  const bits = Float64Array.from(a, (value, at) => {
    const other = b[at]!;
    if (value === other) {
      equal++;
      return SIGNIFICAND;
    }
    const relative = Math.abs(value - other) / Math.max(Math.abs(value), Math.abs(other));
    return Math.min(SIGNIFICAND, Math.max(0, Math.floor(-Math.log2(relative))));
  }).sort();
  return { equal: equal / a.length, median: bits[Math.floor(bits.length / 2)]!, worst: bits[0]! };
}

function chainMean(values: ArrayLike<number>): ChainMean {
  const count = values.length;
  let mean = 0;
  for (let at = 0; at < count; at++) mean += values[at]!;
  mean /= count;
  let squares = 0;
  for (let at = 0; at < count; at++) squares += (values[at]! - mean) ** 2;
  return { mean, error: Math.sqrt(squares / (count - 1) / count) };
}

/**
 * Variance of every unit over the chains, with its standard error from the fourth central moment, √((m₄ − m₂²)/B).
 *
 * @param states x, shape [B][N]
 */
export function unitVariances(states: Float32Array, units: number): ChainMean[] {
  const chains = states.length / units;
  return Array.from({ length: units }, (_, unit) => {
    let mean = 0;
    for (let chain = 0; chain < chains; chain++) mean += states[chain * units + unit]! / chains;
    const squares = Float64Array.from(
      { length: chains },
      (_, chain) => (states[chain * units + unit]! - mean) ** 2,
    );
    return chainMean(squares);
  });
}

/** (a − b) in standard errors of the difference of two independent means; 0 where both are the same. */
export const zScore = (a: ChainMean, b: ChainMean): number =>
  a.mean === b.mean ? 0 : (a.mean - b.mean) / Math.hypot(a.error, b.error);

/** The |z| that the largest of `count` exceeds by chance in fewer than one of 1000 cases: √(2 ln(2000·count)). */
export const zLimit = (count: number): number => Math.sqrt(2 * Math.log(2000 * count));
