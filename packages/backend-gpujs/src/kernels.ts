// The kernels, as text in the JavaScript that gpu.js translates: minifiers break kernels that are functions.
// A matrix is addressed [row][column], and a thread makes the element [this.thread.y][this.thread.x].
// States, firing rates, speeds and forces are [chain][unit]; J is [N][N]; statistics and moments are [N + 1][N],
// where the last row belongs to the bias.
import type { Activation } from "@neural-langevin/core";

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

/** The drawn states in the rows from \`first\` to before \`end\`, and the states as they were in the others. */
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
