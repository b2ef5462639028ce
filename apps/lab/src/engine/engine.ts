// The engine: one machine on one backend, with its chains or its training. It carries out the page's commands; the
// worker runs them one after another, and between commands chains or training go on by themselves.
import { LangevinError, type Slot } from "@neural-langevin/core";
import type { StoredNetwork, TrainingSettings } from "@neural-langevin/runs";
import { type BackendName, backendEntries } from "./backend-entries.js";
import { openBackend } from "./backends.js";
import { Connection } from "./connection.js";
import { Dreaming } from "./dreaming.js";
import { FrameSender } from "./frames.js";
import type { Learning } from "./learning.js";
import { Loop } from "./loop.js";
import { BATCH, type Occupant, type Workplace } from "./occupant.js";
import type {
  ChainSetup,
  Commands,
  Device,
  Dynamics,
  Emit,
  ForeignTraining,
  TrainingContent,
  TrainingStatus,
  TrainingTask,
} from "./protocol.js";
import type { Studying } from "./studying.js";

/** The rooms of training and of experiments, which are loaded when somebody needs them. */
const learning = () => import("./learning.js");
const studying = () => import("./studying.js");

export class Engine implements Commands {
  readonly #place: Workplace;
  readonly #loop = new Loop();
  #occupant: Occupant | undefined;
  /** The training of this tab, also while other chains have the session. */
  #learning: Learning | undefined;
  #studying: Studying | undefined;
  #dynamics: Dynamics | undefined;
  #playing = false;

  constructor(emit: Emit) {
    const restore = async () => {
      await this.#occupant!.open();
      return this.#occupant!.position;
    };
    this.#place = {
      emit,
      connection: new Connection(emit, restore),
      frames: new FrameSender(emit),
    };
  }

  /** The page has drawn the last frame. */
  drawn(): void {
    this.#place.frames.drawn();
  }

  async compute(name: BackendName): Promise<Device> {
    const { connection } = this.#place;
    await this.#loop.stop();
    try {
      const device = await connection.use(name);
      // A device that fails at once is one that is lost.
      await connection.survive(async () => this.#occupant?.show());
      return device;
    } finally {
      this.#start();
    }
  }

  async probe(): Promise<Partial<Record<BackendName, string>>> {
    const reasons: Partial<Record<BackendName, string>> = {};
    for (const { name } of backendEntries) {
      if (name === this.#place.connection.name) continue;
      try {
        await (await openBackend(name)).backend.close();
      } catch (error) {
        reasons[name] = error instanceof Error ? error.message : String(error);
      }
    }
    return reasons;
  }

  open(machine: StoredNetwork, seed: number, setup: ChainSetup): Promise<void> {
    return this.#dream(machine, seed, setup);
  }

  arrange(setup: ChainSetup): Promise<void> {
    const { machine, seed } = this.#requireOccupant();
    return this.#dream(machine, seed, setup);
  }

  dynamics(dynamics: Dynamics): void {
    this.#dynamics = dynamics;
    this.#start();
  }

  steer(dynamics: Partial<Dynamics>): void {
    if (this.#occupant instanceof Dreaming) this.#occupant.steer(dynamics);
  }

  async play(playing: boolean): Promise<void> {
    this.#playing = playing;
    if (playing) this.#start();
    else await this.#loop.stop();
  }

  read(slot: Slot): Promise<Float32Array> {
    const { connection } = this.#place;
    return connection.survive(() => connection.session.read(slot));
  }

  statistics(states: Float32Array): Promise<{ data: Float32Array; chains: Float32Array }> {
    const { connection } = this.#place;
    const measure = async () => {
      const { session } = connection;
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
    return connection.survive(() => connection.turn(measure));
  }

  async energies(states: Float32Array): Promise<Float32Array> {
    const { connection } = this.#place;
    const { units } = this.#requireOccupant().machine;
    const energies = new Float32Array(states.length / units);
    for (let first = 0; first < energies.length; first += BATCH) {
      const batch = states.subarray(first * units, (first + BATCH) * units);
      const measure = async () => {
        const { session } = connection;
        session.write("batch", batch);
        return session.measure("energy", "batch");
      };
      energies.set(await connection.survive(() => connection.turn(measure)), first);
    }
    return energies;
  }

  async beginTraining(
    task: TrainingTask,
    settings: TrainingSettings,
    setup: number,
  ): Promise<TrainingStatus> {
    const { Learning } = await learning();
    return this.#replaceTraining(await Learning.begin(this.#place, task, settings), setup);
  }

  async takeTraining(training: ForeignTraining, setup: number): Promise<TrainingStatus> {
    const { Learning } = await learning();
    return this.#replaceTraining(await Learning.take(this.#place, training), setup);
  }

  async resumeTraining(setup: number): Promise<TrainingStatus> {
    const training = this.#requireTraining();
    await this.#learn(training, setup);
    return training.status;
  }

  tuneTraining(settings: TrainingSettings): void {
    this.#learning?.tune(settings);
    this.#start();
  }

  async watchAverages(watching: boolean): Promise<void> {
    const training = this.#learning;
    if (!training || training.watching === watching) return;
    await this.#whileStanding(async () => {
      await training.watch(watching);
      if (this.#occupant === training) await training.show();
    });
  }

  async rewindTraining(update: number, setup: number): Promise<TrainingStatus> {
    const training = this.#requireTraining();
    await this.#loop.stop();
    await training.rewind(update);
    await this.#learn(training, setup);
    return training.status;
  }

  async recallTraining(id: string | undefined): Promise<TrainingStatus | undefined> {
    const { Learning } = await learning();
    this.#learning ??= await Learning.recall(this.#place, id);
    return this.#learning?.status;
  }

  trainingContent(): Promise<TrainingContent> {
    return this.#requireTraining().content();
  }

  async beginStudy(experiment: string, seed: number): Promise<void> {
    const { Studying } = await studying();
    this.#studying ??= new Studying(this.#place.connection, this.#place.emit);
    this.#studying.begin(experiment, seed);
  }

  async stopStudy(): Promise<void> {
    await this.#studying?.stop();
  }

  #requireOccupant(): Occupant {
    if (this.#occupant) return this.#occupant;
    throw new LangevinError("closed", "There is no machine yet.", "Open one first.");
  }

  #requireTraining(): Learning {
    if (this.#learning) return this.#learning;
    throw new LangevinError("not-found", "There is no training yet.", "Begin one first.");
  }

  /** Gives the session to chains; where that fails, it stays whose it was. */
  #dream(machine: StoredNetwork, seed: number, setup: ChainSetup): Promise<void> {
    return this.#whileStanding(async () => {
      const chains = new Dreaming(this.#place, machine, seed, setup, () => this.#dynamics!);
      await chains.succeed(this.#occupant);
      this.#occupant = chains;
      await chains.show();
    });
  }

  /** Gives the session to a training; where that fails, it stays whose it was. */
  #learn(training: Learning, setup: number): Promise<void> {
    return this.#whileStanding(async () => {
      training.setup = setup;
      await training.open();
      this.#occupant = training;
      await training.show();
    });
  }

  async #replaceTraining(training: Learning, setup: number): Promise<TrainingStatus> {
    await this.#learn(training, setup);
    await training.keep(this.#learning);
    this.#learning = training;
    return training.status;
  }

  /** Does something while chains and training stand. */
  async #whileStanding<T>(work: () => Promise<T>): Promise<T> {
    await this.#loop.stop();
    try {
      return await this.#place.connection.survive(work);
    } finally {
      this.#start();
    }
  }

  #start(): void {
    const { connection, emit } = this.#place;
    if (!this.#playing || !this.#occupant || !this.#dynamics) return;
    this.#loop.start((signal) =>
      connection
        .survive(() => this.#occupant!.move(signal))
        .catch((error: unknown) => {
          this.#playing = false;
          const { message, remedy } = error as Partial<LangevinError>;
          const sentences = [message ?? String(error), remedy].filter(Boolean).join(" ");
          emit({ kind: "failure", message: sentences, stopped: true });
        }),
    );
  }
}
