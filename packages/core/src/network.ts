// The parameters of a machine and their initial values.
import { type Activation, activations, firingRate } from "./activation.js";
import {
  requireArray,
  requireFinite,
  requireInteger,
  requireLength,
  requireNonNegative,
  requireObject,
  requireOneOf,
  requireSignal,
} from "./arguments.js";
import { LangevinError } from "./errors.js";
import { eventLoopTurn } from "./event-loop.js";
import { chainNoise, streams } from "./noise.js";
import type { WorkOptions } from "./progress.js";

/** Numbers in either precision; every pure function of this package computes in float64. */
export type Values = Float32Array | Float64Array;

/** A recurrent network dx/dt = −x + Jφ(x) + b. */
export interface Network {
  /** Number of units N. */
  readonly units: number;
  /** J, shape [N][N] row-major: `couplings[i * N + j]` leads from unit j to unit i. Not symmetric. */
  readonly couplings: Values;
  /** b, shape [N]. */
  readonly bias: Values;
  /** Firing rate φ; tanh unless named. */
  readonly activation?: Activation | undefined;
}

/** What decides a network before learning. */
export interface InitialNetworkOptions {
  /** Number of units N. */
  readonly units: number;
  /** Gain g of the couplings, the radius of their spectrum. */
  readonly gain: number;
  /** Seed of the couplings, a safe integer. */
  readonly seed: number;
  /** tanh unless given. */
  readonly activation?: Activation | undefined;
}

/** A network with parameters that nobody else holds. */
export type InitialNetwork = Network & { couplings: Float32Array; bias: Float32Array };

/** Refuses options without a network. Throws `invalid-value`. */
export function requireInitialNetworkOptions(options: InitialNetworkOptions): void {
  requireObject("the options of a network", options);
  requireInteger("units", options.units, 1);
  requireNonNegative("gain", options.gain);
  requireInteger("seed", options.seed, 0);
}

/**
 * A network before learning: J_ij = (g/√N)·ξ_ij with J_ii = 0, and b = 0. The paper has g = 2 (arXiv 2506.23546).
 *
 * ξ comes from the stream `parameters` at step 0, one chain per row, so equal seeds give equal
 * networks everywhere.
 *
 * @throws invalid-value
 */
export function randomNetwork(options: InitialNetworkOptions): InitialNetwork {
  requireInitialNetworkOptions(options);
  const { units, gain, seed, activation = "tanh" } = options;
  const couplings = new Float32Array(units * units);
  const scale = gain / Math.sqrt(units);
  const source = { seed, stream: streams.parameters, step: 0 };
  for (let i = 0; i < units; i++) {
    const row = chainNoise(source, i, units);
    for (let j = 0; j < units; j++) couplings[i * units + j] = i === j ? 0 : scale * row[j]!;
  }
  return { units, couplings, bias: new Float32Array(units), activation };
}

/** Numbers that are added up before others have the thread: some milliseconds. */
const FITTED_AT_ONCE = 2 ** 18;

/**
 * The bias with which the mean speed over some states is 0: b = ⟨x⟩ − J⟨φ(x)⟩, so that ⟨v⟩ = 0.
 *
 * A network with b = 0 has the mirror E(−x) = E(x), and chains end in inverted images as readily as in images; a
 * training that starts from the bias of its data starts without the mirror. Others have the thread every few milliseconds.
 *
 * @param network its own bias is not read
 * @param states x, shape [P][N], P ≥ 1
 * @returns b, shape [N]
 * @throws wrong-length; invalid-value, for a signal that is none; aborted
 */
export async function fittedBias(
  network: Pick<Network, "units" | "couplings" | "activation">,
  states: Values,
  { signal }: Pick<WorkOptions, "signal"> = {},
): Promise<Float32Array> {
  requireSignal(signal);
  const { units, couplings, activation = "tanh" } = network;
  const count = countStates(states, units);
  if (count === 0) throw new LangevinError("wrong-length", "states must hold at least one state.");
  const meanState = new Float64Array(units);
  const meanRate = new Float64Array(units);
  const addMeans = (first: number, end: number) => {
    for (let start = first; start < end; start += units) {
      for (let unit = 0; unit < units; unit++) {
        const x = states[start + unit]!;
        meanState[unit]! += x / count;
        meanRate[unit]! += firingRate(activation, x) / count;
      }
    }
  };
  const piece = units * Math.ceil(FITTED_AT_ONCE / units);
  for (let start = 0; start < states.length; start += piece) {
    if (signal?.aborted) {
      const done = `${start / units} of ${count} states`;
      throw new LangevinError("aborted", `Fitting the bias was stopped after ${done}.`);
    }
    addMeans(start, Math.min(start + piece, states.length));
    await eventLoopTurn();
  }
  return Float32Array.from(meanState, (x, i) => {
    let current = 0;
    for (let j = 0; j < units; j++) current += couplings[i * units + j]! * meanRate[j]!;
    return x - current;
  });
}

/**
 * Refuses a network whose arrays do not fit its number of units or are not finite.
 *
 * @throws invalid-value, wrong-length, not-finite
 */
export function requireNetwork(network: Network): void {
  requireObject("network", network);
  requireInteger("units", network.units, 1);
  for (const [name, length] of [
    ["couplings", network.units ** 2],
    ["bias", network.units],
  ] as const) {
    requireArray(name, network[name], ["Float32Array", "Float64Array"]);
    requireLength(name, network[name], length);
    requireFinite(name, network[name]);
  }
  if (network.activation !== undefined) {
    requireOneOf("activation", network.activation, activations);
  }
}

/** The number of states in a row-major [state][unit] array. Throws `wrong-length` on a ragged one. */
export function countStates(states: ArrayLike<number>, units: number): number {
  if (states.length % units !== 0) {
    throw new LangevinError(
      "wrong-length",
      `states must be a whole number of rows of ${units} units, not ${states.length} values.`,
    );
  }
  return states.length / units;
}
