// The chains that the page shows: whose they are, how they move, and what was measured on their last frames.
import { type Estimate, mean, meanEstimate } from "@neural-langevin/analysis";
import type { RemoteEngine } from "../engine/client.js";
import type { ChainSetup, Frame } from "../engine/protocol.js";
import type { Notice } from "./notice.svelte.js";
import type { OpenedMachine } from "./opened-machine.js";
import type { View } from "./settings.js";

/** Frames that the means look back on. */
const HISTORY = 240;
/** Frames over which the equilibrium is averaged. */
const RECENT = 60;

/** Means over the chains of one frame. */
export interface FrameMeans {
  readonly step: number;
  readonly energy: number;
  /** E(x) of every chain, shape [B]. */
  readonly energies: Float32Array;
}

const UNKNOWN: Estimate = { value: Number.NaN, standardError: Number.NaN };

/** Which chains a view wants. */
export type WantedChains = Pick<ChainSetup, "chains" | "labels">;

const sameChains = (a: WantedChains, b: WantedChains): boolean =>
  a.chains === b.chains && `${a.labels ?? ""}` === `${b.labels ?? ""}`;

/** What chains of a view were when another view took theirs. */
interface LeftChains {
  readonly machine: OpenedMachine;
  readonly wanted: WantedChains;
  readonly frame: Frame;
  readonly playing: boolean;
}

const sameDynamics = (a: Frame["dynamics"], b: Frame["dynamics"]): boolean =>
  a.temperature === b.temperature &&
  a.dt === b.dt &&
  a.integrator === b.integrator &&
  a.feedback === b.feedback;

export class ChainStore {
  readonly #engine: RemoteEngine;
  readonly #notice: Notice;
  /** The machine whose chains these are. */
  machine = $state.raw<OpenedMachine>();
  #playing = $state(true);
  /** The view whose chains these are; another view arranges its own. */
  owner = $state<View>();
  #last = $state.raw<Frame>();
  /** Means of the last frames of these chains, oldest first. */
  history = $state.raw<readonly FrameMeans[]>([]);
  /**
   * Mean of x·∇E/(N T) over all chains and the last frames under the dynamics of now, with the standard error of the chains'
   * means over these frames; NaN at T = 0.
   */
  equilibrium = $state.raw(UNKNOWN);
  stepsPerSecond = $state(0);
  /** The seed of the noise of the machine that was opened last. */
  seed = $state<number>();
  /** What was arranged last. */
  #wanted = $state.raw<WantedChains>({ chains: 0 });
  #setup = $state(0);
  /** x·∇E of every chain in the frames under the dynamics of now, at most `RECENT`. */
  #recent: Float32Array[] = [];
  /** Counts the fresh chains since a machine was opened, so that a seed gives the same ones again. */
  #draws = 0;
  readonly #left = new Map<View, LeftChains>();

  constructor(engine: RemoteEngine, notice: Notice) {
    this.#engine = engine;
    this.#notice = notice;
    void engine.play(true);
  }

  /** Whether chains move, or a training goes on. */
  get playing(): boolean {
    return this.#playing;
  }

  set playing(playing: boolean) {
    this.#playing = playing;
    if (!playing) this.stepsPerSecond = 0;
    // At once, before whatever the engine is told next.
    void this.#engine.play(playing);
  }

  /** The labels that the chains are asked for, in turn; none where they dream freely. */
  get asked(): readonly number[] {
    return this.#wanted?.labels ?? [];
  }

  /** The number of the present chains. */
  get setup(): number {
    return this.#setup;
  }

  /** The chains as they were last seen; until the present ones are seen, those that the view had before. */
  get frame(): Frame | undefined {
    const frame = this.#last;
    return frame && frame.states.length / frame.energies.length === this.machine?.units
      ? frame
      : undefined;
  }

  /** The last frame, where it is one of the present chains and not of those before. */
  get current(): Frame | undefined {
    return this.frame?.setup === this.#setup ? this.frame : undefined;
  }

  /** From here on frames of other chains are late. Returns the number of the new ones. */
  #begin(owner: View): number {
    // What another view had is nothing that this one may show.
    if (owner !== this.owner) this.#last = undefined;
    this.owner = owner;
    this.history = [];
    this.equilibrium = UNKNOWN;
    this.#recent = [];
    return ++this.#setup;
  }

  /** Takes a machine with fresh chains for Dream; where it cannot be had, everything stays. */
  async open(machine: OpenedMachine, seed: number, wanted: WantedChains): Promise<boolean> {
    const { units, couplings, bias, sampling, labelUnits } = machine;
    const network = { units, couplings, bias, sampling, labelUnits };
    const done = await this.take("dream", async (number) => {
      await this.#engine.open(network, seed, { number, ...wanted });
      this.#draws = 0;
      this.#wanted = wanted;
      this.machine = machine;
      this.seed = seed;
      return true;
    });
    return done ?? false;
  }

  /** Whether the present chains are what a view wants. */
  isArranged(view: View, wanted: WantedChains): boolean {
    return this.owner === view && sameChains(this.#wanted, wanted);
  }

  /** Takes chains for a view, in place of those that there are; they move or stand as those did unless told. */
  async arrange(
    view: View,
    setup: Omit<ChainSetup, "number">,
    playing = this.playing,
  ): Promise<void> {
    this.leave();
    const { chains, labels } = setup;
    this.#wanted = { chains, labels };
    const work = (number: number) =>
      this.#engine.arrange({ draw: ++this.#draws, ...setup, number });
    await this.take(view, work, playing);
  }

  /** Remembers the present chains, for the time when their view comes back. */
  leave(): void {
    const { machine, owner, current, playing } = this;
    if (!machine || !owner || owner === "train" || !current) return;
    this.#left.set(owner, { machine, wanted: this.#wanted, frame: current, playing });
  }

  /** Goes on with the chains that a view left, where they were chains of this machine; else arranges new ones. */
  async takeBack(view: View, wanted: WantedChains): Promise<void> {
    const left = this.#left.get(view);
    const fits = left?.machine === this.machine && sameChains(left!.wanted, wanted);
    if (!left || !fits) {
      await this.arrange(view, wanted, true);
      return;
    }
    const { frame, playing } = left;
    const { states, rates, step } = frame;
    const arranged = this.arrange(view, { ...wanted, states, rates, step }, playing);
    this.#last = frame;
    await arranged;
  }

  /** Takes a frame in, unless it is one of chains before. */
  show(frame: Frame): void {
    if (frame.setup !== this.#setup) return;
    const before = this.#last;
    this.#last = frame;
    const { dynamics, energies, virials, step, stepsPerSecond } = frame;
    const units = frame.states.length / energies.length;
    this.history = [...this.history.slice(1 - HISTORY), { step, energy: mean(energies), energies }];
    // A mean over two temperatures says nothing about either.
    if (before && !sameDynamics(before.dynamics, dynamics)) this.#recent = [];
    this.#recent = [...this.#recent.slice(1 - RECENT), virials];
    const scale = units * dynamics.temperature || Number.NaN;
    // Frames of one chain remember each other, chains do not.
    const ofChain = virials.map((_, chain) => mean(this.#recent.map((one) => one[chain]! / scale)));
    this.equilibrium = meanEstimate(ofChain);
    if (this.playing && stepsPerSecond > 0) {
      this.stepsPerSecond = 0.9 * (this.stepsPerSecond || stepsPerSecond) + 0.1 * stepsPerSecond;
    }
  }

  /**
   * Gives the chains to a view, by work that tells the engine at once and takes their number; where it fails, they stay whose
   * they were. They move or stand as those before did unless told.
   */
  async take<T>(
    view: View,
    work: (number: number) => Promise<T>,
    playing = this.playing,
  ): Promise<T | undefined> {
    const before = { owner: this.owner, setup: this.#setup, last: this.#last };
    const played = this.playing;
    // Chains that are to stand do so from their first step on, and those that stood do not move once more for the new ones.
    if (!playing) this.playing = false;
    const number = this.#begin(view);
    const working = work(number);
    if (playing) this.playing = true;
    try {
      return await working;
    } catch (error) {
      if (this.#setup === number) {
        this.owner = before.owner;
        this.#setup = before.setup;
        this.#last = before.last;
        this.playing = played;
      }
      return await this.#notice.watch(Promise.reject(error));
    }
  }
}
