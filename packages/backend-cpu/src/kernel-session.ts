// One session as one worker sees it: the kernel's functions called on this worker's share of the work.
import type {
  AdvanceRun,
  Measure,
  ResolvedSpec,
  Slot,
  Source,
  UpdateStep,
} from "@neural-langevin/core";
import {
  adamConstants,
  type EngineDraw,
  gradientTemperature,
  norm,
  slotLength,
} from "@neural-langevin/core/backend";
import type { Kernel } from "./kernel.js";
import type { ArrayName, Layout } from "./layout.js";
import { meetingOf } from "./memory.js";
import { type Field, type SessionMemory, Structure } from "./structures.js";
import { stopMeeting, type Team } from "./team.js";

/** N × free columns × chains × steps that one call of the kernel may take: 2 GFLOP, which is well below a second. */
const PIECE = 5e8;

/** Below so many chains a worker, all workers take all chains and share the rows of the couplings. */
const SHARED_CHAINS = 24;

/** Of the first columns, those of pinned units are summed once a run, as many whole tiles of them as there are. */
const COLUMNS_OF_TILE = 32;

/** Which chains a worker takes through a run, on which blocks of rows, and how many workers share them. */
type Share = Readonly<
  Record<Field<"Run"> & ("first" | "B" | "place" | "from" | "to" | "threads"), number>
>;

/** A session's memory and this worker's place in the team. */
export class KernelSession {
  readonly #kernel: Kernel;
  readonly #spec: ResolvedSpec;
  readonly #layout: Layout;
  readonly #team: Team;
  readonly #memory: Float32Array;
  readonly #meeting: Int32Array;
  readonly #session: Structure<"Session">;
  readonly #run: Structure<"Run">;
  readonly #update: Structure<"Update">;
  readonly #rows: Record<Source, number>;

  constructor(
    kernel: Kernel,
    memory: SessionMemory,
    layout: Layout,
    spec: ResolvedSpec,
    team: Team,
  ) {
    const { buffer, offset, base, meeting } = memory;
    const { run, update } = layout.workers[team.rank]!;
    this.#kernel = kernel;
    this.#layout = layout;
    this.#spec = spec;
    this.#team = team;
    this.#memory = new Float32Array(buffer, offset);
    this.#meeting = meetingOf(buffer, meeting);
    this.#session = new Structure("Session", memory, layout.session);
    this.#run = new Structure("Run", memory, run);
    this.#update = new Structure("Update", memory, update);
    this.#rows = { chains: spec.chains, batch: 0 };
    // All workers have the same session and may write it at once; what each writes is the same.
    const arrays = Object.entries(layout.address).map(([name, at]) => [name, at + base]);
    this.#session.write({
      ...(Object.fromEntries(arrays) as Record<ArrayName, number>),
      meeting: base - offset + meeting,
      seed: spec.seed,
      first_chain: spec.firstChain,
      N: spec.units,
      rows: layout.rows,
      identity: spec.activation === "identity" ? 1 : 0,
    });
  }

  /** Worker 0 copies the values in; `rows` is the number of states where the slot is a batch. */
  write(slot: Slot, values: Float32Array | undefined, rows: number): void {
    if (slot === "batch") this.#rows.batch = rows;
    if (values) this.#copy(slot, values, "in");
    this.#team.finish();
    if (slot === "couplings") this.#factorise();
  }

  /** A copy of a slot in row-major order, on worker 0. */
  read(slot: Slot): Float32Array {
    const values = new Float32Array(
      slot === "batch" ? this.#rows.batch * this.#spec.units : slotLength(this.#spec, slot),
    );
    this.#copy(slot, values, "out");
    return values;
  }

  /** The statistics where they lie, on worker 0. */
  lend(): Float32Array {
    const { address, rows } = this.#layout;
    return this.#array("correlations", (address.speed_sums - address.correlations) / 4 + rows);
  }

  /** ‖Σ v φᵀ‖ and ‖Σ v‖, on worker 0. Summed row by row, they are the same bits as of what `read` gives. */
  norms(): Float64Array {
    const { units } = this.#spec;
    const { blockRows, rows } = this.#layout;
    const blocks = this.#array("correlations", rows * units);
    let squares = 0;
    for (let first = 0; first < units; first += blockRows) {
      const width = Math.min(blockRows, rows - first);
      const own = Math.min(blockRows, units - first);
      for (let row = 0; row < own; row++) {
        const end = (first + width) * units;
        for (let at = first * units + row; at < end; at += width) {
          squares += blocks[at]! * blocks[at]!;
        }
      }
    }
    return Float64Array.of(Math.sqrt(squares), norm(this.#array("speed_sums", units)));
  }

  /** x ← μ + σ·ξ of some chains. */
  drawChains({ stream, step, mean, spread, first, count }: EngineDraw): void {
    if (this.#team.rank === 0) {
      const means = this.#array("mean", this.#spec.units);
      if (mean) means.set(mean);
      else means.fill(0);
    }
    this.#team.finish();
    this.#eachGroup(count, (start, B) => {
      this.#run.write({ first: first + start, B, stream, step, spread });
      this.#kernel.draw(this.#session.address, this.#run.address);
    });
  }

  advance(run: AdvanceRun): void {
    const { blocks } = this.#layout;
    const { chains } = this.#spec;
    const { rank, threads } = this.#team;
    const noisy = this.#prepare(run);
    if (threads > 1 && threads <= blocks && chains < SHARED_CHAINS * threads) {
      const bound = (place: number) => Math.floor((place * blocks) / threads);
      const share = { first: 0, B: chains, place: 0, from: bound(rank), to: bound(rank + 1) };
      this.#advanceChains(run, noisy, { ...share, threads });
      this.#team.finish();
      return;
    }
    this.#eachGroup(chains, (first, B) => {
      const share = { first, B, place: this.#place, from: 0, to: blocks };
      this.#advanceChains(run, noisy, { ...share, threads: 1 });
    });
  }

  /** Steps of a share of the work: some chains, on some matrix blocks. */
  #advanceChains(run: AdvanceRun, noisy: boolean, share: Share): void {
    const { units } = this.#spec;
    const gated = (run.feedbackFrom ?? 0) - run.firstStep;
    const firstFree = run.pinned ? [...run.pinned, 0].indexOf(0) : 0;
    const pinned = firstFree - (firstFree % COLUMNS_OF_TILE);
    // In pieces, between which a worker can be ended; a native call cannot be interrupted.
    const terms = units * Math.max(1, units - pinned) * share.B;
    const piece = Math.ceil((PIECE * share.threads) / terms);
    for (let done = 0; done < run.steps; done += piece) {
      this.#checkStop();
      const steps = Math.min(piece, run.steps - done);
      this.#run.write({
        ...share,
        step: run.firstStep + done,
        steps,
        pinned,
        without_feedback: Math.min(Math.max(gated - done, 0), steps),
        midpoint: run.integrator === "leimkuhler-matthews" ? 1 : 0,
        noisy: noisy ? 1 : 0,
        dt: run.dt,
      });
      this.#kernel.advance(this.#session.address, this.#run.address);
    }
  }

  /** Throws Stopped when the pool is being closed, and lets nobody wait for this worker. */
  #checkStop(): void {
    try {
      this.#team.checkStop();
    } catch (stopped) {
      stopMeeting(this.#meeting);
      throw stopped;
    }
  }

  accumulate(source: Source, weight: number): void {
    const { depth, blocks } = this.#layout;
    const [session, run] = [this.#session.address, this.#run.address];
    const count = this.#rows[source];
    const batch = source === "batch" ? 1 : 0;
    for (let start = 0; start < count; start += depth) {
      const states = Math.min(depth, count - start);
      this.#eachGroup(states, (place, B) => {
        this.#run.write({ batch, first: start + place, B, place });
        this.#kernel.rates_and_speeds(session, run);
      });
      this.#run.write({ B: states, weight: weight / count });
      this.#team.share(blocks, (block) => this.#kernel.correlate(session, run, block));
    }
  }

  update(step: UpdateStep): void {
    const { beta1, beta2, epsilon } = adamConstants(step.optimizer);
    this.#update.write({
      adam: step.optimizer.kind === "adam" ? 1 : 0,
      rate: step.learningRate,
      decay: step.decay ?? 0,
      scale: 1 / gradientTemperature(step.temperature),
      beta1,
      beta2,
      share1: 1 - beta1,
      share2: 1 - beta2,
      correction1: 1 / (1 - beta1 ** step.update),
      correction2: 1 / (1 - beta2 ** step.update),
      epsilon,
    });
    this.#team.share(this.#layout.blocks, (block) => {
      this.#kernel.descend(this.#session.address, this.#update.address, block);
    });
    this.#factorise();
  }

  /** averages ← averages + weight·((J, b) − averages). */
  average(weight: number): void {
    this.#run.write({ weight });
    this.#team.share(this.#layout.blocks, (block) => {
      this.#kernel.average(this.#session.address, this.#run.address, block);
    });
  }

  /** One number per state, on worker 0. */
  measure(what: Measure, source: Source): Float32Array {
    const batch = source === "batch" ? 1 : 0;
    this.#eachGroup(this.#rows[source], (first, B) => {
      this.#run.write({ batch, first, B, place: this.#place });
      this.#kernel[what](this.#session.address, this.#run.address);
    });
    return this.#array("result", this.#rows[source]).slice();
  }

  /** Where this worker keeps φ, v and ξ of the states that it works on. */
  get #place(): number {
    return this.#team.rank * this.#layout.group;
  }

  #array(name: ArrayName, length: number): Float32Array {
    const start = this.#layout.address[name] / 4;
    return this.#memory.subarray(start, start + length);
  }

  /** Deals chains out to the team, in groups as even as they can be. */
  #eachGroup(chains: number, work: (first: number, count: number) => void): void {
    const { threads } = this.#team;
    const rounds = Math.ceil(chains / (threads * this.#layout.group));
    const groups = Math.min(chains, threads * rounds);
    this.#team.share(groups, (index) => {
      const first = Math.floor((index * chains) / groups);
      work(first, Math.floor(((index + 1) * chains) / groups) - first);
    });
  }

  /** Makes Jᵀ, and in bf16 both factors, from J. */
  #factorise(): void {
    this.#team.share(this.#layout.blocks, (block) => {
      this.#kernel.factorise(this.#session.address, block);
    });
  }

  /** Worker 0 writes what a run needs besides its numbers; says whether there is any noise. */
  #prepare(run: AdvanceRun): boolean {
    const { units, chains } = this.#spec;
    const { temperature, pinned } = run;
    const noisy =
      typeof temperature === "number" ? temperature > 0 : temperature.some((value) => value > 0);
    if (this.#team.rank === 0) {
      const free = this.#array("free", units);
      const amplitude = this.#array("amplitude", chains);
      for (let unit = 0; unit < units; unit++) free[unit] = pinned?.[unit] ? 0 : 1;
      for (let chain = 0; chain < chains; chain++) {
        const value = typeof temperature === "number" ? temperature : temperature[chain]!;
        amplitude[chain] = Math.sqrt(2 * value * run.dt);
      }
    }
    this.#team.finish();
    return noisy;
  }

  /** Copies between a slot in row-major order and the kernel's arrays. */
  #copy(slot: Slot, values: Float32Array, way: "in" | "out"): void {
    const { units } = this.#spec;
    const square = units * units;
    const matrix = (name: ArrayName, from: number) =>
      this.#copyMatrix(this.#array(name, this.#layout.rows * units), values.subarray(from), way);
    const vector = (name: ArrayName, from: number) => {
      const array = this.#array(name, units);
      if (way === "in") array.set(values.subarray(from, from + units));
      else values.set(array, from);
    };
    switch (slot) {
      case "couplings":
        matrix("J", 0);
        break;
      case "bias":
        vector("b", 0);
        break;
      case "statistics":
        matrix("correlations", 0);
        vector("speed_sums", square);
        break;
      case "averages":
        matrix("averages", 0);
        vector("bias_averages", square);
        break;
      case "moments":
        matrix("first_moments", 0);
        vector("first_bias_moments", square);
        matrix("second_moments", square + units);
        vector("second_bias_moments", 2 * square + units);
        break;
      case "chains":
      case "batch":
        this.#copyStates(slot, values, way);
    }
  }

  /** The kernel's side is passed over in order, because it is there that a column lies together. */
  #copyMatrix(blocks: Float32Array, values: Float32Array, way: "in" | "out"): void {
    const { units } = this.#spec;
    const { blockRows, rows } = this.#layout;
    for (let first = 0; first < units; first += blockRows) {
      const width = Math.min(blockRows, rows - first);
      const own = Math.min(blockRows, units - first);
      for (let column = 0; column < units; column++) {
        const at = first * units + column * width;
        for (let row = 0, place = first * units + column; row < own; row++, place += units) {
          if (way === "in") blocks[at + row] = values[place]!;
          else values[place] = blocks[at + row]!;
        }
      }
    }
  }

  #copyStates(source: Source, values: Float32Array, way: "in" | "out"): void {
    const { units } = this.#spec;
    const { rows, address } = this.#layout;
    for (let state = 0; state < values.length / units; state++) {
      const at = address[source === "batch" ? "batch" : "x"] / 4 + state * rows;
      if (way === "in") {
        this.#memory.set(values.subarray(state * units, (state + 1) * units), at);
      } else values.set(this.#memory.subarray(at, at + units), state * units);
    }
  }
}
