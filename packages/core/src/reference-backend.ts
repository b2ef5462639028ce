// The reference backend: every operation of the contract as its float64 definition, composed from the
// pure functions of this package. Slow, clear, and the oracle that other backends are compared with.
import type {
  AdvanceRun,
  Backend,
  Measure,
  Session,
  SessionSpec,
  Slot,
  Source,
} from "./backend.js";
import {
  closedError,
  requireRestart,
  requireRun,
  requireSlotValues,
  requireSource,
  requireUpdate,
  requireWeight,
  resolveSpec,
  slotLength,
} from "./contract.js";
import { energy, virial } from "./energy.js";
import { integratorNoise, langevinStep } from "./integrator.js";
import { accumulateStatistics } from "./learning-rule.js";
import type { Network } from "./network.js";
import { chainNoise, streams } from "./noise.js";
import { optimizerStep, type UpdateStep } from "./optimizer.js";

/** Opens the float64 reference backend, which runs wherever JavaScript does. */
export function createReferenceBackend(): Backend {
  const sessions = new Set<Session>();
  let closed = false;
  const device = {
    label: "JavaScript",
    precision: "float64",
    threads: 1,
    noise: "shared",
    limits: { units: 4096, chains: 65_536 },
    details: ["the definitions in float64, on the calling thread"],
  } as const;
  return {
    id: "reference",
    device,
    async open(spec: SessionSpec) {
      if (closed) throw closedError("backend");
      const session = new ReferenceSession(resolveSpec(spec, device.limits), () =>
        sessions.delete(session),
      );
      sessions.add(session);
      return session;
    },
    async close() {
      closed = true;
      await Promise.all([...sessions].map((session) => session.close()));
    },
  };
}

class ReferenceSession implements Session {
  readonly spec: Required<SessionSpec>;
  readonly #slots: Record<Slot, Float64Array>;
  readonly #onClose: () => void;
  #closed = false;

  constructor(spec: Required<SessionSpec>, onClose: () => void) {
    const zeros = (slot: Slot) => new Float64Array(slotLength(spec, slot));
    this.spec = spec;
    this.#onClose = onClose;
    this.#slots = {
      couplings: zeros("couplings"),
      bias: zeros("bias"),
      chains: zeros("chains"),
      batch: new Float64Array(0),
      moments: zeros("moments"),
      statistics: zeros("statistics"),
    };
  }

  write(slot: Slot, values: Float32Array): void {
    this.#requireOpen();
    requireSlotValues(this.spec, slot, values);
    this.#slots[slot] = Float64Array.from(values);
  }

  async read(slot: Slot): Promise<Float32Array> {
    this.#requireOpen();
    slotLength(this.spec, slot);
    return Float32Array.from(this.#slots[slot]);
  }

  restart(stream: number, step: number): void {
    this.#requireOpen();
    requireRestart(stream, step);
    const { units, chains, firstChain, seed } = this.spec;
    for (let chain = 0; chain < chains; chain++) {
      const noise = chainNoise({ seed, stream, step }, firstChain + chain, units);
      this.#slots.chains.set(noise, chain * units);
    }
  }

  advance(run: AdvanceRun): void {
    this.#requireOpen();
    requireRun(this.spec, run);
    const { units, chains, firstChain, seed } = this.spec;
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
          ...(run.pinned && { pinned: run.pinned }),
        });
      }
      this.#slots.chains.set(state, chain * units);
    }
  }

  accumulate(source: Source, weight: number): void {
    requireWeight(weight);
    accumulateStatistics(this.#slots.statistics, this.#network, this.#states(source), weight);
  }

  update(step: UpdateStep): void {
    this.#requireOpen();
    requireUpdate(step);
    optimizerStep(this.#network, this.#slots.moments, this.#slots.statistics, step);
    this.#slots.statistics.fill(0);
  }

  async measure(what: Measure, source: Source): Promise<Float32Array> {
    const values = { energy, virial }[what](this.#network, this.#states(source));
    return Float32Array.from(values);
  }

  async settle(): Promise<void> {
    this.#requireOpen();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#onClose();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  get #network(): Network {
    const { couplings, bias } = this.#slots;
    return { units: this.spec.units, couplings, bias, activation: this.spec.activation };
  }

  #states(source: Source): Float64Array {
    this.#requireOpen();
    requireSource(source, this.#slots.batch.length / this.spec.units);
    return this.#slots[source];
  }

  #requireOpen(): void {
    if (this.#closed) throw closedError("session");
  }
}
