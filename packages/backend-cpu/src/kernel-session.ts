// One session as one worker sees it: the kernel's functions called on this worker's share of the work.
import type {
  AdvanceRun,
  ChainDraw,
  Measure,
  ResolvedSpec,
  Slot,
  Source,
  UpdateStep,
} from "@neural-langevin/core";
import { adamConstants, slotLength, splitInteger } from "@neural-langevin/core/backend";
import type { Kernel } from "./kernel.js";
import type { ArrayName, Layout } from "./layout.js";
import { meetingOf, type SessionMemory } from "./memory.js";
import { stopMeeting, type Team } from "./team.js";

/** N² × chains × steps that one call of the kernel may take: 2 GFLOP, which is well below a second. */
const PIECE = 5e8;

/** Below so many chains a worker, all workers take all chains and share the rows of the couplings. */
const SHARED_CHAINS = 32;

/** A session's memory and this worker's place in the team. */
export class KernelSession {
  readonly #kernel: Kernel;
  readonly #spec: ResolvedSpec;
  readonly #layout: Layout;
  readonly #team: Team;
  readonly #memory: Float32Array;
  readonly #meeting: Int32Array;
  readonly #meetingAddress: number;
  readonly #rows: Record<Source, number>;
  /** Addresses as the kernel knows them; the layout's count from the memory's first byte. */
  readonly #address: Readonly<Record<ArrayName, number>>;

  constructor(
    kernel: Kernel,
    memory: SessionMemory,
    layout: Layout,
    spec: ResolvedSpec,
    team: Team,
  ) {
    const { buffer, offset, base, meeting } = memory;
    this.#kernel = kernel;
    this.#layout = layout;
    this.#spec = spec;
    this.#team = team;
    this.#memory = new Float32Array(buffer, offset);
    this.#meeting = meetingOf(buffer, meeting);
    this.#meetingAddress = base - offset + meeting;
    this.#rows = { chains: spec.chains, batch: 0 };
    const moved = Object.entries(layout.address).map(([name, at]) => [name, at + base]);
    this.#address = Object.fromEntries(moved) as Record<ArrayName, number>;
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

  drawChains({ stream, step }: ChainDraw): void {
    const { units, chains, firstChain, seed } = this.#spec;
    this.#eachGroup(chains, (first, count) => {
      this.#kernel.restart(
        ...[this.#states("chains", first), units, this.#layout.rows, count, firstChain + first],
        ...[...splitInteger(seed), stream, ...splitInteger(step)],
      );
    });
  }

  advance(run: AdvanceRun): void {
    const { blocks } = this.#layout;
    const { chains } = this.#spec;
    const { rank, threads } = this.#team;
    const noisy = this.#prepare(run);
    if (threads > 1 && threads <= blocks && chains < SHARED_CHAINS * threads) {
      const bound = (place: number) => Math.floor((place * blocks) / threads);
      this.#advanceChains(run, noisy, 0, chains, threads, bound(rank), bound(rank + 1));
      this.#team.finish();
      return;
    }
    this.#eachGroup(chains, (first, count) => {
      this.#advanceChains(run, noisy, first, count, 1, 0, blocks);
    });
  }

  /** Steps of some chains, on the matrix blocks from `from` to `to`; `threads` workers share them. */
  #advanceChains(
    run: AdvanceRun,
    noisy: boolean,
    first: number,
    count: number,
    threads: number,
    from: number,
    to: number,
  ): void {
    const address = this.#address;
    const { units, firstChain, seed } = this.#spec;
    const midpoint = run.integrator === "leimkuhler-matthews" ? 1 : 0;
    const gated = Math.min(Math.max((run.feedbackFrom ?? 0) - run.firstStep, 0), run.steps);
    const scratch = threads > 1 ? 0 : this.#team.rank * this.#layout.group;
    // In pieces, between which a worker can be ended; a native call cannot be interrupted.
    const piece = Math.ceil((PIECE * threads) / (units * units * count));
    for (let done = 0; done < run.steps; done += piece) {
      this.#checkStop();
      this.#kernel.advance(
        ...[this.#couplings, address.transposed, address.bias, address.free],
        ...[address.amplitude + 4 * first, this.#states("chains", first)],
        ...[this.#states("phi", scratch), this.#states("v", scratch)],
        ...[this.#factors("phi", "phi", scratch), this.#factors("v", "v", scratch)],
        ...[this.#states("previous", scratch), this.#meetingAddress, threads],
        ...[units, this.#layout.rows, count, from, to, this.#activation],
        ...[firstChain + first, ...splitInteger(seed), ...splitInteger(run.firstStep + done)],
        ...[Math.min(piece, run.steps - done), Math.max(gated - done, 0)],
        ...[run.dt, midpoint, noisy ? 1 : 0],
      );
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
    const { rows, depth, blocks } = this.#layout;
    const address = this.#address;
    const { units } = this.#spec;
    const scratch = this.#team.rank * this.#layout.group;
    const count = this.#rows[source];
    for (let start = 0; start < count; start += depth) {
      const chains = Math.min(depth, count - start);
      this.#eachGroup(chains, (first, some) => {
        this.#kernel.rates_and_speeds(
          ...[this.#couplings, address.bias, this.#states(source, start + first)],
          ...[this.#states("rates", first), this.#states("speeds", first)],
          ...[this.#factors("phi", "rates", first, scratch)],
          ...[this.#factors("v", "speeds", first, scratch)],
          ...[units, rows, some, this.#activation],
        );
      });
      this.#team.share(blocks, (block) => {
        this.#kernel.correlate(
          ...[address.correlations, address.speedSums, address.speeds, address.rates],
          ...[weight / count, units, rows, chains, block],
        );
      });
    }
  }

  update(step: UpdateStep): void {
    const { blocks, rows } = this.#layout;
    const address = this.#address;
    const { units } = this.#spec;
    const { beta1, beta2, epsilon } = adamConstants(step.optimizer);
    const before = [
      step.optimizer.kind === "adam" ? 1 : 0,
      1 / (step.temperature || 1),
      step.learningRate,
    ];
    const after = [
      ...[beta1, 1 - beta1, beta2, 1 - beta2, epsilon],
      ...[1 / (1 - beta1 ** step.update), 1 / (1 - beta2 ** step.update)],
    ];
    this.#team.share(blocks, (block) => {
      if (block === 0) {
        this.#kernel.descend(
          ...[address.bias, address.speedSums],
          ...[address.firstBiasMoments, address.secondBiasMoments, rows, ...before, 0, ...after],
        );
      }
      this.#kernel.descend_block(
        ...[address.couplings, address.correlations, address.firstMoments, address.secondMoments],
        ...[units, rows, block, ...before, step.decay ?? 0, ...after],
      );
    });
    this.#factorise();
  }

  /** One number per state, on worker 0. */
  measure(what: Measure, source: Source): Float32Array {
    const address = this.#address;
    const scratch = this.#team.rank * this.#layout.group;
    this.#eachGroup(this.#rows[source], (first, count) => {
      this.#kernel.measure(
        ...[this.#couplings, address.transposed, address.bias],
        ...[this.#states(source, first), address.result + 4 * first],
        ...[this.#states("phi", scratch), this.#states("v", scratch)],
        ...[this.#factors("phi", "phi", scratch), this.#factors("v", "v", scratch)],
        ...[this.#states("previous", scratch), this.#spec.units, this.#layout.rows, count],
        ...[this.#activation, what === "energy" ? 0 : 1],
      );
    });
    return this.#array("result", this.#rows[source]).slice();
  }

  get #activation(): number {
    return this.#spec.activation === "tanh" ? 0 : 1;
  }

  /** The address of a state in one of the arrays of states. */
  #states(name: ArrayName, first: number): number {
    return this.#address[name] + 4 * first * this.#layout.rows;
  }

  /** What products multiply of J: itself in float32, its rounded copy in bf16. */
  get #couplings(): number {
    const { couplings, couplingFactors } = this.#address;
    return this.#layout.factorStride === undefined ? couplings : couplingFactors;
  }

  /** The same of φ or v: the states `own` in float32, in bf16 a place of the scratch. */
  #factors(which: "phi" | "v", own: ArrayName, first: number, scratch = first): number {
    const { factorStride } = this.#layout;
    if (factorStride === undefined) return this.#states(own, first);
    return this.#address[`${which}Factors`] + scratch * factorStride;
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
    const { blocks, rows } = this.#layout;
    const { couplingFactors, transposed, couplings } = this.#address;
    this.#team.share(blocks, (block) => {
      this.#kernel.factorise(
        ...[couplingFactors, transposed, couplings, this.#spec.units, rows, block],
      );
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
        matrix("couplings", 0);
        break;
      case "bias":
        vector("bias", 0);
        break;
      case "statistics":
        matrix("correlations", 0);
        vector("speedSums", square);
        break;
      case "moments":
        matrix("firstMoments", 0);
        vector("firstBiasMoments", square);
        matrix("secondMoments", square + units);
        vector("secondBiasMoments", 2 * square + units);
        break;
      case "chains":
      case "batch":
        this.#copyStates(slot, values, way);
    }
  }

  #copyMatrix(blocks: Float32Array, values: Float32Array, way: "in" | "out"): void {
    const { units } = this.#spec;
    const { blockRows, rows } = this.#layout;
    for (let row = 0; row < units; row++) {
      const first = row - (row % blockRows);
      const width = Math.min(blockRows, rows - first);
      let at = first * units + (row - first);
      const end = (row + 1) * units;
      if (way === "in") {
        for (let place = row * units; place < end; place++, at += width) {
          blocks[at] = values[place]!;
        }
      } else {
        for (let place = row * units; place < end; place++, at += width) {
          values[place] = blocks[at]!;
        }
      }
    }
  }

  #copyStates(source: Source, values: Float32Array, way: "in" | "out"): void {
    const { units } = this.#spec;
    const { rows, address } = this.#layout;
    for (let state = 0; state < values.length / units; state++) {
      const at = address[source] / 4 + state * rows;
      if (way === "in") {
        this.#memory.set(values.subarray(state * units, (state + 1) * units), at);
      } else values.set(this.#memory.subarray(at, at + units), state * units);
    }
  }
}
