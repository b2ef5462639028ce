// The operations of the contract as operations on tensors. States are X[B,N]; J and −Jᵀ are both kept, because
// a product with a transposed factor is four to five times slower in WebAssembly. Everything between two waits is
// synchronous and inside a tidy, so that only the tensors named here outlive a step.
//
// Between its products a step passes over memory as seldom as the operations of TensorFlow.js allow. It computes −v =
// x − b − Jφ(x), which is a sum without factors, and multiplies J by dt beforehand; and it disposes of what it no longer
// needs at once, so that the next result takes memory that is still near the processor.
import {
  type AdvanceRun,
  LangevinError,
  type Measure,
  type ResolvedSpec,
  type Slot,
  type Source,
  streams,
  type UpdateStep,
} from "@neural-langevin/core";
import {
  adamConstants,
  concatenate,
  type DeviceOperations,
  type EngineDraw,
  gradientTemperature,
} from "@neural-langevin/core/backend";
import { kickAmplitudes, type NoiseMaker } from "@neural-langevin/noise";
import type { Tensor, Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import type { Device } from "./platform.js";

/** The tensors of a session. */
interface Tensors {
  couplings: Tensor2D;
  /** −Jᵀ. */
  minusTransposed: Tensor2D;
  /** dt·J of the last run's dt, until J changes. */
  couplingsTimesDt: Tensor2D | undefined;
  bias: Tensor1D;
  /** −b for every chain, until b changes: sums of tensors of one shape take one pass. */
  minusBias: Tensor2D | undefined;
  chains: Tensor2D;
  batch: Tensor2D | undefined;
  couplingStatistics: Tensor2D;
  biasStatistics: Tensor1D;
  firstMoments: Tensor2D;
  firstBiasMoments: Tensor1D;
  secondMoments: Tensor2D;
  secondBiasMoments: Tensor1D;
  /** 1 beside the diagonal and 0 on it. */
  readonly offDiagonal: Tensor2D;
  couplingAverages: Tensor2D | undefined;
  biasAverages: Tensor1D | undefined;
}

/** The part of the work ahead of the device that one step is. */
const STEP = 1 / 8;

export class TensorMachine implements DeviceOperations {
  readonly subject = "TensorFlow.js";
  readonly #spec: ResolvedSpec;
  readonly #device: Device;
  readonly #noise: NoiseMaker;
  readonly #tensors: Tensors;
  /**
   * Memory for the noise of all chains, taken in turns, because two are in use at most. TensorFlow in Node computes with it
   * where it lies.
   */
  readonly #rooms: Float32Array[] = [];
  /** That of `couplingsTimesDt`. */
  #dt = 0;

  constructor(spec: ResolvedSpec, device: Device, noise: NoiseMaker) {
    const { tf } = device;
    const { units, chains } = spec;
    this.#spec = spec;
    this.#device = device;
    this.#noise = noise;
    this.#tensors = this.#run(() => {
      const square = () => tf.keep(tf.zeros([units, units]) as Tensor2D);
      const vector = () => tf.keep(tf.zeros([units]) as Tensor1D);
      const offDiagonal = new Float32Array(units * units).fill(1);
      for (let unit = 0; unit < units; unit++) offDiagonal[unit * (units + 1)] = 0;
      return {
        couplings: square(),
        minusTransposed: square(),
        couplingsTimesDt: undefined,
        bias: vector(),
        minusBias: undefined,
        chains: tf.keep(tf.zeros([chains, units]) as Tensor2D),
        batch: undefined,
        couplingStatistics: square(),
        biasStatistics: vector(),
        firstMoments: square(),
        firstBiasMoments: vector(),
        secondMoments: square(),
        secondBiasMoments: vector(),
        offDiagonal: tf.keep(tf.tensor2d(offDiagonal, [units, units])),
        couplingAverages: spec.averages ? square() : undefined,
        biasAverages: spec.averages ? vector() : undefined,
      };
    });
  }

  write(slot: Slot, values: Float32Array): void {
    const { tf } = this.#device;
    const { units } = this.#spec;
    const square = units * units;
    const matrix = (from: number) =>
      tf.tensor2d(values.slice(from, from + square), [units, units], "float32");
    const vector = (from: number) => tf.tensor1d(values.slice(from, from + units), "float32");
    this.#run(() => {
      switch (slot) {
        case "couplings":
          this.#setCouplings(matrix(0));
          break;
        case "bias":
          this.#setBias(vector(0));
          break;
        case "chains":
        case "batch":
          this.#set(slot, tf.tensor2d(values, [values.length / units, units], "float32"));
          break;
        case "statistics":
          this.#set("couplingStatistics", matrix(0));
          this.#set("biasStatistics", vector(square));
          break;
        case "averages":
          this.#set("couplingAverages", matrix(0));
          this.#set("biasAverages", vector(square));
          break;
        case "moments":
          this.#set("firstMoments", matrix(0));
          this.#set("firstBiasMoments", vector(square));
          this.#set("secondMoments", matrix(square + units));
          this.#set("secondBiasMoments", vector(2 * square + units));
      }
    });
  }

  /** A copy of a slot. */
  async read(slot: Slot): Promise<Float32Array> {
    const t = this.#tensors;
    switch (slot) {
      case "statistics":
        return this.#fetch(t.couplingStatistics, t.biasStatistics);
      case "moments":
        return this.#fetch(
          t.firstMoments,
          t.firstBiasMoments,
          t.secondMoments,
          t.secondBiasMoments,
        );
      case "averages":
        return this.#fetch(t.couplingAverages!, t.biasAverages!);
      case "batch":
        return t.batch ? this.#fetch(t.batch) : new Float32Array(0);
      default:
        return this.#fetch(t[slot]);
    }
  }

  /** x ← μ + σ·ξ of the chains that are drawn. */
  drawChains({ stream, step, mean, spread, first, count }: EngineDraw): void {
    const { tf } = this.#device;
    const { chains, units } = this.#spec;
    this.#run(() => {
      const x = this.#tensors.chains;
      const centre = mean ? tf.tensor1d(Float32Array.from(mean)) : tf.scalar(0);
      const deviation = tf.mul(this.#normals(stream, step, first, count), tf.scalar(spread));
      const parts = [tf.add(deviation, centre) as Tensor2D];
      if (first > 0) parts.unshift(tf.slice(x, [0, 0], [first, units]));
      const end = first + count;
      if (end < chains) parts.push(tf.slice(x, [end, 0], [chains - end, units]));
      this.#set("chains", tf.concat(parts, 0));
    });
  }

  /**
   * The steps of a run, one after the other: x ← x + dt·F + √(2T dt)·ξ; nothing comes back. ξ of Leimkuhler–Matthews is
   * (ξ_s + ξ_{s+1})/2, of which ξ_{s+1} is kept for the next step.
   */
  *advance(run: AdvanceRun): Generator<number> {
    const { tf, normals } = this.#device;
    const { chains } = this.#spec;
    const { firstStep, pinned, integrator } = run;
    const feedbackFrom = run.feedbackFrom ?? 0;
    const isMidpoint = integrator === "leimkuhler-matthews";
    /** What the normals of each chain are multiplied by. */
    const scale = kickAmplitudes(run, chains)?.map((one) => (isMidpoint ? one / 2 : one));
    this.#prepare(run.dt);
    const kept = this.#run(() => ({
      minusDt: tf.keep(tf.scalar(-run.dt)),
      /** `scale` where the device makes the normals. */
      scale: scale && normals && tf.keep(tf.tensor2d(Float32Array.from(scale), [chains, 1])),
      /** 0 where a unit is pinned, else 1. */
      free: pinned && tf.keep(tf.tensor1d(Float32Array.from(pinned, (pin) => (pin ? 0 : 1)))),
      /** The scaled ξ of the next step. */
      ahead: undefined as Tensor2D | undefined,
    }));
    const kick = (step: number) => {
      const made = this.#normals(streams.dynamics, step, 0, chains, scale);
      return kept.scale ? tf.mul<Tensor2D>(made, kept.scale) : made;
    };
    try {
      for (let step = firstStep; step < firstStep + run.steps; step++) {
        this.#run(() => {
          const moves: Tensor[] = [];
          // Noise of the host takes much memory, so it comes before there is more to be kept near the processor.
          if (scale) moves.push(kept.ahead ?? kick(step));
          kept.ahead = undefined;
          if (scale && isMidpoint) kept.ahead = tf.keep(kick(step + 1));
          const { chains: x, minusTransposed, minusBias, couplingsTimesDt } = this.#tensors;
          const phi = this.#rates(x);
          const current = this.#product(phi, minusTransposed);
          const minusV = tf.addN([current, x, minusBias!]);
          current.dispose();
          if (step >= feedbackFrom) moves.push(this.#feedback(minusV, phi, couplingsTimesDt!));
          if (phi !== x) phi.dispose();
          moves.push(tf.mul(minusV, kept.minusDt));
          minusV.dispose();
          const all = kept.ahead ? [...moves, kept.ahead] : moves;
          const moved = kept.free
            ? tf.add(x, tf.mul(tf.addN(all), kept.free))
            : tf.addN([x, ...all]);
          for (const move of moves) move.dispose();
          this.#set("chains", moved as Tensor2D);
        });
        yield STEP;
      }
    } finally {
      for (const tensor of Object.values(kept)) tensor?.dispose();
    }
  }

  /** Makes what steps of this dt need of the couplings and the bias. */
  #prepare(dt: number): void {
    const { tf } = this.#device;
    const { chains, units } = this.#spec;
    this.#run(() => {
      const t = this.#tensors;
      if (!t.minusBias) {
        const row = tf.reshape(tf.neg(t.bias), [1, units]);
        this.#set("minusBias", tf.tile(row, [chains, 1]) as Tensor2D);
      }
      if (t.couplingsTimesDt && this.#dt === dt) return;
      this.#dt = dt;
      this.#set("couplingsTimesDt", tf.mul(t.couplings, tf.scalar(dt)) as Tensor2D);
    });
  }

  /** statistics += weight·(⟨v φᵀ⟩, ⟨v⟩), the diagonal left out. */
  accumulate(source: Source, weight: number): void {
    const { tf } = this.#device;
    this.#run(() => {
      const t = this.#tensors;
      const states = t[source]!;
      const phi = this.#rates(states);
      const weightOfEach = tf.scalar(-weight / states.shape[0]);
      const share = tf.mul(this.#minusSpeed(states, phi), weightOfEach) as Tensor2D;
      const correlations = tf.mul(this.#product(tf.transpose(share), phi), t.offDiagonal);
      this.#set("couplingStatistics", tf.add(t.couplingStatistics, correlations));
      this.#set("biasStatistics", tf.add(t.biasStatistics, tf.sum(share, 0)));
    });
  }

  /** SGD or Adam from the statistics, which are then cleared; the diagonal of J and of its moments stays. */
  update(step: UpdateStep): void {
    const { tf } = this.#device;
    this.#run(() => {
      const t = this.#tensors;
      const scale = tf.scalar(1 / gradientTemperature(step.temperature));
      const decay = tf.mul(t.couplings, tf.scalar(step.decay ?? 0));
      const gradient = tf.mul(tf.add(tf.mul(t.couplingStatistics, scale), decay), t.offDiagonal);
      const biasGradient = tf.mul(t.biasStatistics, scale);
      if (step.optimizer.kind === "sgd") {
        const rate = tf.scalar(step.learningRate);
        this.#setCouplings(tf.sub(t.couplings, tf.mul(gradient, rate)));
        this.#setBias(tf.sub(t.bias, tf.mul(biasGradient, rate)));
      } else {
        const { offDiagonal } = t;
        const change = this.#adam(step, gradient, "firstMoments", "secondMoments", offDiagonal);
        const biasChange = this.#adam(step, biasGradient, "firstBiasMoments", "secondBiasMoments");
        this.#setCouplings(tf.sub(t.couplings, tf.mul(change, offDiagonal)));
        this.#setBias(tf.sub(t.bias, biasChange));
      }
      this.#set("couplingStatistics", tf.zerosLike(t.couplingStatistics));
      this.#set("biasStatistics", tf.zerosLike(t.biasStatistics));
    });
  }

  /** averages ← averages + weight·((J, b) − averages). */
  average(weight: number): void {
    const { tf } = this.#device;
    this.#run(() => {
      const t = this.#tensors;
      const towards = (average: Tensor, parameter: Tensor) =>
        tf.add(average, tf.mul(tf.sub(parameter, average), tf.scalar(weight)));
      this.#set("couplingAverages", towards(t.couplingAverages!, t.couplings) as Tensor2D);
      this.#set("biasAverages", towards(t.biasAverages!, t.bias) as Tensor1D);
    });
  }

  /** E or x·∇E of every state. */
  async measure(what: Measure, source: Source): Promise<Float32Array> {
    const { tf } = this.#device;
    const values = this.#run(() => {
      const x = this.#tensors[source]!;
      const phi = this.#rates(x);
      const minusV = this.#minusSpeed(x, phi);
      if (what === "energy") return tf.keep(tf.mul(tf.sum(tf.square(minusV), 1), tf.scalar(0.5)));
      const back = this.#feedback(minusV, phi, this.#tensors.couplings);
      return tf.keep(tf.sum(tf.mul(x, tf.sub(minusV, back)), 1));
    });
    try {
      return await this.#fetch(values);
    } finally {
      values.dispose();
    }
  }

  /** Waits until the device is done; one number comes back, because not every device can be asked otherwise. */
  async finish(): Promise<void> {
    const { tf, queues } = this.#device;
    if (!queues) return;
    const number = this.#run(() => tf.keep(tf.slice(this.#tensors.chains, [0, 0], [1, 1])));
    try {
      await number.data();
    } finally {
      number.dispose();
    }
  }

  failure(): LangevinError | undefined {
    if (!this.#device.isLost()) return undefined;
    return new LangevinError(
      "device-lost",
      `${this.#device.label} was taken away by the system.`,
      "Reload the page, and open a session from what was read last.",
    );
  }

  free(): void {
    for (const tensor of Object.values(this.#tensors)) tensor?.dispose();
  }

  /**
   * The unit normals ξ of some chains, shape [count][units], made by the device; or by the host, which multiplies those of
   * each chain by its scale.
   */
  #normals(
    stream: number,
    step: number,
    first: number,
    count: number,
    scale?: Float64Array,
  ): Tensor2D {
    const { tf, normals } = this.#device;
    const { units, firstChain, seed } = this.#spec;
    const source = { seed, stream, step };
    if (normals) return normals(source, firstChain + first, count, units);
    const made = this.#room(count * units);
    this.#noise.fill(made, source, firstChain + first, units, scale);
    return tf.tensor2d(made, [count, units]);
  }

  /** Where noise is made before it goes to the device. */
  #room(length: number): Float32Array {
    const { chains, units } = this.#spec;
    if (length !== chains * units) return new Float32Array(length);
    const room = this.#rooms.length < 2 ? this.#noise.allocate(length) : this.#rooms.shift()!;
    this.#rooms.push(room);
    return room;
  }

  /** φ(x), which is x itself for the identity. */
  #rates(x: Tensor2D): Tensor2D {
    return this.#spec.activation === "tanh" ? this.#device.tf.tanh(x) : x;
  }

  /** −v = x − b − Jφ(x). */
  #minusSpeed(x: Tensor2D, phi: Tensor2D): Tensor2D {
    const { tf } = this.#device;
    const { minusTransposed, bias } = this.#tensors;
    return tf.sub(tf.add(this.#product(phi, minusTransposed), x), bias) as Tensor2D;
  }

  /** φ′(x) ∘ (Jᵀv), for J times any factor and v of any sign. */
  #feedback(v: Tensor2D, phi: Tensor2D, couplings: Tensor2D): Tensor2D {
    const { tf, tanhGradient } = this.#device;
    const back = this.#product(v, couplings);
    if (this.#spec.activation === "identity") return back;
    const result = tanhGradient
      ? tanhGradient(phi, back)
      : tf.mul<Tensor2D>(tf.sub(tf.scalar(1), tf.square(phi)), back);
    back.dispose();
    return result;
  }

  /**
   * a·b. Graphics devices sum a single row in another order than one of many, so that a chain alone would not be what
   * it is beside others; there it gets a row of zeros to accompany it.
   */
  #product(a: Tensor2D, b: Tensor2D): Tensor2D {
    const { tf, queues } = this.#device;
    if (!queues || a.shape[0] > 1) return tf.matMul(a, b);
    const padded = tf.pad(a, [
      [0, 1],
      [0, 0],
    ]);
    return tf.slice(tf.matMul<Tensor2D>(padded, b), [0, 0], [1, b.shape[1]]);
  }

  /**
   * rate·m̂/(√ŝ + ε) after m ← m + (1−β₁)(g − m), s ← s + (1−β₂)(g² − s), which are β₁m + (1−β₁)g and
   * β₂s + (1−β₂)g² with room for a mask.
   */
  #adam<
    M extends "firstMoments" | "firstBiasMoments",
    S extends "secondMoments" | "secondBiasMoments",
  >(step: UpdateStep, gradient: Tensor, first: M, second: S, mask?: Tensor2D): Tensor {
    const { tf } = this.#device;
    const { beta1, beta2, epsilon } = adamConstants(step.optimizer);
    const towards = (now: Tensor, due: Tensor, share: number) => {
      const change = tf.mul(tf.sub(due, now), tf.scalar(share));
      return tf.add(now, mask ? tf.mul(change, mask) : change);
    };
    const m = towards(this.#tensors[first], gradient, 1 - beta1);
    const s = towards(this.#tensors[second], tf.square(gradient), 1 - beta2);
    this.#set(first, m as Tensors[M]);
    this.#set(second, s as Tensors[S]);
    const rate = step.learningRate / (1 - beta1 ** step.update);
    const corrected = tf.mul(s, tf.scalar(1 / (1 - beta2 ** step.update)));
    return tf.div(tf.mul(m, tf.scalar(rate)), tf.add(tf.sqrt(corrected), tf.scalar(epsilon)));
  }

  #setCouplings(couplings: Tensor2D): void {
    this.#set("couplings", couplings);
    this.#set("couplingsTimesDt", undefined);
    const { tf } = this.#device;
    this.#set("minusTransposed", tf.neg(tf.transpose(couplings)));
  }

  #setBias(bias: Tensor1D): void {
    this.#set("bias", bias);
    this.#set("minusBias", undefined);
  }

  #set<Name extends Exclude<keyof Tensors, "offDiagonal">>(
    name: Name,
    tensor: Tensors[Name],
  ): void {
    const before = this.#tensors[name];
    this.#tensors[name] = (tensor && this.#device.tf.keep(tensor)) as Tensors[Name];
    before?.dispose();
  }

  async #fetch(...tensors: Tensor[]): Promise<Float32Array> {
    const parts = await Promise.all(tensors.map((tensor) => tensor.data<"float32">()));
    return concatenate(Float32Array, parts);
  }

  /** Runs operations on this device, whichever backend of TensorFlow.js its other users have made active. */
  #run<T>(work: () => T): T {
    const { tf, name, flags } = this.#device;
    const engine = tf.engine();
    const active = engine.backendName;
    // Both are initialised, and then TensorFlow.js switches before its promise resolves.
    if (active !== name) void tf.setBackend(name);
    const before = Object.keys(flags).map((flag) => [flag, tf.env().getNumber(flag)] as const);
    for (const [flag, value] of Object.entries(flags)) tf.env().set(flag, value);
    engine.startScope();
    try {
      return work();
    } finally {
      engine.endScope();
      for (const [flag, value] of before) tf.env().set(flag, value);
      if (active !== name && active in engine.registry) void tf.setBackend(active);
    }
  }
}
