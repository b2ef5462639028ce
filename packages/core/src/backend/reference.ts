// The reference backend: every operation of the contract as its float64 definition, composed from the
// pure functions of this package. Slow, clear, and the oracle that other backends are compared with.
import { energy, virial } from "../energy.js";
import { integratorNoise, langevinStep } from "../integrator.js";
import { accumulateStatistics } from "../learning-rule.js";
import type { Network } from "../network.js";
import { streams } from "../noise.js";
import { optimizerStep, type UpdateStep } from "../optimizer.js";
import { slotLength } from "./checks.js";
import type { AdvanceRun, Backend, Measure, ResolvedSpec, Slot, Source } from "./contract.js";
import { defineBackend, type Engine, type EngineDraw } from "./define-backend.js";
import { drawnStates } from "./draw.js";

/** Opens the float64 reference backend, which runs wherever JavaScript does. */
export function createReferenceBackend(): Backend {
  const device = {
    label: "JavaScript",
    precision: "float64",
    threads: 1,
    noise: "shared",
    limits: { units: 4096, chains: 65_536 },
    details: ["the definitions in float64, on the calling thread"],
  } as const;
  return defineBackend({
    id: "reference",
    device: () => device,
    open: async (spec) => new ReferenceEngine(spec),
    close: async () => {},
  });
}

class ReferenceEngine implements Engine {
  readonly #spec: ResolvedSpec;
  readonly #slots: Record<Slot, Float64Array>;

  constructor(spec: ResolvedSpec) {
    const zeros = (slot: Slot) => new Float64Array(slotLength(spec, slot));
    this.#spec = spec;
    this.#slots = {
      couplings: zeros("couplings"),
      bias: zeros("bias"),
      chains: zeros("chains"),
      batch: new Float64Array(0),
      moments: zeros("moments"),
      statistics: zeros("statistics"),
      averages: spec.averages ? zeros("averages") : new Float64Array(0),
    };
  }

  write(slot: Slot, values: Float32Array): void {
    this.#slots[slot] = Float64Array.from(values);
  }

  async read(slot: Slot): Promise<Float32Array> {
    return Float32Array.from(this.#slots[slot]);
  }

  drawChains(draw: EngineDraw): void {
    this.#slots.chains.set(drawnStates(this.#spec, draw), draw.first * this.#spec.units);
  }

  advance(run: AdvanceRun): void {
    const { units, chains, firstChain, seed } = this.#spec;
    const feedbackFrom = run.feedbackFrom ?? 0;
    for (let chain = 0; chain < chains; chain++) {
      let state: Float64Array = this.#slots.chains.slice(chain * units, (chain + 1) * units);
      const temperature =
        typeof run.temperature === "number" ? run.temperature : run.temperature[chain]!;
      for (let step = run.firstStep; step < run.firstStep + run.steps; step++) {
        const source = { seed, stream: streams.dynamics, step };
        state = langevinStep(this.#network, state, {
          dt: run.dt,
          temperature,
          noise: integratorNoise(run.integrator, source, firstChain + chain, units),
          feedback: step >= feedbackFrom,
          pinned: run.pinned,
        });
      }
      this.#slots.chains.set(state, chain * units);
    }
  }

  accumulate(source: Source, weight: number): void {
    accumulateStatistics(this.#slots.statistics, this.#network, this.#slots[source], weight);
  }

  update(step: UpdateStep): void {
    optimizerStep(this.#network, this.#slots.moments, this.#slots.statistics, step);
    this.#slots.statistics.fill(0);
  }

  average(weight: number): void {
    const { couplings, bias, averages } = this.#slots;
    for (let at = 0; at < averages.length; at++) {
      const parameter = at < couplings.length ? couplings[at]! : bias[at - couplings.length]!;
      averages[at]! += weight * (parameter - averages[at]!);
    }
  }

  async measure(what: Measure, source: Source): Promise<Float32Array> {
    const values = { energy, virial }[what](this.#network, this.#slots[source]);
    return Float32Array.from(values);
  }

  async synchronize(): Promise<void> {}

  async close(): Promise<void> {}

  get #network(): Network {
    const { couplings, bias } = this.#slots;
    return { units: this.#spec.units, couplings, bias, activation: this.#spec.activation };
  }
}
