// The engine: one machine with its chains on one backend. Its public methods are the page's commands; the worker
// runs them one after another, and between commands the chains move by themselves.
import {
  type Backend,
  FRESH_CHAINS,
  LangevinError,
  type Session,
  type Slot,
  streams,
} from "@neural-langevin/core";
import { decodeStates } from "@neural-langevin/datasets";
import { openOffer } from "./backends.js";
import { type OfferName, offers } from "./offers.js";
import type { Arrangement, Device, Dynamics, EngineEvent, Frame, Machine } from "./protocol.js";

/** Data states that a session has room for. */
const BATCH = 96;
/** Seconds of computing that a frame aims at. */
const FRAME_SECONDS = 1 / 30;

type Emit = (event: EngineEvent, transfer: Transferable[]) => void;

/** A promise that somebody else resolves. */
function signal(): { promise: Promise<void>; fire: () => void } {
  let fire = () => {};
  const promise = new Promise<void>((resolve) => {
    fire = resolve;
  });
  return { promise, fire };
}

export class Engine {
  readonly #emit: Emit;
  #backend: Backend | undefined;
  #backendName: OfferName | undefined;
  #session: Session | undefined;
  #machine: Machine | undefined;
  #dynamics: Dynamics | undefined;
  #arrangement: Arrangement = { chains: 1 };
  #seed = 1;
  #step = 0;
  #restarts = 0;
  #playing = false;
  #halt = signal();
  #halting = false;
  #loop: Promise<void> = Promise.resolve();
  #drawn = signal();

  constructor(emit: Emit) {
    this.#emit = emit;
    this.#drawn.fire();
  }

  /** Takes a backend; chains and machine, where there are any, move to it. */
  async compute(name: OfferName): Promise<Device> {
    return this.#between(async () => {
      const backend = await openOffer(name);
      const before = this.#backend;
      const slots = await this.#carry();
      this.#backend = backend;
      try {
        await this.#open(slots);
      } catch (error) {
        this.#backend = before;
        await backend.close();
        throw error;
      }
      await before?.close();
      this.#backendName = name;
      const device = { ...backend.device, backend: name };
      this.#emit({ kind: "device", device }, []);
      return device;
    });
  }

  /** Why backends cannot be used, by name; one without a reason can. */
  async probe(): Promise<Partial<Record<OfferName, string>>> {
    const reasons: Partial<Record<OfferName, string>> = {};
    for (const { name } of offers) {
      if (name === this.#backendName) continue;
      try {
        await (await openOffer(name)).close();
      } catch (error) {
        reasons[name] = error instanceof Error ? error.message : String(error);
      }
    }
    return reasons;
  }

  /** Takes a machine and starts chains on it. */
  async machine(machine: Machine, seed: number, arrangement: Arrangement): Promise<void> {
    await this.#between(async () => {
      this.#machine = machine;
      this.#seed = seed;
      await this.#arrange(arrangement);
    });
  }

  /** Takes other chains on the same machine. */
  async arrange(arrangement: Arrangement): Promise<void> {
    await this.#between(() => this.#arrange(arrangement));
  }

  /** Changes how chains move, from the next step on. */
  dynamics(dynamics: Dynamics): void {
    this.#dynamics = dynamics;
    this.#start();
  }

  /** Lets chains move, or stand. */
  async play(playing: boolean): Promise<void> {
    this.#playing = playing;
    if (playing) this.#start();
    else await this.#stop();
  }

  /** chains ← N(0, 1), other ones each time. */
  async restart(): Promise<void> {
    await this.#between(async () => {
      this.#restartChains();
      await this.#show();
    });
  }

  /** A slot of the session, once everything before it is done. */
  async read(slot: Slot): Promise<Float32Array> {
    return this.#opened().read(slot);
  }

  /**
   * The two terms of the learning rule, (⟨v φᵀ⟩, ⟨v⟩) over data and over the chains, shape [N² + N] each.
   *
   * @param states data x, at most 96 of them, shape [rows][N]
   */
  async statistics(states: Float32Array): Promise<{ data: Float32Array; chains: Float32Array }> {
    return this.#between(async () => {
      const session = this.#opened();
      const kept = await session.read("statistics");
      const term = async (source: "batch" | "chains") => {
        session.write("statistics", new Float32Array(kept.length));
        session.accumulate(source, 1);
        return session.read("statistics");
      };
      session.write("batch", states);
      const terms = { data: await term("batch"), chains: await term("chains") };
      session.write("statistics", kept);
      return terms;
    });
  }

  /** The page has drawn the last frame. */
  drawn(): void {
    this.#drawn.fire();
  }

  #opened(): Session {
    if (this.#session) return this.#session;
    throw new LangevinError("closed", "There is no machine yet.", "Open one first.");
  }

  async #arrange(arrangement: Arrangement): Promise<void> {
    this.#arrangement = arrangement;
    this.#step = 0;
    const chains = arrangement.states;
    await this.#open(chains ? { chains } : {});
    if (!chains) this.#restartChains();
    if (!this.#playing) await this.#show();
  }

  #restartChains(): void {
    this.#step = 0;
    this.#opened().restart(streams.initialState, this.#restarts++);
  }

  /** What a session must keep when it moves to another backend. */
  async #carry(): Promise<Partial<Record<Slot, Float32Array>>> {
    if (!this.#session) return {};
    const [chains, moments] = await Promise.all([
      this.#session.read("chains"),
      this.#session.read("moments"),
    ]);
    return { chains, moments };
  }

  /** Opens a session of the machine, in place of the one that there is. */
  async #open(slots: Partial<Record<Slot, Float32Array>>): Promise<void> {
    if (!this.#backend || !this.#machine) return;
    const { units, couplings, bias } = this.#machine;
    const session = await this.#backend.open({
      units,
      chains: this.#arrangement.chains,
      firstChain: FRESH_CHAINS,
      batch: BATCH,
      seed: this.#seed,
    });
    session.write("couplings", couplings);
    session.write("bias", bias);
    for (const [slot, values] of Object.entries(slots)) session.write(slot as Slot, values);
    await session.settle();
    await this.#session?.close();
    this.#session = session;
  }

  /** Does something while chains stand. */
  async #between<T>(work: () => Promise<T>): Promise<T> {
    await this.#stop();
    try {
      return await work();
    } finally {
      this.#start();
    }
  }

  async #stop(): Promise<void> {
    this.#halting = true;
    this.#halt.fire();
    await this.#loop;
    this.#halting = false;
  }

  #running = false;

  #start(): void {
    if (!this.#playing || !this.#session || !this.#dynamics || this.#running) return;
    this.#running = true;
    this.#halt = signal();
    this.#loop = this.#dream()
      .catch((error: unknown) => {
        this.#playing = false;
        this.#emit({ kind: "failure", message: String((error as Error).message) }, []);
      })
      .finally(() => {
        this.#running = false;
      });
  }

  /** Moves the chains, frame by frame, until something halts them. */
  async #dream(): Promise<void> {
    const session = this.#opened();
    let fitting = 1;
    let last = performance.now();
    while (!this.#halting) {
      const dynamics = this.#dynamics!;
      const began = performance.now();
      const steps = dynamics.pace > 0 ? dynamics.pace : fitting;
      session.advance({
        firstStep: this.#step,
        steps,
        dt: dynamics.dt,
        temperature: dynamics.temperature,
        integrator: dynamics.integrator,
        feedbackFrom: dynamics.feedback ? 0 : Number.POSITIVE_INFINITY,
        ...(this.#arrangement.pinned && { pinned: this.#arrangement.pinned }),
      });
      this.#step += steps;
      await session.settle();
      const advanced = performance.now();
      const frame = await this.#frame(session, dynamics.temperature);
      // Steps take at least twice the time that reading and measuring them does.
      const rest = (performance.now() - advanced) / 1000;
      const budget = Math.max(FRAME_SECONDS - rest, 2 * rest);
      const wanted = (steps * budget * 1000) / (advanced - began);
      fitting = Math.min(Math.max(Math.round((fitting + wanted) / 2), 1), 400);
      if (!frame.energies.every(Number.isFinite)) {
        this.#restartChains();
        const message = `The chains left the finite numbers at dt = ${dynamics.dt} and start anew from noise.`;
        this.#emit({ kind: "failure", message }, []);
        continue;
      }
      await Promise.race([this.#drawn.promise, this.#halt.promise]);
      const shown = performance.now();
      this.#send({ ...frame, stepsPerSecond: (1000 * steps) / (shown - last) });
      last = shown;
    }
  }

  /** Shows the chains as they stand. */
  async #show(): Promise<void> {
    if (!this.#session) return;
    this.#send(await this.#frame(this.#session, this.#dynamics?.temperature ?? 1));
  }

  async #frame(session: Session, temperature: number): Promise<Frame> {
    const step = this.#step;
    const [states, energies, virials] = await Promise.all([
      session.read("chains"),
      session.measure("energy", "chains"),
      session.measure("virial", "chains"),
    ]);
    const images = decodeStates(states);
    return { step, states, images, energies, virials, temperature, stepsPerSecond: Number.NaN };
  }

  #send(frame: Frame): void {
    this.#drawn = signal();
    const { states, images, energies, virials } = frame;
    const transfer = [states, images, energies, virials].map(({ buffer }) => buffer as ArrayBuffer);
    this.#emit({ kind: "frame", frame }, transfer);
  }
}
