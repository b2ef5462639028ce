// The fixed points of the noiseless network dx/dt = v(x) = −x + Jφ(x) + b, and their stability.
import { type Network, speed, type Values } from "@neural-langevin/core";
import {
  countStates,
  firingRate,
  requireFinite,
  requireInteger,
  requireLength,
  requireNetwork,
  slope,
} from "@neural-langevin/core/backend";
import { LuDecomposition, Matrix } from "ml-matrix";
import type { Eigenvalues } from "./spectrum.js";

/** What became of one starting state. */
export interface FixedPointSearch {
  /** Index into the fixed points; −1 where the search did not converge. */
  readonly point: number;
  /** Newton steps. */
  readonly steps: number;
  /** max |v_i| at its end. */
  readonly residual: number;
}

/** The fixed points that were found, each once. */
export interface FixedPoints {
  /** x*, shape [points][N], in the order in which starting states led to them. */
  readonly states: Float64Array;
  /** Number of points. */
  readonly count: number;
  /** How many starting states led to each point, shape [points]. */
  readonly hits: Uint32Array;
  /** One search per starting state. */
  readonly searches: readonly FixedPointSearch[];
}

/**
 * Newton's method on v(x) = 0 from each starting state, x ← x − s·(∂v/∂x)⁻¹v with the step s halved until
 * ‖v‖ falls (float64, LU decomposition). Start near fixed points, for example where the energy's
 * descent at T = 0 ends: elsewhere a search may lead far away, or to a place where the Jacobian
 * is singular and no step helps, and is then reported as not converged.
 *
 * @param states x, shape [starts][N]
 * @param options.tolerance max |v_i| of a fixed point; 1e-10 unless given
 * @param options.distance two points whose units all differ by less are one; 1e-6 unless given
 * @param options.steps most Newton steps; 50 unless given
 * @throws wrong-length, not-finite, invalid-value
 */
export function findFixedPoints(
  network: Network,
  states: Values,
  options: { tolerance?: number; distance?: number; steps?: number } = {},
): FixedPoints {
  requireNetwork(network);
  requireFinite("states", states);
  const { units } = network;
  const { tolerance = 1e-10, distance = 1e-6, steps = 50 } = options;
  requireInteger("the number of starting states", countStates(states, units), 1);
  const ends: Float64Array[] = [];
  const searches: FixedPointSearch[] = [];
  for (let start = 0; start < states.length; start += units) {
    const end = newton(network, states.slice(start, start + units), tolerance, steps);
    const converged = end.residual <= tolerance;
    const point = converged ? ends.push(end.state) - 1 : -1;
    searches.push({ point, steps: end.steps, residual: end.residual });
  }
  const reached = new Float64Array(ends.length * units);
  ends.forEach((state, end) => {
    reached.set(state, end * units);
  });
  const { states: found, count, places } = distinctStates(reached, units, distance);
  const hits = new Uint32Array(count);
  for (const place of places) hits[place]!++;
  return {
    states: found,
    count,
    hits,
    searches: searches.map((search) => ({ ...search, point: places[search.point] ?? -1 })),
  };
}

/** Different states, each once. */
export interface DistinctStates {
  /** x, shape [count][N], in the order in which they come first. */
  readonly states: Float64Array;
  /** Number of different states. */
  readonly count: number;
  /** For every given state, the index of the one that it equals, shape [given]. */
  readonly places: Uint32Array;
}

/**
 * Leaves out states that come again, for example fixed points that several searches found.
 *
 * @param states x, shape [given][N]
 * @param distance two states whose units all differ by less are one; 1e-6 unless given
 * @throws wrong-length
 */
export function distinctStates(states: Values, units: number, distance = 1e-6): DistinctStates {
  const found: Values[] = [];
  const places = Uint32Array.from({ length: countStates(states, units) }, (_, given) => {
    const state = states.subarray(given * units, (given + 1) * units);
    const place = found.findIndex((other) =>
      other.every((value, i) => Math.abs(value - state[i]!) < distance),
    );
    return place < 0 ? found.push(state) - 1 : place;
  });
  const distinct = new Float64Array(found.length * units);
  found.forEach((state, place) => {
    distinct.set(state, place * units);
  });
  return { states: distinct, count: found.length, places };
}

/**
 * The Jacobian ∂v/∂x = −1 + J diag(φ′(x)) at one state; its eigenvalues are the rates at which the
 * noiseless network leaves (Re > 0) or approaches (Re < 0) a fixed point.
 *
 * @param state x, shape [N]
 * @returns shape [N][N]
 * @throws wrong-length
 */
export function jacobian(network: Network, state: Values): Float64Array {
  const { units, couplings } = network;
  const activation = network.activation ?? "tanh";
  requireLength("state", state, units);
  const gains = Float64Array.from(state, (x) => slope(activation, firingRate(activation, x)));
  const matrix = Float64Array.from(couplings, (value, at) => value * gains[at % units]!);
  for (let i = 0; i < units; i++) matrix[i * units + i]! -= 1;
  return matrix;
}

/** Stability of a fixed point. */
export interface Stability {
  /** No direction is unstable. */
  readonly stable: boolean;
  /** Number of eigenvalues with a positive real part. */
  readonly unstableDirections: number;
  /** The largest real part, the rate of the fastest escape or the slowest return. */
  readonly largestRate: number;
}

/** Stability from the eigenvalues of the `jacobian`. */
export function stability({ real }: Eigenvalues): Stability {
  const unstableDirections = real.reduce((count, value) => count + (value > 0 ? 1 : 0), 0);
  const largestRate = real.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
  return { stable: unstableDirections === 0, unstableDirections, largestRate };
}

function newton(network: Network, start: Values, tolerance: number, most: number) {
  const { units } = network;
  const squares = (v: Float64Array) => v.reduce((sum, value) => sum + value * value, 0);
  const largest = (v: Float64Array) => v.reduce((m, value) => Math.max(m, Math.abs(value)), 0);
  let state = Float64Array.from(start);
  let v = speed(network, state);
  let steps = 0;
  while (steps < most && largest(v) > tolerance) {
    const step = solve(jacobian(network, state), v, units);
    if (step === undefined) break;
    let scale = 1;
    let next = state;
    let speedThere = v;
    do {
      next = state.map((value, i) => value - scale * step[i]!);
      speedThere = speed(network, next);
      scale /= 2;
    } while (!(squares(speedThere) < squares(v)) && scale > 1e-6);
    if (!(squares(speedThere) < squares(v))) break;
    [state, v] = [next, speedThere];
    steps++;
  }
  return { state, steps, residual: largest(v) };
}

/** A⁻¹y, or undefined where A is singular. */
function solve(matrix: Float64Array, right: Float64Array, size: number): number[] | undefined {
  const decomposition = new LuDecomposition(Matrix.from1DArray(size, size, matrix));
  if (decomposition.isSingular()) return undefined;
  return decomposition.solve(Matrix.columnVector(right)).to1DArray();
}
