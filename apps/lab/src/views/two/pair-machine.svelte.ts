// A machine of two neurons on the page's own thread, by the definitions of core: chains, their density, and the rule.
import { chainNoise, energy, force, type Network } from "@neural-langevin/core";
import { accumulateStatistics, integratorNoise } from "@neural-langevin/core/backend";
import { type PairSettings, pairRanges, REACH } from "../../state/pair-settings.js";

/** Chains that are run together; the first is the one whose path is drawn. */
const CHAINS = 200;
/** Langevin steps per frame. */
const STEPS = 6;
/** States of the path. */
const PATH = 220;
/** Energies of the contours. */
export const levels = [0.02, 0.06, 0.15, 0.3, 0.6, 1, 2, 3.5, 6, 10];
/** Cells of a density along each axis. */
export const CELLS = 48;
/** What a frame leaves of the counts before it: a density of the last few seconds. */
const FADING = 0.996;
/** While the machine learns, densities of other machines fade sooner. */
const FADING_LEARNING = 0.95;
/** Change of a parameter per frame and unit of the rule. */
const RATE = 0.04;
/** Streams of noise: where chains begin, and how they move. */
const [START, MOVE] = [1, 0];

/** The two terms of the rule, (⟨v φᵀ⟩, ⟨v⟩), shape [2² + 2]. */
export interface Terms {
  readonly data: Float64Array | undefined;
  readonly chains: Float64Array;
}

export const networkOf = (pair: Readonly<PairSettings>): Network => ({
  units: 2,
  couplings: Float64Array.of(pair.J11, pair.J12, pair.J21, pair.J22),
  bias: Float64Array.of(pair.b1, pair.b2),
});

/** States at the middles of square cells over the plane, x₁ across and x₂ up, shape [cells²][2]. */
export function gridStates(cells: number): Float64Array {
  const middle = (at: number) => REACH * ((2 * (at + 0.5)) / cells - 1);
  const states = new Float64Array(2 * cells ** 2);
  for (let at = 0; at < cells ** 2; at++) {
    states[2 * at] = middle(at % cells);
    states[2 * at + 1] = middle(Math.floor(at / cells));
  }
  return states;
}

const cellsOf = gridStates(CELLS);

/** The share of e^(−E/T)/Z in every cell, shape [cells²]; undefined at T = 0. */
export function exactDensity(network: Network, temperature: number): Float64Array | undefined {
  if (temperature === 0) return undefined;
  const energies = energy(network, cellsOf);
  const least = energies.reduce((a, b) => Math.min(a, b));
  const weights = energies.map((one) => Math.exp((least - one) / temperature));
  const sum = weights.reduce((a, b) => a + b);
  return weights.map((weight) => weight / sum);
}

export class PairMachine {
  readonly #pair: PairSettings;
  #step = 0;
  #counts = new Float64Array(CELLS ** 2);
  /** What the counts were made with. */
  #countsOf = "";
  /** x of all chains, shape [chains][2]. */
  states = $state.raw<Float64Array>(new Float64Array());
  /** Where the first chain was, oldest first, as x₁, x₂, x₁, … */
  path = $state.raw<readonly number[]>([]);
  /** Share of the chains' states in every cell over the last while, shape [cells²]. */
  density = $state.raw(new Float64Array(CELLS ** 2));
  terms = $state.raw<Terms>({ data: undefined, chains: new Float64Array(6) });

  /** @param pair the settings, which learning changes */
  constructor(pair: PairSettings) {
    this.#pair = pair;
    this.begin();
  }

  /** All chains from N(0, 1). */
  begin(): void {
    const source = { seed: this.#pair.seed, stream: START, step: this.#step };
    this.states = chainNoise(source, 0, 2 * CHAINS);
    this.path = [];
    this.#counts.fill(0);
    this.#measure();
  }

  /** The steps of one frame, and one update where the machine learns. */
  advance(): void {
    const pair = this.#pair;
    const { dt, temperature, integrator, feedback, seed } = pair;
    const network = networkOf(pair);
    const states = this.states.slice();
    const path = [...this.path];
    const amplitude = Math.sqrt(2 * temperature * dt);
    for (let step = 0; step < STEPS; step++) {
      // The noise of all chains is that of one long one: drawn for each of them, half of every block would be unused.
      const source = { seed, stream: MOVE, step: this.#step++ };
      const noise = integratorNoise(integrator, source, 0, 2 * CHAINS);
      const forces = force(network, states, feedback);
      for (const at of states.keys()) states[at]! += dt * forces[at]! + amplitude * noise[at]!;
      path.push(states[0]!, states[1]!);
    }
    // A step that is too large for steep slopes throws chains far away; they begin anew.
    if (!states.every((x) => Math.abs(x) < 1e6)) {
      this.begin();
      return;
    }
    this.states = states;
    this.path = path.slice(-2 * PATH);
    this.#count();
    this.#measure();
    if (pair.learning && this.terms.data) this.#learn();
  }

  /** The terms of the rule on the states of now. */
  #measure(): void {
    const pair = this.#pair;
    const network = networkOf(pair);
    const termOf = (states: Float64Array): Float64Array => {
      const statistics = new Float64Array(6);
      accumulateStatistics(statistics, network, states, 1);
      return statistics;
    };
    const { data } = pair;
    this.terms = {
      data: data.length > 0 ? termOf(Float64Array.from(data.flat())) : undefined,
      chains: termOf(this.states),
    };
  }

  /** J_ij += rate·(⟨v_i φ_j⟩_chains − ⟨v_i φ_j⟩_data), and b alike; J_ii is never learned. */
  #learn(): void {
    const { data, chains } = this.terms;
    const pair = this.#pair;
    const names = ["J11", "J12", "J21", "J22", "b1", "b2"] as const;
    for (const [at, name] of names.entries()) {
      const [least, most] = pairRanges[name];
      const learned = pair[name] + RATE * (chains[at]! - data![at]!);
      pair[name] = Math.min(Math.max(learned, least), most);
    }
  }

  #count(): void {
    const { data: _, learning, ...dynamics } = this.#pair;
    const made = JSON.stringify(dynamics);
    if (!learning && made !== this.#countsOf) this.#counts.fill(0);
    this.#countsOf = made;
    const fading = learning ? FADING_LEARNING : FADING;
    const counts = this.#counts.map((count) => fading * count);
    const { states } = this;
    const cellOf = (x: number) => Math.floor(((x / REACH + 1) / 2) * CELLS);
    for (let chain = 0; chain < CHAINS; chain++) {
      const [across, up] = [cellOf(states[2 * chain]!), cellOf(states[2 * chain + 1]!)];
      const inside = across >= 0 && across < CELLS && up >= 0 && up < CELLS;
      if (inside) counts[up * CELLS + across]! += 1;
    }
    this.#counts = counts;
    const sum = counts.reduce((a, b) => a + b, 0) || 1;
    this.density = counts.map((count) => count / sum);
  }
}
