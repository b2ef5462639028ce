// The partition function by annealed importance sampling (Neal, Statistics and Computing 2001) along the
// path (βJ, βb), from the Gaussian at β = 0 to the network at β = 1 and back.
import {
  type Integrator,
  LangevinError,
  langevin,
  type Network,
  type Session,
  streams,
  type WorkOptions,
  writeNetwork,
} from "@neural-langevin/core";
import {
  requireInteger,
  requireLength,
  requireNetwork,
  requirePositive,
} from "@neural-langevin/core/backend";
import { mean, sum } from "./statistics.js";

/** How chains are carried along the path. */
export interface AnnealingPlan {
  /** T. */
  readonly temperature: number;
  /** β_0 = 0 < β_1 < … < β_K = 1; see `evenPath`. */
  readonly path: ArrayLike<number>;
  /** Langevin steps at each β. */
  readonly steps: number;
  /** Step size; its bias of the stationary measure goes into the estimate. */
  readonly dt: number;
  /** `leimkuhler-matthews` unless given. */
  readonly integrator?: Integrator | undefined;
  /** Number of the first step, so that two runs see different noise; 0 unless given. */
  readonly firstStep?: number | undefined;
}

/** An estimate of log Z. */
export interface LogPartition {
  readonly logZ: number;
  /** Standard error of log Z, from the spread of the weights. */
  readonly standardError: number;
  /** (Σw)²/Σw²: how many chains carry the estimate. Few mean that it cannot be trusted. */
  readonly effectiveChains: number;
  /** The log weight of every chain, shape [B]; forward, their mean is below log Z, and backward above. */
  readonly logWeights: Float64Array;
}

/** K equal steps of β from 0 to 1, shape [K + 1]. */
export function evenPath(steps: number): Float64Array {
  requireInteger("steps", steps, 1);
  return Float64Array.from({ length: steps + 1 }, (_, k) => k / steps);
}

/** log Z of the network at β = 0, where E = ½‖x‖²: (N/2) ln 2πT. */
export function logPartitionAtRest(units: number, temperature: number): number {
  requireInteger("units", units, 1);
  requirePositive("temperature", temperature);
  return (units / 2) * Math.log(2 * Math.PI * temperature);
}

/**
 * log Z = log ∫ e^{−E(x)/T} dx by chains that start as exact samples at β = 0 and are carried to β = 1:
 * log w = −Σ_k (E_{β_k}(x_k) − E_{β_{k−1}}(x_k))/T and Z = Z₀⟨w⟩. Its mistakes lie mostly below the truth.
 *
 * Takes over the session: couplings, bias and chains are written, and at the end the session holds the
 * network and the chains at β = 1.
 *
 * @throws invalid-value (a path that does not rise from 0 to 1), wrong-length, aborted, diverged, what the session
 *   throws
 */
export async function annealForward(
  session: Session,
  network: Network,
  plan: AnnealingPlan,
  work: WorkOptions = {},
): Promise<LogPartition> {
  const { units } = session.spec;
  requirePlan(session, network, plan);
  session.drawChains({ stream: streams.initialState, step: plan.firstStep ?? 0 });
  const normals = await session.read("chains");
  const scale = Math.sqrt(plan.temperature);
  session.write(
    "chains",
    normals.map((value) => scale * value),
  );
  const logWeights = await carry(session, network, plan, Array.from(plan.path), work);
  return estimate(logWeights, logPartitionAtRest(units, plan.temperature), 1);
}

/**
 * The same from β = 1 down to 0: the session's chains must be samples of the network in equilibrium.
 * Its mistakes lie mostly above the truth, so that forward and backward together bracket it.
 *
 * @throws as `annealForward`
 */
export async function annealBackward(
  session: Session,
  network: Network,
  plan: AnnealingPlan,
  work: WorkOptions = {},
): Promise<LogPartition> {
  requirePlan(session, network, plan);
  const logWeights = await carry(session, network, plan, Array.from(plan.path).reverse(), work);
  return estimate(
    logWeights.map((value) => -value),
    logPartitionAtRest(session.spec.units, plan.temperature),
    -1,
  );
}

/**
 * log Z from forward and backward weights together, by Bennett's acceptance ratio (J. Comput. Phys. 1976): the
 * estimate of least variance from both.
 */
export function bennettLogPartition(
  forward: Pick<LogPartition, "logWeights">,
  backward: Pick<LogPartition, "logWeights">,
): Pick<LogPartition, "logZ" | "standardError"> {
  const offset = Math.log(forward.logWeights.length / backward.logWeights.length);
  const acceptance = (logZ: number) => ({
    up: forward.logWeights.map((weight) => 1 / (1 + Math.exp(offset + logZ - weight))),
    down: backward.logWeights.map((weight) => 1 / (1 + Math.exp(weight - logZ - offset))),
  });

  // Σ up − Σ down falls in log Z and is 0 at the estimate.
  const limits = [forward, backward].flatMap(({ logWeights }) => [
    logWeights.reduce((least, one) => Math.min(least, one), Number.POSITIVE_INFINITY),
    logWeights.reduce((most, one) => Math.max(most, one), Number.NEGATIVE_INFINITY),
  ]);
  let low = Math.min(...limits) - Math.abs(offset);
  let high = Math.max(...limits) + Math.abs(offset);
  for (let halving = 0; halving < 100 && high - low > 1e-12 * Math.abs(high); halving++) {
    const middle = (low + high) / 2;
    const { up, down } = acceptance(middle);
    if (sum(up) > sum(down)) low = middle;
    else high = middle;
  }
  const logZ = (low + high) / 2;
  const { up, down } = acceptance(logZ);
  const variance = (values: Float64Array) =>
    sum(values.map((value) => value * value)) / sum(values) ** 2 - 1 / values.length;
  return { logZ, standardError: Math.sqrt(variance(up) + variance(down)) };
}

/** Mean log-likelihood per state, −⟨E⟩/T − log Z, in nats. */
export function logLikelihood(
  energies: ArrayLike<number>,
  temperature: number,
  logZ: number,
): number {
  requireInteger("the number of energies", energies.length, 1);
  requirePositive("temperature", temperature);
  return -mean(energies) / temperature - logZ;
}

/**
 * Carries the chains through all β and adds up −ΔE/T of each, shape [B]: one run of the dynamics, whose network
 * changes at every frame.
 */
async function carry(
  session: Session,
  network: Network,
  plan: AnnealingPlan,
  path: readonly number[],
  { signal, onProgress }: WorkOptions,
): Promise<Float64Array> {
  const { temperature, steps, dt, integrator, firstStep = 0 } = plan;
  const total = (path.length - 1) * steps;
  const logWeights = new Float64Array(session.spec.chains);
  writeNetwork(session, scaled(network, path[0]!));
  for await (const { done, energies } of langevin(session, {
    stages: [{ steps: total, temperature }],
    dt,
    integrator,
    firstStep,
    at: [0],
    every: steps,
    signal,
  })) {
    const reached = done / steps;
    onProgress?.({
      task: "annealing",
      done,
      total,
      unit: "steps",
      values: { beta: path[reached]! },
    });
    if (done === total) break;
    writeNetwork(session, scaled(network, path[reached + 1]!));
    const after = await session.measure("energy", "chains");
    for (let chain = 0; chain < logWeights.length; chain++) {
      logWeights[chain]! -= (after[chain]! - energies[chain]!) / temperature;
    }
  }
  return logWeights;
}

/** The network βJ, βb. */
const scaled = ({ couplings, bias, ...rest }: Network, beta: number): Network => ({
  ...rest,
  couplings: Float32Array.from(couplings, (value) => beta * value),
  bias: Float32Array.from(bias, (value) => beta * value),
});

/** log Z = log Z₀ ± log⟨w^{±1}⟩ with its error by the delta method. */
function estimate(changes: Float64Array, atRest: number, sign: 1 | -1): LogPartition {
  const chains = changes.length;
  const most = changes.reduce((m, value) => Math.max(m, sign * value), Number.NEGATIVE_INFINITY);
  const weights = changes.map((value) => Math.exp(sign * value - most));
  const total = sum(weights);
  const squares = sum(weights.map((value) => value * value));
  const effectiveChains = total ** 2 / squares;
  return {
    logZ: atRest + sign * (most + Math.log(total / chains)),
    standardError: Math.sqrt(Math.max(0, chains / effectiveChains - 1) / (chains - 1)),
    effectiveChains,
    logWeights: changes.map((value) => atRest + value),
  };
}

function requirePlan(session: Session, network: Network, plan: AnnealingPlan): void {
  requireNetwork(network);
  requireLength("bias", network.bias, session.spec.units);
  requireInteger("the session's number of chains", session.spec.chains, 2);
  requirePositive("temperature", plan.temperature);
  requireInteger("steps", plan.steps, 1);
  const path = Array.from(plan.path);
  const rises = path.every((beta, k) => k === 0 || beta > path[k - 1]!);
  if (path.length < 2 || path[0] !== 0 || path.at(-1) !== 1 || !rises) {
    throw new LangevinError(
      "invalid-value",
      "path must rise from 0 to 1.",
      "Take evenPath(K) for K equal steps.",
    );
  }
}
