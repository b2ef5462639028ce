// The machine of the page and what the engine does with it: it is loaded with the first view that needs it.
import { LangevinError } from "@neural-langevin/core";
import { untrack } from "svelte";
import type { BackendName } from "../engine/backend-entries.js";
import { preferredBackend } from "../engine/backend-entries.js";
import { type RemoteEngine, startEngine } from "../engine/client.js";
import type { ChainSetup, Device, EngineEvent, Frame } from "../engine/protocol.js";
import { loadDigits } from "../files/digits.js";
import { download } from "../files/download.js";
import type { Film } from "../files/film.js";
import { type NamedFile, nameOf, servedFiles } from "../files/named-file.js";
import type { OpenedRun } from "../files/run.js";
import { loadTrainedMachine } from "../files/trained-machines.js";
import { ChainStore, type WantedChains } from "./chains.svelte.js";
import { Comparison } from "./comparison.svelte.js";
import type { Notice } from "./notice.svelte.js";
import { askedLabels, type OpenedMachine } from "./opened-machine.js";
import type { Page } from "./page.svelte.js";
import type { Restoration } from "./restoration.svelte.js";
import {
  defaults,
  type MachineName,
  machineNames,
  ranges,
  type Settings,
  type View,
} from "./settings.js";
import { StudyStore } from "./study-store.svelte.js";
import { TrainingStore } from "./training-store.svelte.js";

/** What opens files and what writes them, which the first view does without. */
const opening = () => import("../files/open.js");
const saving = () => import("../files/save.js");

/** Frames of a film of the chains, and milliseconds between two of them. */
const FILM = { frames: 50, delay: 80 };

export class Lab {
  readonly page: Page;
  device = $state.raw<Device>();
  /** The run that the machine is a checkpoint of, when it is. */
  run = $state.raw<OpenedRun>();
  /** The image that is restored; it stays while other views are shown. */
  restoration = $state.raw<Restoration>();
  /** The name of the file that is being read. */
  opens = $state<string>();
  readonly engine: RemoteEngine;
  readonly chains: ChainStore;
  readonly comparison: Comparison;
  readonly training: TrainingStore;
  readonly study: StudyStore;
  /** The machine of the lab's own that was asked for last, unless it was another machine. */
  #asked: MachineName | undefined;

  constructor(page: Page) {
    this.page = page;
    this.engine = startEngine((event) => this.#listen(event));
    this.chains = new ChainStore(this.engine, this.notice);
    this.comparison = new Comparison(this.chains);
    const { engine, notice, chains, comparison, settings } = this;
    this.training = new TrainingStore(engine, notice, chains, comparison, settings);
    this.study = new StudyStore(notice);
    $effect.root(() => {
      $effect(() => {
        const { temperature, dt, integrator, feedback, pace } = this.settings;
        void this.engine.dynamics({ temperature, dt, integrator, feedback, pace });
      });
      $effect(() => {
        // A training goes on behind views without chains; chains that nobody sees stand.
        const seen = (this.view !== "two" && this.view !== "study") || this.training.current;
        void this.engine.play(seen && this.chains.playing);
      });
      $effect(() => {
        // A link, or Back, may name another machine. A file that is opened is none of these, and names itself later.
        const { machine } = this.settings;
        untrack(() => void this.#follow(machine));
      });
      $effect(() => {
        const { seed } = this.settings;
        const { owner, seed: before, machine } = this.chains;
        const other = owner === "dream" && before !== undefined && seed !== before;
        if (other && machine) untrack(() => void this.#open(machine));
      });
    });
  }

  get view(): View {
    return this.page.view;
  }

  set view(view: View) {
    this.page.view = view;
  }

  get settings(): Settings {
    return this.page.settings;
  }

  get notice(): Notice {
    return this.page.notice;
  }

  /** The images of a frame as the page shows them, shape [B][pixels]. */
  shownImages({ averaged, images }: Frame): Uint8Array {
    return this.settings.picture === "average" ? averaged : images;
  }

  /** The chains that Dream wants. */
  get dreams(): WantedChains {
    const { chains, ask } = this.settings;
    const { machine } = this.chains;
    return { chains, labels: machine && askedLabels(machine, ask) };
  }

  /** From nothing to a dreaming machine; the real digits come after it. */
  async begin(): Promise<void> {
    // The request goes out beside the worker's.
    const { machine } = this.settings;
    const trained = loadTrainedMachine(machine === "own" ? machineNames[0] : machine);
    const served = await servedFiles();
    await this.compute(preferredBackend());
    if (served.length > 0) await this.take(served);
    // Beside images, or files that cannot be opened, there is a machine too.
    if (!this.chains.machine) await this.#openLast(trained);
    this.comparison.digits = await loadDigits();
  }

  /** Opens files that somebody chose or dropped; a notice names what cannot be opened, and nothing else changes. */
  async take(files: readonly NamedFile[]): Promise<void> {
    const [first] = files;
    if (first) this.opens = nameOf(first.path);
    const { openFiles } = await opening();
    const opened = await this.notice.watch(openFiles(files));
    this.opens = undefined;
    if (!opened) return;
    const { left } = opened;
    this.notice.message =
      left.length > 0
        ? `One machine, run or array is opened at a time; left out: ${left.join(", ")}.`
        : undefined;
    if (opened.kind === "images") {
      await this.notice.watch(this.training.takeOwn(opened.images));
      // Few images of one's own take a larger rate and step than thousands of digits.
      Object.assign(this.settings, { rate: 1e-3, dt: 0.08 });
      this.view = "train";
    } else if (opened.kind === "states") {
      await this.notice.watch(this.#takeStates(opened.states, opened.units));
    } else if (opened.kind === "machine") {
      await this.#openOther(opened.machine);
    } else {
      const last = opened.run.checkpoints.at(-1)!;
      const machine = await this.notice.watch(opened.run.machineAt(last));
      if (machine) await this.#openOther(machine, opened.run);
    }
  }

  /** Opens another checkpoint of the run. */
  async openCheckpoint(update: number): Promise<void> {
    const machine = this.run && (await this.notice.watch(this.run.machineAt(update)));
    if (machine) await this.#openOther(machine, this.run);
  }

  /** Opens one of the machines that the lab brings along. */
  async openTrained(name: MachineName): Promise<void> {
    this.#asked = name;
    const machine = await this.notice.watch(loadTrainedMachine(name));
    if (machine && this.#asked === name) await this.#openOther(machine, undefined, name);
  }

  /** Goes on with the training of the run. */
  async continueRun(): Promise<void> {
    const training = this.run && (await this.notice.watch(this.run.training()));
    if (!training) return;
    await this.training.take(training);
    if (this.training.current) this.run = undefined;
  }

  async saveMachine(): Promise<void> {
    const { machine } = this.chains;
    if (!machine) return;
    const { fileName, machineFile } = await saving();
    const [couplings, bias] = await Promise.all([
      this.engine.read("couplings"),
      this.engine.read("bias"),
    ]);
    download(fileName(machine.name, "safetensors"), machineFile({ ...machine, couplings, bias }));
  }

  async saveStates(): Promise<void> {
    const { frame, machine } = this.chains;
    if (!frame || !machine) return;
    const { fileName, statesFile } = await saving();
    const bytes = statesFile(frame.states, machine.units);
    download(fileName(`${machine.name} chains`, "npy"), bytes);
  }

  async savePicture(): Promise<void> {
    const { frame, machine } = this.chains;
    if (!frame || !machine) return;
    const { fileName, pictureFile } = await saving();
    download(
      fileName(`${machine.name} chains`, "png"),
      pictureFile(this.shownImages(frame), machine),
    );
  }

  /** The chains as they move from now on, for some seconds; of a machine that stands, one frame. */
  async film(): Promise<Film> {
    const { width, height } = this.chains.machine!;
    const frames: Uint8Array[] = [];
    let last: Frame | undefined;
    for (let at = 0; at < FILM.frames; at++) {
      const { frame } = this.chains;
      // A frame that takes longer than its time is not shown twice.
      if (frame && frame !== last) frames.push(this.shownImages(frame).slice());
      last = frame;
      await new Promise((resolve) => setTimeout(resolve, FILM.delay));
    }
    return { frames, width, height, delay: FILM.delay };
  }

  /** Downloads the training as a run of `nlm`, in a zip archive. */
  async saveTraining(): Promise<void> {
    const content = await this.notice.watch(this.engine.trainingContent());
    if (!content) return;
    const { runArchive } = await saving();
    download("lab-run.zip", await runArchive("lab-run", content));
  }

  /** Takes chains for a view, as `ChainStore.arrange` does; a training waits. */
  async arrange(
    view: View,
    setup: Omit<ChainSetup, "number">,
    playing?: boolean | undefined,
  ): Promise<void> {
    if (this.training.current) this.training.interrupt();
    await this.chains.arrange(view, setup, playing);
  }

  /** Takes the chains that a view left, or new ones; a training waits. */
  async takeBack(view: View, wanted: WantedChains): Promise<void> {
    if (this.training.current) this.training.interrupt();
    await this.chains.takeBack(view, wanted);
  }

  /** Lets another backend compute, from where the chains are. */
  async compute(name: BackendName): Promise<void> {
    await this.notice.watch(this.engine.compute(name));
  }

  /** Opens the machine of the last visit where that was the training's, else the one that the lab brings along. */
  async #openLast(trained: Promise<OpenedMachine>): Promise<void> {
    const { training, settings } = this;
    const other = settings.machine !== "own" && settings.machine !== defaults.machine;
    if (training.wasCurrent && !other) await training.recall();
    if (training.machine && this.view === "train") {
      await training.resume(false);
      return;
    }
    if (training.machine) settings.machine = "own";
    else if (settings.machine === "own") settings.machine = defaults.machine;
    const named = settings.machine;
    await this.#open(training.machine ?? (await trained));
    if (settings.machine !== named) await this.#follow(settings.machine);
  }

  /** Opens the machine that the settings name, where another one is there. */
  async #follow(name: Settings["machine"]): Promise<void> {
    const { machine } = this.chains;
    if (!machine || name === "own") return;
    this.#asked = name;
    if (machine.trained !== name) await this.openTrained(name);
  }

  async #open(machine: OpenedMachine): Promise<boolean> {
    const { seed, chains, ask } = this.settings;
    return this.chains.open(machine, seed, { chains, labels: askedLabels(machine, ask) });
  }

  /** @param name its own, where the lab brings it along */
  async #openOther(machine: OpenedMachine, run?: OpenedRun, name?: MachineName): Promise<void> {
    if (this.training.current) this.training.interrupt();
    if (!(await this.#open(machine))) return;
    this.training.leave();
    if (name === undefined) this.#asked = undefined;
    const byLink = this.settings.machine === name;
    this.settings.machine = name ?? "own";
    this.chains.playing = true;
    this.run = run;
    // A link that names the machine says how its chains move, too.
    if (byLink) return;
    const { temperature = 1, dt = 0.08 } = machine.sampling ?? {};
    Object.assign(this.settings, { temperature, dt });
  }

  async #takeStates(states: Float32Array, units: number): Promise<void> {
    const chains = states.length / units;
    const { machine } = this.chains;
    if (units !== machine?.units || chains < 1 || chains > ranges.chains[1]) {
      throw new LangevinError(
        "unsupported",
        `The file has ${chains} states of ${units} units, but the machine has ${machine?.units} units ` +
          `with room for 1 to ${ranges.chains[1]} chains.`,
      );
    }
    Object.assign(this.settings, { chains, ask: "free" });
    await this.arrange("dream", { chains, labels: [], states });
    this.view = "dream";
  }

  #listen(event: EngineEvent): void {
    if (event.kind === "device") this.device = event.device;
    else if (event.kind === "frame") {
      this.chains.show(event.frame);
      if (this.view === "dream" && this.chains.current) {
        const { current } = this.chains;
        this.comparison.follow({ ...current, images: this.shownImages(current) });
      }
    } else if (event.kind === "training") this.training.follow(event);
    else if (event.kind === "learned") {
      this.training.learned(event.machine);
      if (event.finished && this.training.current) this.chains.playing = false;
    } else if (event.kind === "failure") {
      this.notice.message = event.message;
      if (event.stopped) this.chains.playing = false;
    }
  }
}
