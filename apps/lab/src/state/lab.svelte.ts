// The state of the lab: one machine, one engine, and the settings that the page and its link share.
import { LangevinError } from "@neural-langevin/core";
import type { ImageSet } from "@neural-langevin/datasets";
import { type RemoteEngine, startEngine } from "../engine/client.js";
import { firstChoice, type OfferName } from "../engine/offers.js";
import type { Arrangement, Device, EngineEvent, Frame } from "../engine/protocol.js";
import { loadDemoMachine } from "../files/demo-machine.js";
import { type Digits, loadDigits, withLabels } from "../files/digits.js";
import { type NamedFile, servedFiles } from "../files/named-file.js";
import { openFiles } from "../files/open.js";
import type { OpenedRun } from "../files/run.js";
import { download, fileName, machineFile, pictureFile, statesFile } from "../files/save.js";
import type { Comparison, MeasuresRequest } from "../measures/protocol.js";
import type { OpenedMachine } from "./opened-machine.js";
import { decodeLink, encodeLink, ranges, type Settings, type View } from "./settings.js";
import { TrainingDesk } from "./training-desk.svelte.js";

/** Milliseconds between comparisons with real images. */
const COMPARE_EVERY = 1000;
/** Frames that the running means look back on. */
const HISTORY = 240;

/** Means over the chains of one frame. */
export interface Moment {
  readonly step: number;
  readonly energy: number;
  /** ⟨x·∇E⟩/(N T); NaN at T = 0. */
  readonly equilibrium: number;
}

const mean = (values: Float32Array): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

export class Lab {
  view = $state<View>("dream");
  settings = $state<Settings>(decodeLink("").settings);
  playing = $state(true);
  /** The machine that everything here is about. */
  machine = $state.raw<OpenedMachine>();
  device = $state.raw<Device>();
  /** The chains as they were last seen. */
  frame = $state.raw<Frame>();
  /** The last frames' means, oldest first. */
  history = $state.raw<readonly Moment[]>([]);
  stepsPerSecond = $state(0);
  comparison = $state.raw<Comparison>();
  digits = $state.raw<Digits>();
  /** One sentence about what went wrong, until it is dismissed. */
  notice = $state<string>();
  readonly engine: RemoteEngine;
  /** The view whose chains these are; another view arranges its own. */
  arrangedBy = $state<View>();
  /** The run that the machine is a checkpoint of, when it is. */
  run = $state.raw<OpenedRun>();
  readonly training: TrainingDesk;
  readonly #measures: Worker;
  #comparedAt = 0;

  constructor() {
    this.engine = startEngine((event) => this.#listen(event));
    this.training = new TrainingDesk(this);
    this.#measures = new Worker(new URL("../measures/worker.ts", import.meta.url), {
      type: "module",
    });
    this.#measures.onmessage = ({ data }: MessageEvent<Comparison>) => {
      this.comparison = data;
    };
    this.followLink();
    addEventListener("hashchange", () => this.followLink());
    $effect.root(() => {
      $effect(() => {
        const { temperature, dt, integrator, feedback, pace } = this.settings;
        void this.engine.dynamics({ temperature, dt, integrator, feedback, pace });
      });
      $effect(() => {
        void this.engine.play(this.playing);
      });
      $effect(() => {
        const link = encodeLink(this.view, this.settings);
        if (location.hash !== link) history.replaceState(undefined, "", link);
      });
      $effect(() => {
        const real = this.realImages;
        if (!real?.labels || !this.machine) return;
        this.comparison = undefined;
        const { pixels, labels } = real;
        const references = { pixels, labels, units: this.machine.units };
        this.#ask({ kind: "references", references });
      });
    });
  }

  /** Real images of the kind that the machine makes, kept back from its training. */
  get realImages(): ImageSet | undefined {
    if (!this.digits || this.machine?.units !== 784) return undefined;
    return withLabels(this.digits.heldOut, this.machine.labels ?? [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  }

  /** Opens what a link says. */
  followLink(): void {
    const { view, settings } = decodeLink(location.hash);
    this.view = view;
    Object.assign(this.settings, settings);
  }

  /** From nothing to a dreaming machine; the real digits come after it. */
  async begin(): Promise<void> {
    const served = await servedFiles();
    await this.compute(firstChoice());
    if (served.length > 0) {
      await this.take(served);
      this.digits = await loadDigits();
      return;
    }
    const trained = this.training.wasCurrent ? await this.training.recall() : undefined;
    if (trained && this.view === "train") {
      this.playing = false;
      await this.training.resume(false);
    } else await this.open(trained ?? (await loadDemoMachine()));
    if (!trained) await this.training.recall();
    this.digits = await loadDigits();
  }

  /** Takes a machine in place of the one that there is. */
  async open(machine: OpenedMachine): Promise<void> {
    const { units, couplings, bias } = machine;
    const { seed, chains } = this.settings;
    this.arrangedBy = "dream";
    this.history = [];
    await this.engine.machine({ units, couplings, bias }, seed, { chains });
    this.machine = machine;
  }

  /** Opens files that somebody chose or dropped; what cannot be opened is said, and nothing else changes. */
  async take(files: readonly NamedFile[]): Promise<void> {
    const opened = await this.say(openFiles(files));
    if (!opened) return;
    this.notice = undefined;
    if (opened.kind === "images") {
      this.training.ownImages = opened.images;
      this.view = "train";
    } else if (opened.kind === "states") {
      await this.say(this.#takeStates(opened.states, opened.units));
    } else if (opened.kind === "machine") {
      await this.#openOther(opened.machine);
    } else {
      const machine = await this.say(opened.run.machineAt(opened.run.checkpoints.at(-1)!));
      if (machine) await this.#openOther(machine, opened.run);
    }
  }

  /** Opens another checkpoint of the run. */
  async openCheckpoint(update: number): Promise<void> {
    const machine = this.run && (await this.say(this.run.machineAt(update)));
    if (machine) await this.#openOther(machine, this.run);
  }

  /** Opens the machine that the lab brings along. */
  async openDemo(): Promise<void> {
    await this.#openOther(await loadDemoMachine());
  }

  async saveMachine(): Promise<void> {
    if (!this.machine) return;
    const [couplings, bias] = await Promise.all([
      this.engine.read("couplings"),
      this.engine.read("bias"),
    ]);
    const machine = { ...this.machine, couplings, bias };
    download(fileName(machine.name, "safetensors"), machineFile(machine));
  }

  saveStates(): void {
    if (!this.frame || !this.machine) return;
    const bytes = statesFile(this.frame.states, this.machine.units);
    download(fileName(`${this.machine.name} chains`, "npy"), bytes);
  }

  savePicture(): void {
    if (!this.frame || !this.machine) return;
    const bytes = pictureFile(this.frame.images, this.machine);
    download(fileName(`${this.machine.name} chains`, "png"), bytes);
  }

  async #openOther(machine: OpenedMachine, run?: OpenedRun): Promise<void> {
    this.training.leave();
    this.playing = true;
    await this.say(this.open(machine));
    this.run = run;
  }

  async #takeStates(states: Float32Array, units: number): Promise<void> {
    const chains = states.length / units;
    if (units !== this.machine?.units || chains < 1 || chains > ranges.chains[1]) {
      throw new LangevinError(
        "unsupported",
        `The file has ${chains} states of ${units} units, and the machine has ${this.machine?.units} units ` +
          `with room for 1 to ${ranges.chains[1]} chains.`,
      );
    }
    await this.arrange("dream", { chains, states });
    this.view = "dream";
  }

  /** Takes chains for a view. */
  async arrange(view: View, arrangement: Arrangement): Promise<void> {
    if (this.training.current) this.training.interrupt();
    this.arrangedBy = view;
    this.history = [];
    this.comparison = undefined;
    await this.say(this.engine.arrange(arrangement));
  }

  /** Lets another backend compute, from where the chains are. */
  async compute(name: OfferName): Promise<void> {
    await this.say(this.engine.compute(name));
  }

  async restart(): Promise<void> {
    this.history = [];
    await this.say(this.engine.restart());
  }

  /** Waits for something; a failure becomes the notice. */
  async say<T>(work: Promise<T>): Promise<T | undefined> {
    try {
      return await work;
    } catch (error) {
      const { message, remedy } = error as Error & { remedy?: string };
      this.notice = [message, remedy].filter(Boolean).join(" ");
      return undefined;
    }
  }

  #listen(event: EngineEvent): void {
    if (event.kind === "device") this.device = event.device;
    else if (event.kind === "frame") this.#show(event.frame);
    else if (event.kind === "training") this.training.follow(event);
    else if (event.kind === "learned") {
      this.training.learned(event.machine);
      if (event.finished) this.playing = false;
    } else {
      this.notice = event.message;
      if (event.stopped) this.playing = false;
    }
  }

  #show(frame: Frame): void {
    this.frame = frame;
    const units = frame.states.length / frame.energies.length;
    const moment = {
      step: frame.step,
      energy: mean(frame.energies),
      equilibrium: mean(frame.virials) / (units * frame.temperature || Number.NaN),
    };
    this.history = [...this.history.slice(1 - HISTORY), moment];
    const { stepsPerSecond } = frame;
    if (stepsPerSecond > 0) {
      this.stepsPerSecond = 0.9 * (this.stepsPerSecond || stepsPerSecond) + 0.1 * stepsPerSecond;
    }
    const now = performance.now();
    const comparable = units === 784 && frame.energies.length > 1 && this.view === "dream";
    if (now - this.#comparedAt < COMPARE_EVERY || !comparable) return;
    this.#comparedAt = now;
    this.#ask({ kind: "images", images: frame.images });
  }

  #ask(request: MeasuresRequest): void {
    this.#measures.postMessage(request);
  }
}
