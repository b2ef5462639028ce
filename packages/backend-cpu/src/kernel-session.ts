// One session as one worker sees it: the kernel's functions called on this worker's share of the work.
import {
  type AdvanceRun,
  adamDefaults,
  type Measure,
  type SessionSpec,
  type Slot,
  type Source,
  slotLength,
  splitInteger,
  type UpdateStep,
} from "@neural-langevin/core";
import type { Kernel } from "./kernel.js";
import type { ArrayName, Layout } from "./layout.js";
import type { Team } from "./team.js";

/** N² × chains × steps that one call of the kernel may take: 2 GFLOP, which is well below a second. */
const PIECE = 5e8;

/** A session's memory and this worker's place in the team. */
export class KernelSession {
  readonly #kernel: Kernel;
  readonly #spec: Required<SessionSpec>;
  readonly #layout: Layout;
  readonly #team: Team;
  readonly #memory: Float32Array;
  readonly #rows: Record<Source, number>;
  /** Addresses as the kernel knows them; the layout's count from the memory's first byte. */
  readonly #address: Readonly<Record<ArrayName, number>>;
  readonly #scratch: number;

  /**
   * @param buffer the session's memory
   * @param base the address that the kernel knows its first byte by
   */
  constructor(
    kernel: Kernel,
    memory: { buffer: ArrayBufferLike; base: number },
    layout: Layout,
    spec: Required<SessionSpec>,
    team: Team,
  ) {
    this.#kernel = kernel;
    this.#layout = layout;
    this.#spec = spec;
    this.#team = team;
    this.#memory = new Float32Array(memory.buffer);
    this.#rows = { chains: spec.chains, batch: 0 };
    const moved = Object.entries(layout.address).map(([name, at]) => [name, at + memory.base]);
    this.#address = Object.fromEntries(moved) as Record<ArrayName, number>;
    this.#scratch = layout.scratch[team.rank]! + memory.base;
  }

  /** Worker 0 copies the values in; `rows` is the number of states where the slot is a batch. */
  write(slot: Slot, values: Float32Array | undefined, rows: number): void {
    if (slot === "batch") this.#rows.batch = rows;
    if (values) this.#copy(slot, values, "in");
    this.#team.finish();
    if (slot === "couplings") this.#transpose();
  }

  /** A copy of a slot in row-major order, on worker 0. */
  read(slot: Slot): Float32Array {
    const values = new Float32Array(
      slot === "batch" ? this.#rows.batch * this.#spec.units : slotLength(this.#spec, slot),
    );
    this.#copy(slot, values, "out");
    return values;
  }

  restart(stream: number, step: number): void {
    const { panelLanes, rows } = this.#layout;
    const address = this.#address;
    this.#eachGroup(this.#panels("chains"), (first, panels) => {
      this.#kernel.restart(
        ...[this.#panel(address.chains, first), this.#spec.units, rows, panels],
        ...[this.#spec.firstChain + first * panelLanes, ...splitInteger(this.#spec.seed)],
        ...[stream, ...splitInteger(step)],
      );
    });
  }

  advance(run: AdvanceRun): void {
    const { panelLanes, rows } = this.#layout;
    const address = this.#address;
    const { units } = this.#spec;
    const noisy = this.#prepare(run);
    const midpoint = run.integrator === "leimkuhler-matthews" ? 1 : 0;
    const gated = Math.min(Math.max((run.feedbackFrom ?? 0) - run.firstStep, 0), run.steps);
    this.#eachGroup(this.#panels("chains"), (first, panels) => {
      // In pieces, between which a worker can be ended; a native call cannot be interrupted.
      const piece = Math.ceil(PIECE / (units * units * panels * panelLanes));
      for (let done = 0; done < run.steps; done += piece) {
        this.#team.checkStop();
        this.#kernel.advance(
          ...[address.couplings, address.transposed, address.bias, address.free],
          ...[address.amplitude + 4 * first * panelLanes, this.#panel(address.chains, first)],
          ...[this.#scratch, units, rows, panels, this.#activation],
          ...[this.#spec.firstChain + first * panelLanes, ...splitInteger(this.#spec.seed)],
          ...[...splitInteger(run.firstStep + done), Math.min(piece, run.steps - done)],
          ...[Math.max(gated - done, 0), run.dt, midpoint, noisy ? 1 : 0],
        );
      }
    });
  }

  accumulate(source: Source, weight: number): void {
    const { panelLanes, rows, depth, blocks } = this.#layout;
    const address = this.#address;
    const { units } = this.#spec;
    const count = this.#rows[source];
    for (let start = 0; start < count; start += depth) {
      const chains = Math.min(depth, count - start);
      const panels = Math.ceil(chains / panelLanes);
      this.#eachGroup(panels, (first, some) => {
        this.#kernel.turn(
          ...[address.couplings, address.bias],
          ...[this.#panel(address[source], start / panelLanes + first), this.#scratch],
          ...[address.turnedSpeeds, address.turnedRates, units, rows],
          ...[some, this.#activation, first * panelLanes, depth],
        );
      });
      this.#team.share(blocks, (block) => {
        this.#kernel.correlate(
          ...[address.correlations, address.speedSums],
          ...[address.turnedSpeeds, address.turnedRates, weight / count, units],
          ...[block, chains, depth],
        );
      });
    }
  }

  update(step: UpdateStep): void {
    const { blocks, rows } = this.#layout;
    const address = this.#address;
    const { units } = this.#spec;
    const { beta1, beta2, epsilon } = { ...adamDefaults, ...step.optimizer };
    const before = [step.optimizer.kind === "adam" ? 1 : 0, 1 / (step.temperature || 1), step.rate];
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
        ...[units, block, ...before, step.decay ?? 0, ...after],
      );
    });
    this.#transpose();
  }

  /** One number per state, on worker 0. */
  measure(what: Measure, source: Source): Float32Array {
    const { panelLanes, rows } = this.#layout;
    const address = this.#address;
    this.#eachGroup(this.#panels(source), (first, panels) => {
      this.#kernel.measure(
        ...[address.couplings, address.transposed, address.bias],
        ...[this.#panel(address[source], first), address.result + 4 * first * panelLanes],
        ...[this.#scratch, this.#spec.units, rows, panels, this.#activation],
        what === "energy" ? 0 : 1,
      );
    });
    return this.#array("result", this.#rows[source]).slice();
  }

  get #activation(): number {
    return this.#spec.activation === "tanh" ? 0 : 1;
  }

  /** The address of a panel of states. */
  #panel(states: number, panel: number): number {
    return states + 4 * panel * this.#layout.rows * this.#layout.panelLanes;
  }

  #array(name: ArrayName, length: number): Float32Array {
    const start = this.#layout.address[name] / 4;
    return this.#memory.subarray(start, start + length);
  }

  /** Panels of a source. */
  #panels(source: Source): number {
    return Math.ceil(this.#rows[source] / this.#layout.panelLanes);
  }

  /** Deals panels out to the team, in groups as even as they can be. */
  #eachGroup(panels: number, work: (first: number, panels: number) => void): void {
    const { threads } = this.#team;
    const rounds = Math.ceil(panels / (threads * this.#layout.group));
    const groups = Math.min(panels, threads * rounds);
    this.#team.share(groups, (index) => {
      const first = Math.floor((index * panels) / groups);
      work(first, Math.floor(((index + 1) * panels) / groups) - first);
    });
  }

  #transpose(): void {
    const { blocks } = this.#layout;
    const address = this.#address;
    this.#team.share(blocks, (block) => {
      this.#kernel.transpose(address.transposed, address.couplings, this.#spec.units, block);
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
    const { tileRows } = this.#layout;
    for (let row = 0; row < units; row++) {
      let at = Math.floor(row / tileRows) * units * tileRows + (row % tileRows);
      const end = (row + 1) * units;
      if (way === "in") {
        for (let place = row * units; place < end; place++, at += tileRows) {
          blocks[at] = values[place]!;
        }
      } else {
        for (let place = row * units; place < end; place++, at += tileRows) {
          values[place] = blocks[at]!;
        }
      }
    }
  }

  #copyStates(source: Source, values: Float32Array, way: "in" | "out"): void {
    const { units } = this.#spec;
    const { panelLanes, address } = this.#layout;
    for (let state = 0; state < values.length / units; state++) {
      let at = this.#panel(address[source], Math.floor(state / panelLanes)) / 4;
      at += state % panelLanes;
      const end = (state + 1) * units;
      if (way === "in") {
        for (let place = state * units; place < end; place++, at += panelLanes) {
          this.#memory[at] = values[place]!;
        }
      } else {
        for (let place = state * units; place < end; place++, at += panelLanes) {
          values[place] = this.#memory[at]!;
        }
      }
    }
  }
}
