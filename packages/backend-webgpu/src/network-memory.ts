// A session's arrays on the device, and every operation of the contract as dispatches on them.
//
// States stand as [unit][chain], padded with zeros; J and b stand as they are written, and J and Jᵀ once more,
// padded, for the products.
import {
  type AdvanceRun,
  LangevinError,
  type Measure,
  type ResolvedSpec,
  type Slot,
  type Source,
  type UpdateStep,
} from "@neural-langevin/core";
import {
  adamConstants,
  type DeviceOperations,
  type EngineDraw,
  gradientTemperature,
  splitInteger,
} from "@neural-langevin/core/backend";
import type { GraphicsDevice, Program } from "./device.js";
import { MEASURE_STATES, measureKernel } from "./kernels/measure.js";
import { speedKernel, stepKernel, virialKernel } from "./kernels/product.js";
import {
  DRAW_TILE,
  drawKernel,
  loadKernel,
  packKernel,
  TURN_TILE,
  unloadKernel,
} from "./kernels/states.js";
import { STATISTICS_TILE, statisticsKernel } from "./kernels/statistics.js";
import { averageKernel, UPDATE_THREADS, updateKernel } from "./kernels/update.js";
import { ALIGNMENT, type chooseShape, DEPTH, type Shape } from "./shapes.js";

// GPUBufferUsage and GPUMapMode, which Node has not got as globals.
const STORAGE = 0x80 | 0x8 | 0x4;
const UNIFORM = 0x40 | 0x8;
const STAGING = 0x1 | 0x8;
const MAP_READ = 0x1;

/** Most steps of one command buffer. */
const STEPS_OF_A_SUBMISSION = 256;

const align = (value: number, multiple: number) => Math.ceil(value / multiple) * multiple;

/** Buffers by their names in the kernels; those of a source stand under both. */
type Buffers = Readonly<Record<string, GPUBuffer>>;

/** One dispatch: a program, what it is bound to, and its workgroups. */
interface Dispatch {
  readonly program: Program;
  readonly group: GPUBindGroup;
  readonly workgroups: readonly [x: number, y: number];
}

type Programs = Awaited<ReturnType<typeof compile>>;

/** All programs of a session, and the shape of its products over each source. */
async function compile(device: GraphicsDevice, spec: ResolvedSpec, choose: typeof chooseShape) {
  const { activation } = spec;
  const products = async (count: number) => {
    const shape = choose(device.device.limits, spec.units, count);
    const [speed, virial] = await Promise.all([
      device.program(speedKernel(shape)),
      device.program(virialKernel(shape, activation)),
    ]);
    return { shape, speed, virial };
  };
  const chains = await products(spec.chains);
  const batch = spec.batch > 0 ? await products(spec.batch) : chains;
  const [step, drift, load, unload, draw, pack, statistics, adam, sgd, average, energy, virial] =
    await Promise.all(
      [
        stepKernel(chains.shape, activation, true),
        stepKernel(chains.shape, activation, false),
        loadKernel(activation),
        unloadKernel(),
        drawKernel(activation),
        packKernel(),
        statisticsKernel(),
        updateKernel("adam"),
        updateKernel("sgd"),
        averageKernel(),
        measureKernel("energy"),
        measureKernel("virial"),
      ].map((kernel) => device.program(kernel)),
    );
  return {
    products: { chains, batch },
    step: step!,
    drift: drift!,
    load: load!,
    unload: unload!,
    draw: draw!,
    pack: pack!,
    statistics: statistics!,
    update: { adam: adam!, sgd: sgd! },
    average: average!,
    measure: { energy: energy!, virial: virial! },
  };
}

/** One network with its chains in the device's memory. */
export class NetworkMemory implements DeviceOperations {
  readonly subject = "The graphics device";
  readonly overlapsReads = true;
  readonly #graphics: GraphicsDevice;
  readonly #device: GPUDevice;
  readonly #programs: Programs;
  readonly #spec: ResolvedSpec;
  readonly #buffers: Readonly<Record<Source, Buffers>>;
  readonly #groups = new Map<Program, Partial<Record<Source, GPUBindGroup>>>();
  readonly #rows: Record<Source, number>;

  private constructor(
    graphics: GraphicsDevice,
    programs: Programs,
    spec: ResolvedSpec,
    buffers: Readonly<Record<Source, Buffers>>,
  ) {
    this.#graphics = graphics;
    this.#device = graphics.device;
    this.#programs = programs;
    this.#spec = spec;
    this.#buffers = buffers;
    this.#rows = { chains: spec.chains, batch: 0 };
    this.#writeSizes("chains");
    this.#writeAmplitudes(0, 1);
  }

  /**
   * Compiles and allocates.
   *
   * @param choose chooses the tiles of the products
   * @throws unsupported
   */
  static async allocate(
    device: GraphicsDevice,
    spec: ResolvedSpec,
    choose: typeof chooseShape,
  ): Promise<NetworkMemory> {
    const lengths = arrayLengths(spec);
    const { maxBufferSize, maxStorageBufferBindingSize } = device.device.limits;
    const limit = Math.min(maxBufferSize, maxStorageBufferBindingSize);
    const tooLarge = (why: string) =>
      new LangevinError(
        "unsupported",
        `A session of ${spec.units} units with ${spec.chains} chains and room for ${spec.batch} states ${why}.`,
        "Take fewer chains, a smaller machine, or another backend.",
      );
    for (const [name, length] of Object.entries({ ...lengths.shared, ...lengths.states })) {
      if (4 * length > limit) {
        throw tooLarge(`needs ${4 * length} bytes for its ${name}, and this device binds ${limit}`);
      }
    }
    const programs = await compile(device, spec, choose);
    device.device.pushErrorScope("out-of-memory");
    const create = (usage: number) => (length: number, label: string) =>
      device.device.createBuffer({ label, size: 4 * length, usage });
    const [storage, uniform] = [create(STORAGE), create(UNIFORM)];
    const createAll = (some: Readonly<Record<string, number>>, make = storage) =>
      Object.fromEntries(Object.entries(some).map(([name, length]) => [name, make(length, name)]));
    const shared = {
      ...createAll(lengths.shared),
      ...createAll({ run: 2, draw: 6, share: 1, rule: 10 }, uniform),
    };
    const ofStates = (length: number) => ({
      ...shared,
      ...createAll({ x: length, firingRates: length, speeds: length }),
      sizes: uniform(8, "sizes"),
    });
    const chains = ofStates(lengths.states.chains);
    const batch = ofStates(lengths.states.batch);
    const memory = new NetworkMemory(device, programs, spec, { chains, batch });
    const error = await device.device.popErrorScope();
    if (error) {
      memory.free();
      throw tooLarge("does not fit the device's memory");
    }
    return memory;
  }

  /** Frees the device's memory. */
  free(): void {
    for (const buffers of Object.values(this.#buffers)) {
      for (const buffer of Object.values(buffers)) buffer.destroy();
    }
  }

  finish(): Promise<unknown> {
    return this.#device.queue.onSubmittedWorkDone();
  }

  failure(): LangevinError | undefined {
    return this.#graphics.failure;
  }

  onLost(callback: (error: LangevinError) => void): () => void {
    return this.#graphics.onLost(callback);
  }

  /** Floating-point operations of one Langevin step. */
  get #operations(): number {
    return 4 * this.#spec.units ** 2 * this.#spec.chains;
  }

  write(slot: Slot, values: Float32Array<ArrayBuffer>): void {
    const { units } = this.#spec;
    const square = units * units;
    const put = (name: string, from: number, part: Float32Array<ArrayBuffer>) =>
      this.#device.queue.writeBuffer(this.#buffers.chains[name]!, 4 * from, part);
    switch (slot) {
      case "couplings":
        put("parameters", 0, values);
        this.#submit([this.#pack()]);
        break;
      case "bias":
        put("parameters", square, values);
        break;
      case "statistics":
      case "averages":
        put(slot, 0, values);
        break;
      case "moments":
        put("firstMoments", 0, values.subarray(0, square + units));
        put("secondMoments", 0, values.subarray(square + units));
        break;
      case "chains":
      case "batch":
        this.#rows[slot] = values.length / units;
        this.#writeSizes(slot);
        put("scratch", 0, values);
        this.#submit([this.#turn(slot, this.#programs.load, units, this.#rows[slot])]);
    }
  }

  /** A copy of a slot. */
  read(slot: Slot): Promise<Float32Array> {
    const { units } = this.#spec;
    const square = units * units;
    switch (slot) {
      case "couplings":
        return this.#fetch([["parameters", 0, square]]);
      case "bias":
        return this.#fetch([["parameters", square, units]]);
      case "statistics":
      case "averages":
        return this.#fetch([[slot, 0, square + units]]);
      case "moments":
        return this.#fetch([
          ["firstMoments", 0, square + units],
          ["secondMoments", 0, square + units],
        ]);
      case "chains":
      case "batch": {
        const count = this.#rows[slot];
        if (count === 0) return Promise.resolve(new Float32Array(0));
        return this.#fetch(
          [["scratch", 0, count * units]],
          [this.#turn(slot, this.#programs.unload, count, units)],
        );
      }
    }
  }

  drawChains({ stream, step, mean, spread, first, count }: EngineDraw): void {
    const { units, chains } = this.#spec;
    this.#writeWords("draw", [stream, ...splitInteger(step), first, count, floatBits(spread)]);
    const means = new Float32Array(units);
    if (mean) means.set(mean);
    this.#device.queue.writeBuffer(this.#buffers.chains.mean!, 0, means);
    this.#submit([
      this.#dispatch("chains", this.#programs.draw, [
        Math.ceil(chains / 4 / DRAW_TILE.vectors),
        Math.ceil(units / 4 / DRAW_TILE.blocks),
      ]),
    ]);
  }

  /** Langevin steps in submissions of bounded work; the host may be two of the largest ahead. */
  *advance(run: AdvanceRun): Generator<number> {
    const { step, drift, products } = this.#programs;
    const pinned = new Uint32Array(this.#spec.units);
    if (run.pinned) pinned.set(run.pinned);
    const midpoint = run.integrator === "leimkuhler-matthews" ? 1 : 0;
    const speed = this.#product("chains", products.chains.speed);
    const withFeedback = this.#product("chains", step);
    const without = this.#product("chains", drift);
    const { submission } = this.#graphics;
    const most = Math.floor(submission / this.#operations);
    const piece = Math.min(Math.max(most, 1), STEPS_OF_A_SUBMISSION);
    this.#writeAmplitudes(run.temperature, run.dt);
    this.#device.queue.writeBuffer(this.#buffers.chains.pinned!, 0, pinned);
    this.#writeWords("run", [floatBits(run.dt), midpoint]);
    // The first product of a step counts the clock on, so it begins a step early.
    const [low, high] = splitInteger(run.firstStep);
    this.#writeWords("clock", [(low - 1) >>> 0, low === 0 ? (high - 1) >>> 0 : high]);
    for (let done = 0; done < run.steps; done += piece) {
      const first = run.firstStep + done;
      const steps = Math.min(piece, run.steps - done);
      this.#submit(
        Array.from({ length: steps }, (_, at) => [
          speed,
          first + at >= (run.feedbackFrom ?? 0) ? withFeedback : without,
        ]).flat(),
      );
      yield (steps * this.#operations) / (submission / 2);
    }
  }

  accumulate(source: Source, weight: number): void {
    const tiles = Math.ceil(this.#spec.units / STATISTICS_TILE);
    this.#writeWords("share", [floatBits(weight)]);
    this.#submit([
      this.#speed(source),
      this.#dispatch(source, this.#programs.statistics, [tiles, tiles]),
    ]);
  }

  update(step: UpdateStep): void {
    const { kind } = step.optimizer;
    const { beta1, beta2, epsilon } = adamConstants(step.optimizer);
    this.#writeWords(
      "rule",
      [
        step.learningRate,
        step.decay ?? 0,
        gradientTemperature(step.temperature),
        epsilon,
        beta1,
        1 - beta1,
        1 - beta1 ** step.update,
        beta2,
        1 - beta2,
        1 - beta2 ** step.update,
      ].map(floatBits),
    );
    this.#submit([
      this.#dispatch("chains", this.#programs.update[kind], this.#parameterGroups),
      this.#pack(),
    ]);
  }

  average(weight: number): void {
    this.#writeWords("share", [floatBits(weight)]);
    this.#submit([this.#dispatch("chains", this.#programs.average, this.#parameterGroups)]);
  }

  /** Workgroups with a thread for each parameter, in a square, because one row may hold fewer than there are. */
  get #parameterGroups(): [x: number, y: number] {
    const { units } = this.#spec;
    const workgroups = Math.ceil((units * units + units) / UPDATE_THREADS);
    const side = Math.ceil(Math.sqrt(workgroups));
    return [side, Math.ceil(workgroups / side)];
  }

  /** One number for each state. */
  measure(what: Measure, source: Source): Promise<Float32Array> {
    const count = this.#rows[source];
    const { products, measure } = this.#programs;
    return this.#fetch(
      [["result", 0, count]],
      [
        this.#speed(source),
        ...(what === "virial" ? [this.#product(source, products[source].virial)] : []),
        this.#dispatch(source, measure[what], [Math.ceil(count / MEASURE_STATES), 1]),
      ],
    );
  }

  #speed(source: Source): Dispatch {
    return this.#product(source, this.#programs.products[source].speed);
  }

  #pack(): Dispatch {
    const tiles = Math.ceil(this.#spec.units / TURN_TILE);
    return this.#dispatch("chains", this.#programs.pack, [tiles, tiles]);
  }

  /** A product over the states of a source. */
  #product(source: Source, program: Program): Dispatch {
    const { shape } = this.#programs.products[source] satisfies { shape: Shape };
    return this.#dispatch(source, program, [
      Math.ceil(this.#rows[source] / shape.chains),
      Math.ceil(this.#spec.units / shape.units),
    ]);
  }

  #turn(source: Source, program: Program, width: number, height: number): Dispatch {
    const workgroups = [Math.ceil(width / TURN_TILE), Math.ceil(height / TURN_TILE)] as const;
    return this.#dispatch(source, program, workgroups);
  }

  #dispatch(source: Source, program: Program, workgroups: Dispatch["workgroups"]): Dispatch {
    const groups = this.#groups.get(program) ?? {};
    this.#groups.set(program, groups);
    groups[source] ??= this.#bind(source, program);
    return { program, group: groups[source], workgroups };
  }

  #bind(source: Source, { pipeline, bindings }: Program): GPUBindGroup {
    const buffers = this.#buffers[source];
    // A product's operands go by what they are: J multiplies speeds, Jᵀ multiplies firing rates.
    const forward = bindings.some(({ name }) => name === "speeds");
    const operands: Readonly<Record<string, string>> = {
      matrix: forward ? "transposed" : "couplings",
      states: forward ? "firingRates" : "speeds",
    };
    return this.#device.createBindGroup({
      layout: pipeline.getBindGroupLayout(0),
      entries: bindings.map(({ name }, binding) => ({
        binding,
        resource: { buffer: buffers[operands[name] ?? name]! },
      })),
    });
  }

  #submit(dispatches: readonly Dispatch[], after?: (encoder: GPUCommandEncoder) => void): void {
    const encoder = this.#device.createCommandEncoder();
    if (dispatches.length > 0) {
      const pass = encoder.beginComputePass();
      for (const { program, group, workgroups } of dispatches) {
        pass.setPipeline(program.pipeline);
        pass.setBindGroup(0, group);
        pass.dispatchWorkgroups(...workgroups);
      }
      pass.end();
    }
    after?.(encoder);
    this.#device.queue.submit([encoder.finish()]);
  }

  /** Copies parts of buffers to the host, one after the other, once these dispatches are done. */
  async #fetch(
    parts: readonly (readonly [name: string, from: number, length: number])[],
    dispatches: readonly Dispatch[] = [],
  ): Promise<Float32Array> {
    const size = 4 * parts.reduce((sum, [, , length]) => sum + length, 0);
    const staging = this.#device.createBuffer({ label: "staging", size, usage: STAGING });
    this.#submit(dispatches, (encoder) => {
      let to = 0;
      for (const [name, from, length] of parts) {
        const buffer = this.#buffers.chains[name]!;
        encoder.copyBufferToBuffer(buffer, 4 * from, staging, to, 4 * length);
        to += 4 * length;
      }
    });
    try {
      await staging.mapAsync(MAP_READ);
      return new Float32Array(staging.getMappedRange()).slice();
    } catch (error) {
      // An aborted copy means that the device is being lost, and its reason follows.
      throw (error as Error).name === "AbortError" ? await this.#graphics.lost : error;
    } finally {
      staging.destroy();
    }
  }

  #writeSizes(source: Source): void {
    const { units, firstChain, seed } = this.#spec;
    const { rows, stride } = paddedSizes(this.#spec, source);
    this.#writeWords(
      "sizes",
      [
        units,
        rows,
        align(units, DEPTH),
        this.#rows[source],
        stride,
        firstChain,
        ...splitInteger(seed),
      ],
      source,
    );
  }

  #writeAmplitudes(temperature: AdvanceRun["temperature"], dt: number): void {
    const amplitudes = Float32Array.from({ length: this.#spec.chains }, (_, chain) =>
      Math.sqrt(2 * (typeof temperature === "number" ? temperature : temperature[chain]!) * dt),
    );
    this.#device.queue.writeBuffer(this.#buffers.chains.amplitudes!, 0, amplitudes);
  }

  #writeWords(name: string, words: readonly number[], source: Source = "chains"): void {
    this.#device.queue.writeBuffer(this.#buffers[source][name]!, 0, Uint32Array.from(words));
  }
}

/** The bits of a number as float32. */
const floatBits = (value: number): number => new Uint32Array(Float32Array.of(value).buffer)[0]!;

/** Padded units and states of a source. */
function paddedSizes(spec: ResolvedSpec, source: Source) {
  const rows = align(spec.units, ALIGNMENT);
  return { rows, stride: align(Math.max(spec[source], 1), ALIGNMENT) };
}

/** Elements of every array, those of the states of a source apart. */
function arrayLengths(spec: ResolvedSpec) {
  const { rows, stride } = paddedSizes(spec, "chains");
  const batch = paddedSizes(spec, "batch").stride;
  const most = Math.max(stride, batch);
  const parameters = spec.units * (spec.units + 1);
  return {
    shared: {
      parameters,
      statistics: parameters,
      firstMoments: parameters,
      secondMoments: parameters,
      ...(spec.averages && { averages: parameters }),
      mean: spec.units,
      couplings: rows * rows,
      transposed: rows * rows,
      scratch: rows * most,
      amplitudes: stride,
      pinned: rows,
      clock: 2,
      result: most,
    },
    states: { chains: rows * stride, batch: rows * batch },
  };
}
