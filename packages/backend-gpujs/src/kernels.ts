// The kernels, as text in the JavaScript that gpu.js translates: minifiers break kernels that are functions.
// A matrix is addressed [row][column], and a thread makes the element [this.thread.y][this.thread.x].
// States, firing rates, speeds and forces are [chain][unit]; J is [N][N]; statistics and moments are [N + 1][N],
// where the last row belongs to the bias.
import type { Activation } from "@neural-langevin/core";
import { splitInteger } from "@neural-langevin/core/backend";
import { noiseGlsl } from "@neural-langevin/noise";
import type { NativeFunction } from "./library.js";

/** φ(x). tanh is written with an exponential that cannot overflow, because WebGL 1 has none. */
export const firingRates = `function (states) {
  const x = states[this.thread.y][this.thread.x];
  const small = Math.exp(-2 * Math.abs(x));
  const size = (1 - small) / (1 + small);
  if (x < 0) return -size;
  return size;
}`;

/** v = Jφ + b − x for the first \`count\` states, and 0 for the room behind them. */
export const speeds = `function (couplings, bias, firingRates, states, count) {
  let sum = 0;
  for (let j = 0; j < this.constants.units; j++) {
    sum += couplings[this.thread.x][j] * firingRates[this.thread.y][j];
  }
  if (this.thread.y >= count) return 0;
  return sum + bias[0][this.thread.x] - states[this.thread.y][this.thread.x];
}`;

/** F = v − φ′ ∘ (Jᵀv). */
export const forces = (
  activation: Activation,
): string => `function (transposed, firingRates, speeds) {
  let back = 0;
  for (let i = 0; i < this.constants.units; i++) {
    back += transposed[this.thread.x][i] * speeds[this.thread.y][i];
  }
  const phi = firingRates[this.thread.y][this.thread.x];
  return speeds[this.thread.y][this.thread.x] - ${activation === "tanh" ? "(1 - phi * phi) * back" : "back"};
}`;

/** Jᵀ, so that both products read whole rows. */
export const transpose = `function (couplings) {
  return couplings[this.thread.x][this.thread.y];
}`;

/** x + dt·F + noise on the free units. */
export const step = `function (states, forces, noise, free, dt) {
  const x = states[this.thread.y][this.thread.x];
  if (free[0][this.thread.x] < 0.5) return x;
  return x + dt * forces[this.thread.y][this.thread.x] + noise[this.thread.y][this.thread.x];
}`;

/** The same at T = 0. */
export const coldStep = `function (states, forces, free, dt) {
  const x = states[this.thread.y][this.thread.x];
  if (free[0][this.thread.x] < 0.5) return x;
  return x + dt * forces[this.thread.y][this.thread.x];
}`;

/** statistics + share·(Σ v_i φ_j, Σ v_i), sums over states; the diagonal stays as it is. */
export const accumulate = `function (statistics, speeds, firingRates, share) {
  const before = statistics[this.thread.y][this.thread.x];
  if (this.thread.x === this.thread.y) return before;
  let sum = 0;
  if (this.thread.y < this.constants.units) {
    for (let state = 0; state < this.constants.states; state++) {
      sum += speeds[state][this.thread.y] * firingRates[state][this.thread.x];
    }
  } else {
    for (let state = 0; state < this.constants.states; state++) sum += speeds[state][this.thread.x];
  }
  return before + share * sum;
}`;

const gradient = `let gradient = statistics[this.thread.y][this.thread.x] * inverseTemperature;
  if (this.thread.y < this.constants.units) {
    gradient += decay * couplings[this.thread.y][this.thread.x];
  }`;

/** m ← βm + (1 − β)g, where \`rest\` is 1 − β. */
export const firstMoments = `function (moments, statistics, couplings, inverseTemperature, decay, beta, rest) {
  const before = moments[this.thread.y][this.thread.x];
  if (this.thread.x === this.thread.y) return before;
  ${gradient}
  return beta * before + rest * gradient;
}`;

/** s ← βs + (1 − β)g². */
export const secondMoments = `function (moments, statistics, couplings, inverseTemperature, decay, beta, rest) {
  const before = moments[this.thread.y][this.thread.x];
  if (this.thread.x === this.thread.y) return before;
  ${gradient}
  return beta * before + rest * gradient * gradient;
}`;

// Couplings and bias are the rows from \`row\` on of what statistics and moments hold; the diagonal is J's.
const parameter = (change: string) => `
  const before = parameters[this.thread.y][this.thread.x];
  if (this.thread.x === this.thread.y + row) return before;
  return before - ${change};
}`;

/** θ ← θ − learningRate·m/(√(s/correction) + ε), where the learning rate holds the correction of m. */
export const adam = `function (parameters, first, second, row, learningRate, correction, epsilon) {${parameter(
  `learningRate * first[this.thread.y + row][this.thread.x]
    / (Math.sqrt(second[this.thread.y + row][this.thread.x] * correction) + epsilon)`,
)}`;

/** θ ← θ − learningRate·(statistics/T + decay·θ). */
export const descend = `function (parameters, statistics, row, learningRate, inverseTemperature, decay) {${parameter(
  "learningRate * (statistics[this.thread.y + row][this.thread.x] * inverseTemperature + decay * before)",
)}`;

/** averages + weight·(parameters − averages), where the last row belongs to the bias. */
export const average = `function (averages, couplings, bias, weight) {
  const before = averages[this.thread.y][this.thread.x];
  let parameter = bias[0][this.thread.x];
  if (this.thread.y < this.constants.units) parameter = couplings[this.thread.y][this.thread.x];
  return before + weight * (parameter - before);
}`;

/**
 * ξ of a unit and a chain of this session, for WebGL 2. gpu.js hands over no words of 32 bits, so stream and step come
 * in parts that float32 holds exactly: 16 bits each, and the last of a step what is beyond 32 bits.
 */
export function normalFunction(seed: number, firstChain: number): NativeFunction {
  const [low, high] = splitInteger(seed);
  return {
    name: "normal",
    source: `${noiseGlsl}
float normal(int unit, int chain, float stream0, float stream1, float step0, float step1, float step2) {
  uint stream = uint(stream0) | uint(stream1) << 16u;
  uvec2 time = uvec2(uint(step0) | uint(step1) << 16u, uint(step2));
  vec2 pair = normalPair(uint(unit) >> 1u, uint(chain) + ${firstChain}u, stream, uvec2(${low}u, ${high}u), time);
  return (unit & 1) == 0 ? pair.x : pair.y;
}`,
    returnType: "Float",
    argumentTypes: {
      unit: "Integer",
      chain: "Integer",
      stream0: "Float",
      stream1: "Float",
      step0: "Float",
      step1: "Float",
      step2: "Float",
    },
  };
}

/** A stream and a step in the parts that `normal` takes. */
export function noiseArguments(stream: number, step: number): number[] {
  const [low, high] = splitInteger(step);
  return [...[stream, low].flatMap((word) => [word & 0xffff, word >>> 16]), high];
}

/** amplitude·ξ. */
export const kicks = `function (amplitudes, stream0, stream1, step0, step1, step2) {
  return amplitudes[0][this.thread.y]
    * normal(this.thread.x, this.thread.y, stream0, stream1, step0, step1, step2);
}`;

/** amplitude·(ξ_s + ξ_{s+1})/2. */
export const midpointKicks = `function (amplitudes, stream0, stream1, step0, step1, step2, next0, next1, next2) {
  return amplitudes[0][this.thread.y] / 2
    * (normal(this.thread.x, this.thread.y, stream0, stream1, step0, step1, step2)
      + normal(this.thread.x, this.thread.y, stream0, stream1, next0, next1, next2));
}`;

/** μ + σ·ξ in the rows from `first` to before `end`, and the states as they were in the others. */
export const drawRows = `function (states, mean, spread, first, end, stream0, stream1, step0, step1, step2) {
  if (this.thread.y < first) return states[this.thread.y][this.thread.x];
  if (this.thread.y >= end) return states[this.thread.y][this.thread.x];
  return mean[0][this.thread.x]
    + spread * normal(this.thread.x, this.thread.y, stream0, stream1, step0, step1, step2);
}`;

/** The drawn states in the rows from `first` to before `end`, and the states as they were in the others. */
export const replaceRows = `function (states, drawn, first, end) {
  if (this.thread.y < first) return states[this.thread.y][this.thread.x];
  if (this.thread.y >= end) return states[this.thread.y][this.thread.x];
  return drawn[this.thread.y][this.thread.x];
}`;

/** ½‖v‖² of state x. */
export const energies = `function (speeds) {
  let sum = 0;
  for (let i = 0; i < this.constants.units; i++) {
    sum += speeds[this.thread.x][i] * speeds[this.thread.x][i];
  }
  return sum / 2;
}`;

/** −x·F of state x. */
export const virials = `function (states, forces) {
  let sum = 0;
  for (let i = 0; i < this.constants.units; i++) {
    sum -= states[this.thread.x][i] * forces[this.thread.x][i];
  }
  return sum;
}`;

/** Moves values to the device. */
export const copy = `function (values) {
  return values[this.thread.y][this.thread.x];
}`;
