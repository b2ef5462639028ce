// The engine: one machine with its chains on one backend. Its public methods are the page's commands; the worker
// runs them one after another, and between commands the chains move by themselves.
import {
  type Backend,
  type CompleteTrainingPlan,
  FRESH_CHAINS,
  isLangevinError,
  LangevinError,
  type Session,
  type Slot,
  streams,
} from "@neural-langevin/core";
import { stepsPerUpdate } from "@neural-langevin/core/backend";
import { decodeStates } from "@neural-langevin/datasets";
import { encodeCheckpoint } from "@neural-langevin/runs";
import { openOffer } from "./backends.js";
import { firstChoice, type OfferName, offers, saysOf } from "./offers.js";
import type {
  Arrangement,
  Device,
  Dynamics,
  EngineEvent,
  Frame,
  StoredNetwork,
  TrainingContent,
  TrainingStatus,
} from "./protocol.js";
import {
  forgetCheckpoints,
  keepLesson,
  keepTraining,
  recallBytes,
  recallCheckpoint,
  recallTraining,
} from "./store.js";
import { isCheckpoint, type Lesson, Training } from "./training.js";

/** Data states that a session has room for. */
const BATCH = 96;
/** Milliseconds between states of a training that survive a reload. */
const KEEP_EVERY = 5000;
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

/** Whether an error means that a device or worker is gone, and its session with it. */
const isLoss = (error: unknown): error is LangevinError =>
  isLangevinError(error) && (error.code === "device-lost" || error.code === "device-failed");

export class Engine {
  readonly #emit: Emit;
  #backend: Backend | undefined;
  #backendName: OfferName | undefined;
  #session: Session | undefined;
  /** The chains as they were last read, of which a lost session is opened anew; none before their first frame. */
  #known: { states: Float32Array; step: number } | undefined;
  /** Whether a lost session was opened anew and nothing was computed since. */
  #reopened = false;
  /** What must not meet within a session, one after another. */
  #turns: Promise<unknown> = Promise.resolve();
  #machine: StoredNetwork | undefined;
  #dynamics: Dynamics | undefined;
  #arrangement: Arrangement = { chains: 1 };
  #seed = 1;
  #training: Training | undefined;
  /** Whether the session is the training's; otherwise its chains only dream. */
  #learning = false;
  #keptAt = 0;
  #step = 0;
  #restarts = 0;
  #playing = false;
  #halt = signal();
  #halting = false;
  #loop: Promise<void> = Promise.resolve();
  #drawn = signal();
  #isDrawn = true;

  constructor(emit: Emit) {
    this.#emit = emit;
    this.#drawn.fire();
  }

  /** Takes a backend; chains and machine, where there are any, move to it. */
  async compute(name: OfferName): Promise<Device> {
    await this.#stop();
    try {
      const backend = await openOffer(name);
      const before = this.#backend;
      this.#backend = backend;
      try {
        await this.#reopen();
      } catch (error) {
        this.#backend = before;
        await backend.close();
        throw error;
      }
      await before?.close();
      return this.#report(name);
    } finally {
      this.#start();
    }
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
  async machine(machine: StoredNetwork, seed: number, arrangement: Arrangement): Promise<void> {
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

  /** Changes what of the dynamics is the present chains' own. */
  steer(dynamics: Partial<Dynamics>): void {
    this.#arrangement = { ...this.#arrangement, dynamics };
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
    return this.#survive(() => this.#opened().read(slot));
  }

  /**
   * The two terms of the learning rule, (⟨v φᵀ⟩, ⟨v⟩) over data and over the chains, shape [N² + N] each.
   *
   * @param states data x, at most 96 of them, shape [rows][N]
   */
  async statistics(states: Float32Array): Promise<{ data: Float32Array; chains: Float32Array }> {
    const measure = async () => {
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
    };
    return this.#survive(() => this.#turn(measure));
  }

  /** Begins a training from a random network; its first state is the checkpoint 0. */
  async teach(lesson: Lesson, plan: CompleteTrainingPlan): Promise<TrainingStatus> {
    return this.#between(async () => {
      this.#training = Training.begin(lesson, plan);
      this.#training.checkpoints.push(0);
      await this.#learn();
      await this.#keep(async (training) => {
        await keepLesson(training.lesson);
        await keepTraining(training, true);
      });
      return this.#status();
    });
  }

  /** Goes on with the training where it stood. */
  async resume(): Promise<TrainingStatus> {
    return this.#between(async () => {
      if (!this.#learning) await this.#learn();
      return this.#status();
    });
  }

  /** Changes the plan of the training, from the next update on. */
  tune(plan: CompleteTrainingPlan): void {
    if (this.#training) this.#training.plan = plan;
    this.#start();
  }

  /** Goes back to a checkpoint of the training; what came after it is forgotten. */
  async rewind(update: number): Promise<TrainingStatus> {
    return this.#between(async () => {
      const training = this.#requireTraining();
      const state = await recallCheckpoint(update);
      if (!state) {
        throw new LangevinError("not-found", `The checkpoint of update ${update} is not kept.`);
      }
      const later = training.checkpoints.filter((checkpoint) => checkpoint > update);
      training.rewind(state);
      await this.#learn();
      await this.#keep(async () => {
        await keepTraining(training, false);
        await forgetCheckpoints(later);
      });
      return this.#status();
    });
  }

  /** The training that an earlier visit left, and its machine; undefined when there is none. */
  async recall(): Promise<(TrainingStatus & { machine: StoredNetwork }) | undefined> {
    this.#training = await recallTraining();
    if (!this.#training) return undefined;
    const { couplings, bias } = this.#training.state;
    const { units } = this.#training.lesson;
    return { ...this.#status(), machine: { units, couplings, bias } };
  }

  /** What is to be saved of the training. */
  async content(): Promise<TrainingContent> {
    const { lesson, plan, finished, making, checkpoints, state } = this.#requireTraining();
    const files = new Map<number, Uint8Array>();
    for (const update of checkpoints) {
      const bytes = await recallBytes(update);
      if (bytes) files.set(update, bytes);
    }
    files.set(state.update, encodeCheckpoint(state));
    const { chains, seed, gain } = lesson;
    return { chains, seed, gain, plan, finished, making, checkpoints: files };
  }

  /** The page has drawn the last frame. */
  drawn(): void {
    this.#isDrawn = true;
    this.#drawn.fire();
  }

  #opened(): Session {
    if (this.#session) return this.#session;
    throw new LangevinError("closed", "There is no machine yet.", "Open one first.");
  }

  /** Says what computes now. */
  #report(name: OfferName): Device {
    this.#backendName = name;
    const device = { ...this.#backend!.device, backend: name };
    this.#emit({ kind: "device", device }, []);
    return device;
  }

  #requireTraining(): Training {
    if (this.#training) return this.#training;
    throw new LangevinError("not-found", "There is no training yet.", "Begin one first.");
  }

  #status(): TrainingStatus {
    const { state, plan, rows, checkpoints, lesson } = this.#requireTraining();
    return { update: state.update, plan, rows, checkpoints, about: lesson.about };
  }

  /** Opens the session of the training, at its state. */
  async #learn(): Promise<void> {
    const { lesson, state } = this.#requireTraining();
    const { units, chains, seed } = lesson;
    this.#learning = true;
    this.#machine = { units, couplings: state.couplings, bias: state.bias };
    this.#seed = seed;
    this.#arrangement = { chains };
    this.#step = state.update;
    await this.#open({ chains: state.chains, moments: state.moments });
    if (state.update === 0) this.#opened().drawChains({ stream: streams.initialState, step: 0 });
    await this.#show();
  }

  /** Writes to the browser's storage; a full one is said, and the training goes on. */
  async #keep(write: (training: Training) => Promise<void>): Promise<void> {
    try {
      await write(this.#requireTraining());
    } catch (error) {
      const reason = (error as Error).message;
      const message = `The browser did not keep the training, which a reload will lose: ${reason}`;
      this.#emit({ kind: "failure", message, stopped: false }, []);
    }
  }

  async #arrange(arrangement: Arrangement): Promise<void> {
    this.#learning = false;
    this.#arrangement = arrangement;
    this.#step = 0;
    this.#known = arrangement.states && { states: arrangement.states, step: 0 };
    await this.#reopen();
    if (!this.#playing) await this.#show();
  }

  #restartChains(): void {
    this.#step = 0;
    this.#known = undefined;
    this.#opened().drawChains({ stream: streams.initialState, step: this.#restarts++ });
  }

  /** Opens a session at what is known of the present one. */
  async #reopen(): Promise<void> {
    if (!this.#machine) return;
    if (this.#learning) {
      await this.#learn();
      return;
    }
    const known = this.#known;
    await this.#open(known ? { chains: known.states } : {});
    if (known) this.#step = known.step;
    else this.#restartChains();
  }

  /** Goes on with the processor, from what is known of a session that is lost. */
  async #recover(lost: Session | undefined, error: LangevinError): Promise<void> {
    // Whoever met the loss first has done it; and what breaks at once again will go on doing so.
    if (lost !== this.#session) return;
    if (this.#reopened) throw error;
    this.#reopened = true;
    const before = this.#backend;
    const stopped = saysOf(this.#backendName!);
    const name = firstChoice();
    this.#backend = await openOffer(name);
    // What is lost may not close in order, and nothing depends on that.
    await before?.close().catch(() => {});
    this.#session = undefined;
    await this.#reopen();
    this.#report(name);
    const where = `${this.#learning ? "update" : "step"} ${this.#step}`;
    const message = `${stopped} stopped, and the processor goes on from ${where}: ${error.message}`;
    this.#emit({ kind: "failure", message, stopped: false }, []);
  }

  /** Does something with the session, and again when the session was lost over it. */
  async #survive<T>(work: () => Promise<T>): Promise<T> {
    while (true) {
      const session = this.#session;
      try {
        return await work();
      } catch (error) {
        if (!isLoss(error)) throw error;
        await this.#turn(() => this.#recover(session, error));
      }
    }
  }

  /** Does something when nothing else that takes its turn is under way. */
  #turn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turns.then(work);
    this.#turns = done.catch(() => {});
    return done;
  }

  /** Opens a session of the machine, in place of the one that there is. */
  async #open(slots: Partial<Record<Slot, Float32Array>>): Promise<void> {
    if (!this.#backend || !this.#machine) return;
    const { units, couplings, bias } = this.#machine;
    const session = await this.#backend.open({
      units,
      chains: this.#arrangement.chains,
      firstChain: this.#learning ? 0 : FRESH_CHAINS,
      batch: Math.max(BATCH, this.#learning ? this.#arrangement.chains : 0),
      seed: this.#seed,
    });
    session.write("couplings", couplings);
    session.write("bias", bias);
    for (const [slot, values] of Object.entries(slots)) session.write(slot as Slot, values);
    await session.synchronize();
    await this.#session?.close();
    this.#session = session;
  }

  /** Does something while chains stand. */
  async #between<T>(work: () => Promise<T>): Promise<T> {
    await this.#stop();
    try {
      return await this.#survive(work);
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
    this.#loop = this.#survive(() => (this.#learning ? this.#train() : this.#dream()))
      .catch((error: unknown) => {
        this.#playing = false;
        const { message, remedy } = error as Partial<LangevinError>;
        const sentence = [message ?? String(error), remedy].filter(Boolean).join(" ");
        this.#emit({ kind: "failure", message: sentence, stopped: true }, []);
      })
      .finally(() => {
        this.#running = false;
      });
  }

  /** Moves the chains, frame by frame, until something halts them. */
  async #dream(): Promise<void> {
    let fitting = 1;
    let last = performance.now();
    while (!this.#halting) {
      const dynamics = { ...this.#dynamics!, ...this.#arrangement.dynamics };
      const began = performance.now();
      const steps = dynamics.pace > 0 ? dynamics.pace : fitting;
      let advanced = began;
      const frame = await this.#turn(async () => {
        const session = this.#opened();
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
        await session.synchronize();
        advanced = performance.now();
        return this.#frame(dynamics.temperature);
      });
      this.#reopened = false;
      // Steps take at least twice the time that reading and measuring them does.
      const rest = (performance.now() - advanced) / 1000;
      const budget = Math.max(FRAME_SECONDS - rest, 2 * rest);
      const wanted = (steps * budget * 1000) / (advanced - began);
      fitting = Math.min(Math.max(Math.round((fitting + wanted) / 2), 1), 400);
      if (!frame.energies.every(Number.isFinite)) {
        this.#restartChains();
        const message = `The chains left the finite numbers at dt = ${dynamics.dt} and start anew from noise.`;
        this.#emit({ kind: "failure", message, stopped: false }, []);
        continue;
      }
      await Promise.race([this.#drawn.promise, this.#halt.promise]);
      const shown = performance.now();
      this.#send({ ...frame, stepsPerSecond: (1000 * steps) / (shown - last) });
      last = shown;
    }
  }

  /** Updates the machine, slice by slice, until something halts it or it is done. */
  async #train(): Promise<void> {
    const training = this.#requireTraining();
    let last = performance.now();
    try {
      while (!this.#halting && !training.finished) {
        const before = training.state.update;
        const steps = stepsPerUpdate(training.plan.negativePhase);
        await this.#turn(() => training.slice(this.#opened()));
        training.sign(this.#backend!);
        this.#reopened = false;
        const { update } = training.state;
        const reached = isCheckpoint(update);
        if (reached) training.checkpoints.push(update);
        if (reached || performance.now() - this.#keptAt > KEEP_EVERY) {
          this.#keptAt = performance.now();
          await this.#keep(() => keepTraining(training, reached));
        }
        const { checkpoints, rows } = training;
        this.#emit({ kind: "training", row: rows.at(-1)!, checkpoints }, []);
        this.#step = update;
        const now = performance.now();
        const stepsPerSecond = (1000 * steps * (update - before)) / (now - last);
        last = now;
        if (!this.#isDrawn) continue;
        const frame = await this.#turn(() => this.#frame(training.plan.temperature));
        this.#send({ ...frame, stepsPerSecond });
      }
    } finally {
      const { couplings, bias } = training.state;
      this.#machine = { units: training.lesson.units, couplings, bias };
      const { finished } = training;
      this.#emit({ kind: "learned", machine: this.#machine, finished }, []);
      await this.#keep(() => keepTraining(training, false));
    }
  }

  /** Shows the chains as they stand. */
  async #show(): Promise<void> {
    if (!this.#session) return;
    const { temperature = 1 } = { ...this.#dynamics, ...this.#arrangement.dynamics };
    this.#send(await this.#frame(temperature));
  }

  async #frame(temperature: number): Promise<Frame> {
    const session = this.#opened();
    const step = this.#step;
    const [states, energies, virials] = await Promise.all([
      session.read("chains"),
      session.measure("energy", "chains"),
      session.measure("virial", "chains"),
    ]);
    // The frame's own states go to the page.
    this.#known = { states: states.slice(), step };
    const images = decodeStates(states);
    return { step, states, images, energies, virials, temperature, stepsPerSecond: Number.NaN };
  }

  #send(frame: Frame): void {
    this.#drawn = signal();
    this.#isDrawn = false;
    const { states, images, energies, virials } = frame;
    const transfer = [states, images, energies, virials].map(({ buffer }) => buffer as ArrayBuffer);
    this.#emit({ kind: "frame", frame }, transfer);
  }
}
