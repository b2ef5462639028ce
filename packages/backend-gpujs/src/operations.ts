// The operations of a session as runs of kernels. States, couplings, moments and statistics stay
// on the device, and only what is read comes back. WebGL 2 makes the noise, too; to the other modes it is sent.
import {
  type AdvanceRun,
  type LangevinError,
  type Measure,
  type ResolvedSpec,
  type Slot,
  type Source,
  streams,
  type UpdateStep,
} from "@neural-langevin/core";
import {
  adamConstants,
  type DeviceOperations,
  drawnStates,
  type EngineDraw,
  gradientTemperature,
  slotLength,
} from "@neural-langevin/core/backend";
import { kickAmplitudes, kicksOf, type NoiseMaker } from "@neural-langevin/noise";
import type { Device, Kernel, Matrix, Shape } from "./device.js";
import * as kernels from "./kernels.js";
import type { NativeFunction } from "./library.js";
import { MatrixSlot, rowsOf } from "./slot.js";

type SlotName = Exclude<Slot, "moments"> | "firstMoments" | "secondMoments";

/** The part of the work ahead of the device that one step is. */
const STEP = 1 / 8;

export class GpuJsOperations implements DeviceOperations {
  readonly subject = "gpu.js";
  readonly #spec: ResolvedSpec;
  readonly #device: Device;
  readonly #noise: NoiseMaker;
  readonly #slots: Record<SlotName, MatrixSlot>;
  readonly #functions: readonly NativeFunction[];
  readonly #kernels = new Map<string, Kernel>();
  /** Rows that the work in progress sees. */
  #rows: Record<Source, number>;
  #transposed: Matrix | undefined;

  constructor(spec: ResolvedSpec, device: Device, noise: NoiseMaker) {
    this.#spec = spec;
    this.#device = device;
    this.#noise = noise;
    this.#functions = device.hasWords ? [kernels.normalFunction(spec.seed, spec.firstChain)] : [];
    this.#rows = { chains: spec.chains, batch: 0 };
    const slot = (rows: number) => this.#matrixSlot({ columns: spec.units, rows });
    this.#slots = {
      couplings: slot(spec.units),
      bias: slot(1),
      chains: slot(spec.chains),
      batch: slot(spec.batch),
      statistics: slot(spec.units + 1),
      firstMoments: slot(spec.units + 1),
      secondMoments: slot(spec.units + 1),
      averages: slot(spec.averages ? spec.units + 1 : 0),
    };
  }

  write(slot: Slot, values: Float32Array): void {
    if (slot === "moments") {
      this.#slots.firstMoments.write(values.subarray(0, values.length / 2));
      this.#slots.secondMoments.write(values.subarray(values.length / 2));
      return;
    }
    if (slot === "batch") this.#rows.batch = values.length / this.#spec.units;
    if (slot === "couplings") this.#forgetTransposed();
    this.#slots[slot].write(values);
  }

  async read(slot: Slot): Promise<Float32Array> {
    // Waiting here, and not in a read that blocks, lets the event loop breathe.
    await this.finish();
    if (slot !== "moments") {
      const values = this.#slots[slot].read();
      return slot === "batch" ? values.slice(0, this.#rows.batch * this.#spec.units) : values;
    }
    const moments = new Float32Array(slotLength(this.#spec, slot));
    moments.set(this.#slots.firstMoments.read());
    moments.set(this.#slots.secondMoments.read(), moments.length / 2);
    return moments;
  }

  drawChains(draw: EngineDraw): void {
    const { units, chains } = this.#spec;
    const slot = this.#slots.chains;
    if (this.#device.hasWords) {
      const { stream, step, mean, spread, first, count } = draw;
      const means = this.#row(mean ?? new Float32Array(units));
      slot.matrix = this.#kernel(kernels.drawRows, slot.shape).run(
        slot.matrix,
        means.matrix,
        spread,
        first,
        first + count,
        ...kernels.noiseArguments(stream, step),
      );
      means.drop();
      return;
    }
    const drawn = new Float32Array(chains * units);
    drawn.set(drawnStates(this.#spec, draw), draw.first * units);
    if (draw.count === chains) slot.write(drawn);
    else {
      const kernel = this.#kernel(kernels.replaceRows, slot.shape);
      const rows = rowsOf(drawn, slot.shape);
      slot.matrix = kernel.run(slot.matrix, rows, draw.first, draw.first + draw.count);
    }
  }

  accumulate(source: Source, weight: number): void {
    const { statistics } = this.#slots;
    const { firingRates, speeds } = this.#field(source);
    const states = this.#slots[source].shape.rows;
    const kernel = this.#kernel(kernels.accumulate, statistics.shape, { states });
    const share = weight / this.#rows[source];
    statistics.matrix = kernel.run(statistics.matrix, speeds, firingRates, share);
    this.#releaseField(firingRates, speeds);
  }

  async measure(what: Measure, source: Source): Promise<Float32Array> {
    const states = this.#slots[source];
    const shape = { columns: states.shape.rows, rows: 1 };
    const { firingRates, speeds } = this.#field(source);
    let result: Matrix;
    if (what === "energy") result = this.#kernel(kernels.energies, shape).run(speeds);
    else {
      const forces = this.#forces(states.shape, firingRates, speeds);
      result = this.#kernel(kernels.virials, shape).run(states.matrix, forces);
      this.#device.release(forces);
    }
    this.#releaseField(firingRates, speeds);
    await this.finish();
    const values = this.#device.download(result, shape);
    this.#device.release(result);
    return values.slice(0, this.#rows[source]);
  }

  average(weight: number): void {
    const { averages, couplings, bias } = this.#slots;
    const kernel = this.#kernel(kernels.average, averages.shape);
    averages.matrix = kernel.run(averages.matrix, couplings.matrix, bias.matrix, weight);
  }

  finish(): Promise<void> {
    return this.#device.finish();
  }

  failure(): LangevinError | undefined {
    return this.#device.failure();
  }

  free(): void {
    for (const slot of Object.values(this.#slots)) slot.drop();
    this.#forgetTransposed();
    for (const kernel of this.#kernels.values()) kernel.destroy();
  }

  *advance(run: AdvanceRun): Generator<number> {
    const { chains } = this.#slots;
    const { units } = this.#spec;
    const freeUnits = this.#row(
      Float32Array.from({ length: units }, (_, unit) => (run.pinned?.[unit] ? 0 : 1)),
    );
    const amplitudes = kickAmplitudes(run, this.#spec.chains);
    const kicks = amplitudes && this.#kicks(run, amplitudes);
    const source = kicks ? kernels.step : kernels.coldStep;
    try {
      for (let step = run.firstStep; step < run.firstStep + run.steps; step++) {
        const { firingRates, speeds } = this.#field("chains");
        const hasFeedback = step >= (run.feedbackFrom ?? 0);
        const forces = hasFeedback ? this.#forces(chains.shape, firingRates, speeds) : speeds;
        const kick = kicks?.of(step);
        // Two kernels in turn: each finds its texture of the step before last free again.
        const kernel = this.#kernel(source, chains.shape, {}, step % 2);
        chains.matrix = kick
          ? kernel.run(chains.matrix, forces, kick, freeUnits.matrix, run.dt)
          : kernel.run(chains.matrix, forces, freeUnits.matrix, run.dt);
        if (kick) this.#device.release(kick);
        if (hasFeedback) this.#device.release(forces);
        this.#releaseField(firingRates, speeds);
        yield STEP;
      }
    } finally {
      freeUnits.drop();
      kicks?.end();
    }
  }

  /** √(2T dt)·ξ of one step after the other, made on the device or sent to it; `end` frees what they are made with. */
  #kicks(run: AdvanceRun, amplitudes: Float64Array): { of(step: number): Matrix; end(): void } {
    const { shape } = this.#slots.chains;
    if (!this.#device.hasWords) {
      const kickOf = kicksOf(this.#noise, this.#spec, run)!;
      return { of: (step) => rowsOf(kickOf(step), shape), end: () => {} };
    }
    const each = this.#row(amplitudes);
    const isMidpoint = run.integrator === "leimkuhler-matthews";
    const kernel = this.#kernel(isMidpoint ? kernels.midpointKicks : kernels.kicks, shape);
    const at = (step: number) => kernels.noiseArguments(streams.dynamics, step);
    const next = (step: number) => (isMidpoint ? at(step + 1).slice(2) : []);
    return {
      of: (step) => kernel.run(each.matrix, ...at(step), ...next(step)),
      end: () => each.drop(),
    };
  }

  update(step: UpdateStep): void {
    const { couplings, bias, statistics, firstMoments, secondMoments } = this.#slots;
    const inverseTemperature = 1 / gradientTemperature(step.temperature);
    const decay = step.decay ?? 0;
    const parameters = [
      { slot: couplings, row: 0, decay },
      { slot: bias, row: this.#spec.units, decay: 0 },
    ];
    if (step.optimizer.kind === "sgd") {
      for (const { slot, row, decay } of parameters) {
        slot.matrix = this.#kernel(kernels.descend, slot.shape).run(
          slot.matrix,
          statistics.matrix,
          row,
          step.learningRate,
          inverseTemperature,
          decay,
        );
      }
    } else {
      const { beta1, beta2, epsilon } = adamConstants(step.optimizer);
      for (const [slot, source, beta] of [
        [firstMoments, kernels.firstMoments, beta1],
        [secondMoments, kernels.secondMoments, beta2],
      ] as const) {
        slot.matrix = this.#kernel(source, slot.shape).run(
          slot.matrix,
          statistics.matrix,
          couplings.matrix,
          inverseTemperature,
          decay,
          beta,
          1 - beta,
        );
      }
      const learningRate = step.learningRate / (1 - beta1 ** step.update);
      const correction = 1 / (1 - beta2 ** step.update);
      for (const { slot, row } of parameters) {
        slot.matrix = this.#kernel(kernels.adam, slot.shape).run(
          slot.matrix,
          firstMoments.matrix,
          secondMoments.matrix,
          row,
          learningRate,
          correction,
          epsilon,
        );
      }
    }
    this.#forgetTransposed();
    statistics.drop();
  }

  /** φ(x) and v of the states of a source. */
  #field(source: Source): { firingRates: Matrix; speeds: Matrix } {
    const { couplings, bias, [source]: states } = this.#slots;
    const firingRates =
      this.#spec.activation === "identity"
        ? states.matrix
        : this.#kernel(kernels.firingRates, states.shape).run(states.matrix);
    const speeds = this.#kernel(kernels.speeds, states.shape).run(
      couplings.matrix,
      bias.matrix,
      firingRates,
      states.matrix,
      this.#rows[source],
    );
    return { firingRates, speeds };
  }

  #releaseField(firingRates: Matrix, speeds: Matrix): void {
    // The identity's firing rates are the states themselves.
    if (this.#spec.activation !== "identity") this.#device.release(firingRates);
    this.#device.release(speeds);
  }

  #forces(shape: Shape, firingRates: Matrix, speeds: Matrix): Matrix {
    const { couplings } = this.#slots;
    this.#transposed ??= this.#kernel(kernels.transpose, couplings.shape).run(couplings.matrix);
    const kernel = this.#kernel(kernels.forces(this.#spec.activation), shape);
    return kernel.run(this.#transposed, firingRates, speeds);
  }

  #forgetTransposed(): void {
    if (this.#transposed) this.#device.release(this.#transposed);
    this.#transposed = undefined;
  }

  #matrixSlot(shape: Shape): MatrixSlot {
    return new MatrixSlot(this.#device, shape, () => this.#kernel(kernels.copy, shape));
  }

  /** A matrix of one row; whoever has it drops it. */
  #row(values: ArrayLike<number>): MatrixSlot {
    const row = this.#matrixSlot({ columns: values.length, rows: 1 });
    row.write(Float32Array.from(values));
    return row;
  }

  /** The kernel of this source and shape, made when it is first needed. */
  #kernel(source: string, shape: Shape, constants: Record<string, number> = {}, copy = 0): Kernel {
    const name = `${source} ${shape.columns} ${shape.rows} ${constants.states ?? ""} ${copy}`;
    let kernel = this.#kernels.get(name);
    if (!kernel) {
      const all = { units: this.#spec.units, ...constants };
      kernel = this.#device.kernel(source, shape, all, this.#functions);
      this.#kernels.set(name, kernel);
    }
    return kernel;
  }
}
