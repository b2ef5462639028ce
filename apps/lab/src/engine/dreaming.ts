// Chains that move by themselves: how many steps a frame has, and what becomes of chains that diverge.
import {
  FRESH_CHAINS,
  isLangevinError,
  type LangevinFrame,
  langevin,
  streams,
} from "@neural-langevin/core";
import { askForLabel, labelMask } from "@neural-langevin/datasets";
import type { StoredNetwork } from "@neural-langevin/runs";
import { completeFrame, RunningRates, readFrame } from "./frames.js";
import { BATCH, type Occupant, type Workplace } from "./occupant.js";
import type { ChainSetup, Dynamics } from "./protocol.js";

/** Seconds of computing that a frame aims at. */
const FRAME_SECONDS = 1 / 30;
/** Most Langevin steps of a frame. */
const MOST_STEPS = 400;
/** More steps than anybody waits for: chains run until they are stopped. */
const ENDLESS = 2 ** 40;

export class Dreaming implements Occupant {
  readonly machine: StoredNetwork;
  readonly seed: number;
  readonly #place: Workplace;
  readonly #ofPage: () => Dynamics;
  readonly #running = new RunningRates();
  #setup: ChainSetup;
  /** The chains as they were last read. */
  #known: { readonly states: Float32Array; readonly step: number } | undefined;
  /** The step with which chains go on that the session has not moved yet. */
  #firstStep: number | undefined;

  /** @param dynamics the page's settings as they are then */
  constructor(
    place: Workplace,
    machine: StoredNetwork,
    seed: number,
    setup: ChainSetup,
    dynamics: () => Dynamics,
  ) {
    const { states, rates, step = 0 } = setup;
    this.#place = place;
    this.machine = machine;
    this.seed = seed;
    this.#setup = setup;
    this.#ofPage = dynamics;
    this.#known = states && { states, step };
    if (rates) this.#running.restore(rates);
  }

  get position(): string {
    return `step ${this.#step}`;
  }

  async open(): Promise<void> {
    const { units, couplings, bias } = this.machine;
    const { chains } = this.#setup;
    await this.#place.connection.open(
      { units, chains, firstChain: FRESH_CHAINS, batch: BATCH, seed: this.seed },
      { couplings, bias },
    );
    await this.#placeChains();
  }

  /** Takes the session of other chains on the same machine, where it has the same sizes; else opens one. */
  async succeed(before: Occupant | undefined): Promise<void> {
    const fits =
      before instanceof Dreaming &&
      before.machine === this.machine &&
      before.seed === this.seed &&
      before.#setup.chains === this.#setup.chains;
    if (fits) await this.#placeChains();
    else await this.open();
  }

  /** Changes what of the dynamics is these chains' own. */
  steer(dynamics: Partial<Dynamics>): void {
    this.#setup = { ...this.#setup, dynamics };
  }

  async move(signal: AbortSignal): Promise<void> {
    const { frames, emit } = this.#place;
    let fitting = 1;
    while (!signal.aborted) {
      try {
        fitting = await this.#run(fitting, signal);
      } catch (error) {
        if (isLangevinError(error, "aborted")) return;
        if (!isLangevinError(error, "diverged")) throw error;
        this.#known = undefined;
        await this.#placeChains();
        const message = `${error.message} ${error.remedy} The chains begin anew.`;
        emit({ kind: "failure", message, stopped: false });
        // However soon chains diverge, the page has time to hear of it.
        await frames.whenReady(signal);
        await this.show();
      }
    }
  }

  async show(): Promise<void> {
    const { connection, frames } = this.#place;
    const { pace: _, ...dynamics } = this.#dynamics;
    const place = { setup: this.#setup.number, step: this.#step, dynamics };
    const frame = await readFrame(connection.session, this.machine, place, this.#running, 0);
    this.#know(frame);
    frames.send(frame);
  }

  get #step(): number {
    return this.#firstStep ?? this.#place.connection.session.nextStep;
  }

  get #dynamics(): Dynamics {
    return { ...this.#ofPage(), ...this.#setup.dynamics };
  }

  /** Puts the chains where they are known to be, or where the machine's own begin. */
  async #placeChains(): Promise<void> {
    const { session } = this.#place.connection;
    this.#firstStep = this.#known?.step ?? 0;
    if (this.#known) {
      session.write("chains", this.#known.states);
      return;
    }
    this.#running.clear();
    const { sampling, labelUnits, units } = this.machine;
    const { draw: step = 0, labels = [] } = this.#setup;
    session.drawChains({ ...sampling?.chainStart, stream: streams.initialState, step });
    if (!labelUnits || labels.length === 0) return;
    const states = await session.read("chains");
    for (let chain = 0; chain < states.length / units; chain++) {
      askForLabel(states.subarray(chain * units, (chain + 1) * units), chain, labels, labelUnits);
    }
    session.write("chains", states);
  }

  /** The units that keep their values. */
  get #pinned(): Uint8Array | undefined {
    const { pinned, labels = [] } = this.#setup;
    const { labelUnits } = this.machine;
    return pinned ?? (labelUnits && labels.length > 0 ? labelMask(labelUnits) : undefined);
  }

  #know({ states, step }: Pick<LangevinFrame, "states" | "step">): void {
    // The frame's own states go to the page.
    this.#known = { states: states.slice(), step };
  }

  /** Runs chains under one dynamics, until it or the steps that fit into a frame change; returns the latter. */
  async #run(fitting: number, signal: AbortSignal): Promise<number> {
    const { connection, frames } = this.#place;
    const { pace, ...dynamics } = this.#dynamics;
    const { temperature, dt, integrator, feedback } = dynamics;
    const { number: setup } = this.#setup;
    const steps = pace > 0 ? pace : Math.round(fitting);
    const { session } = connection;
    const run = langevin(session, {
      stages: [{ steps: ENDLESS, temperature }],
      every: steps,
      firstStep: this.#step,
      feedbackFrom: feedback ? 0 : Number.POSITIVE_INFINITY,
      dt,
      integrator,
      pinned: this.#pinned,
      signal,
    });
    const before = session.nextStep;
    let wanted = fitting;
    let last = performance.now();
    try {
      while (!signal.aborted) {
        const began = performance.now();
        let moved = began;
        const frame = await connection.turn(async () => {
          const { step, states, energies } = (await run.next()).value!;
          moved = performance.now();
          const start = { setup, step, dynamics, states, energies };
          return completeFrame(session, this.machine, start, this.#running, steps * dt);
        });
        this.#firstStep = undefined;
        connection.noteProgress();
        this.#know(frame);
        // Steps take at least twice the time that measuring takes.
        const rest = (performance.now() - moved) / 1000;
        const budget = Math.max(FRAME_SECONDS - rest, 2 * rest);
        const fits = (steps * budget * 1000) / (moved - began);
        wanted = Math.min(Math.max(0.7 * wanted + 0.3 * fits, 1), MOST_STEPS);
        await frames.whenReady(signal);
        const now = performance.now();
        frames.send({ ...frame, stepsPerSecond: (1000 * steps) / (now - last) });
        last = now;
        if (!this.#goesOn({ ...dynamics, pace }, steps, wanted)) break;
      }
    } finally {
      // A frame that was stopped in its middle has moved the chains too.
      if (session.nextStep !== before) this.#firstStep = undefined;
      await run.return();
    }
    return wanted;
  }

  /** Whether the dynamics is still this one, and its frames are neither much too long nor much too short. */
  #goesOn(before: Dynamics, steps: number, wanted: number): boolean {
    const now = this.#dynamics;
    const same = Object.entries(before).every(
      ([name, value]) => now[name as keyof Dynamics] === value,
    );
    return same && (before.pace > 0 || Math.abs(wanted - steps) <= Math.max(0.25 * steps, 0.75));
  }
}
