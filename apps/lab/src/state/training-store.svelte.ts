// The training as the page sees it: what is learned, how it goes, and how the page's settings become its settings.
import type { ImageSet } from "@neural-langevin/datasets";
import {
  completeSettings,
  type MetricsRow,
  type StoredNetwork,
  type TrainingSettings,
} from "@neural-langevin/runs";
import type { RemoteEngine } from "../engine/client.js";
import type {
  ForeignTraining,
  ShownCheckpoint,
  TrainingStatus,
  TrainingTask,
} from "../engine/protocol.js";
import { withLabels } from "../files/digits.js";
import type { Fitting, OwnImages } from "../files/images.js";
import type { ChainStore } from "./chains.svelte.js";
import type { Comparison } from "./comparison.svelte.js";
import type { Notice } from "./notice.svelte.js";
import type { OpenedMachine } from "./opened-machine.js";
import type { Settings } from "./settings.js";

/** What the lab trains with where the page has no control. */
const preset = completeSettings({ data: "images.npy", chains: 96, batch: 96 });

/** How digits are learned, with their labels: as `nlm demo` does. */
const recipe: Partial<TrainingSettings> = {
  couplings: "antisymmetric",
  gain: 8,
  "chain-start": "data-mean",
  "restart-every": 200,
  "average-from": 0.6,
};
/** How images of one's own are learned, of which there may be few. */
const ownRecipe: Partial<TrainingSettings> = { gain: 1, "initial-bias": "data" };
/** Copies of every label's unit. */
const LABEL_UNITS = 10;
/** Images kept for evaluation, of sets that have at least four times as many. */
const HELD_OUT = 256;

/** The keys under which a tab remembers its training, and that its machine is the training's. */
const TAB = { id: "neural-langevin-lab.training", current: "neural-langevin-lab.current" };

/** What may be learned. */
export type OfferedTask = Omit<TrainingTask, "id">;

const phases = { persistent: "pcd", "random-restart": "rdm" } as const;

/** The settings of a training that the page's controls change. */
const settingsOfPage = (page: Readonly<Settings>) => ({
  temperature: page.temperature,
  "step-size": page.dt,
  integrator: page.integrator,
  "negative-phase": `${phases[page.phase]}-${page.k}`,
  updates: page.updates,
  rate: page.rate,
  schedule: page.schedule,
});

/** The inverse of `settingsOfPage`. */
function pageOfSettings(settings: TrainingSettings): Partial<Settings> {
  const [name, steps] = settings["negative-phase"].split("-");
  return {
    temperature: settings.temperature,
    dt: settings["step-size"],
    integrator: settings.integrator,
    phase: name === "rdm" ? "random-restart" : "persistent",
    k: Number(steps),
    updates: settings.updates,
    rate: settings.rate,
    schedule: settings.schedule === "constant" ? "constant" : "linear",
  };
}

export class TrainingStore {
  readonly #engine: RemoteEngine;
  readonly #notice: Notice;
  readonly #chains: ChainStore;
  readonly #comparison: Comparison;
  readonly #page: Settings;
  /** Images of one's own that are to be learned in place of digits. */
  ownImages = $state.raw<ImageSet>();
  /** How these are made ready. */
  fitting = $state.raw<Fitting>({ inverted: false, cropped: false });
  #own: OwnImages | undefined;
  /** What is being learned; undefined before the first training. */
  task = $state.raw<TrainingTask>();
  rows = $state.raw<readonly MetricsRow[]>([]);
  checkpoints = $state.raw<readonly ShownCheckpoint[]>([]);
  update = $state(0);
  /** The machine as it was when the training stood last; undefined before the first training. */
  machine: OpenedMachine | undefined;
  #settings: TrainingSettings | undefined;
  /** The share of the updates after which parameters are averaged; 1 for never. */
  #averageFrom = $state(1);
  #real: ImageSet | undefined;
  /** Whether the page's settings are the training's; other views change them for their own chains. */
  #attended = $state(false);
  /** Whether the training was running when another view took its chains; undefined when none did. */
  #interrupted: boolean | undefined;
  #recalled: Promise<void> | undefined;

  constructor(
    engine: RemoteEngine,
    notice: Notice,
    chains: ChainStore,
    comparison: Comparison,
    page: Settings,
  ) {
    this.#engine = engine;
    this.#notice = notice;
    this.#chains = chains;
    this.#comparison = comparison;
    this.#page = page;
    $effect.root(() => {
      $effect(() => {
        const changed = settingsOfPage(page);
        if (!this.#attended || !this.#settings) return;
        this.#settings = { ...this.#settings, ...changed };
        void engine.tuneTraining(this.#settings);
      });
    });
  }

  /** Whether the engine learns now. */
  get running(): boolean {
    return this.current && this.#chains.playing;
  }

  /** Whether the chains are the training's. */
  get current(): boolean {
    return this.#chains.owner === "train";
  }

  get finished(): boolean {
    return this.task !== undefined && this.update >= this.#page.updates;
  }

  /** Whether another training in its place would lose something. */
  get worthKeeping(): boolean {
    return this.task !== undefined && this.update > 0;
  }

  /** What a training would learn now. */
  get offered(): OfferedTask | undefined {
    const images = this.ownImages;
    if (images) return { images, name: images.source, digits: undefined };
    const all = this.#comparison.digits;
    const digits = [...this.#page.digits].map(Number).sort((a, b) => a - b);
    if (!all || digits.length === 0) return undefined;
    const name = digits.length === 10 ? "Digits 0 to 9" : `Digits ${digits.join(", ")}`;
    return { images: withLabels(all.training, digits), name, digits };
  }

  /** Takes images of one's own, as they are. */
  async takeOwn(own: OwnImages): Promise<void> {
    this.#own = own;
    await this.fit({ inverted: false, cropped: false });
  }

  /** Makes the images of one's own ready in another way. */
  async fit(fitting: Fitting): Promise<void> {
    const { fitImages } = await import("../files/images.js");
    this.fitting = fitting;
    if (this.#own) this.ownImages = await fitImages(this.#own, fitting);
  }

  /** Begins anew, from a random network, in place of the training that there is. */
  async begin(): Promise<void> {
    const { offered } = this;
    if (!offered) return;
    const { digits = [] } = offered;
    const settings: TrainingSettings = {
      ...preset,
      ...(offered.digits ? recipe : ownRecipe),
      ...settingsOfPage(this.#page),
      "label-units": digits.length > 1 ? LABEL_UNITS : 0,
      seed: this.#page.seed,
      "held-out": offered.images.count < 4 * HELD_OUT ? 0 : HELD_OUT,
    };
    const task = { ...offered, id: freshId() };
    await this.#take((setup) => this.#engine.beginTraining(task, settings, setup), true);
  }

  /** Goes on with the training of a run, in place of the training that there is. */
  async take(foreign: Omit<ForeignTraining, "task"> & { task: OfferedTask }): Promise<void> {
    const training = { ...foreign, task: { ...foreign.task, id: freshId() } };
    await this.#take((setup) => this.#engine.takeTraining(training, setup), false);
  }

  /** Goes on where the training stood. */
  resume(playing = true): Promise<void> {
    return this.#take((setup) => this.#engine.resumeTraining(setup), playing);
  }

  /** Goes back to a checkpoint, and stands there. */
  async rewind(update: number): Promise<void> {
    await this.#take((setup) => this.#engine.rewindTraining(update, setup), false);
  }

  /** Another view takes the chains; the training waits. */
  interrupt(): void {
    this.#interrupted = this.running;
    this.#attended = false;
  }

  /** Takes up the training, and its settings, as they were when another view interrupted it. */
  async takeUp(): Promise<void> {
    if (this.#interrupted !== undefined) await this.resume(this.#interrupted);
    else {
      await this.recall();
      if (this.#settings && !this.#attended) this.#attend(this.#settings);
    }
  }

  /** Another machine takes the place of the training's; the training can still go on. */
  leave(): void {
    this.#interrupted = undefined;
    this.#attended = false;
    sessionStorage.removeItem(TAB.current);
  }

  /** Whether the machine of this tab's last visit was the training's. */
  get wasCurrent(): boolean {
    return sessionStorage.getItem(TAB.current) !== null;
  }

  /** Takes up what an earlier visit left, once. */
  recall(): Promise<void> {
    this.#recalled ??= this.#recall();
    return this.#recalled;
  }

  /** One more report of the engine. */
  follow({
    row,
    reached,
  }: {
    readonly row: MetricsRow;
    readonly reached: ShownCheckpoint | undefined;
  }): void {
    this.rows = [...this.rows, row];
    this.update = row.update;
    if (reached) this.checkpoints = [...this.checkpoints, reached];
  }

  /** The update after which the parameters are averaged; undefined where they are not. */
  get averagedFrom(): number | undefined {
    const share = this.#averageFrom;
    return share < 1 ? Math.floor(share * this.#page.updates) : undefined;
  }

  /** The training stands: its machine is the one whose chains these are. */
  learned(machine: StoredNetwork): void {
    if (!this.task) return;
    this.machine = this.#describe(machine);
    if (this.current || this.#interrupted !== undefined) this.#chains.machine = this.machine;
  }

  async #recall(): Promise<void> {
    const id = sessionStorage.getItem(TAB.id) ?? undefined;
    const left = await this.#notice.watch(this.#engine.recallTraining(id));
    if (left && !this.task) this.#read(left);
  }

  async #take(work: (setup: number) => Promise<TrainingStatus>, playing: boolean): Promise<void> {
    const chains = this.#chains;
    if (!this.current) chains.leave();
    const interrupted = this.#interrupted;
    this.#interrupted = undefined;
    const status = await chains.take("train", work, playing);
    if (!status) {
      this.#interrupted ??= interrupted;
      return;
    }
    this.#read(status);
    // What an earlier visit left is not taken up any more.
    this.#recalled ??= Promise.resolve();
    sessionStorage.setItem(TAB.current, "yes");
    // Another view may have taken the chains before the engine answered; it has the training's machine, and its own settings.
    if (this.current || this.#interrupted !== undefined) {
      chains.machine = this.machine;
      this.#page.machine = "own";
    }
    if (this.current) this.#attend(status.settings);
  }

  /** Makes the training's settings the page's. */
  #attend(settings: TrainingSettings): void {
    Object.assign(this.#page, pageOfSettings(settings));
    this.#attended = true;
  }

  #read({ task, settings, update, rows, checkpoints, machine, real }: TrainingStatus): void {
    sessionStorage.setItem(TAB.id, task.id);
    this.task = task;
    this.#settings = settings;
    this.#averageFrom = settings["average-from"];
    this.#real = real;
    this.update = update;
    this.rows = rows;
    this.checkpoints = checkpoints;
    this.machine = this.#describe(machine);
  }

  #describe(machine: StoredNetwork): OpenedMachine {
    const { images, name, digits } = this.task!;
    return {
      ...machine,
      name: `${name}, trained here`,
      width: images.width,
      height: images.height,
      learned: digits ? { kind: "digits", digits } : { kind: "images", images: this.#real! },
      updates: this.update,
    };
  }
}

/** An id that no other training has. */
function freshId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
