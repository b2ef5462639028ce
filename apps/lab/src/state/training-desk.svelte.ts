// The training as the page sees it: what is learned, how it goes, and the plan that the settings make.
import type { CompleteTrainingPlan, NegativePhase } from "@neural-langevin/core";
import { encodeImages, type ImageSet, type Pixels } from "@neural-langevin/datasets";
import type { StoredNetwork, TrainingStatus } from "../engine/protocol.js";
import type { Row } from "../engine/training.js";
import { withLabels } from "../files/digits.js";
import { download, runArchive } from "../files/save.js";
import type { Lab } from "./lab.svelte.js";
import type { OpenedMachine } from "./opened-machine.js";
import type { Settings } from "./settings.js";

/** Model chains of a training, and data states per update. */
const CHAINS = 96;
/** g of the random couplings that a training begins with. */
const GAIN = 1;

/** The key under which the browser remembers that the machine is the training's. */
const CURRENT = "neural-langevin-lab.training-is-current";

/** What a training keeps about its images. */
interface About {
  readonly images: ImageSet;
  readonly name: string;
  readonly labels: readonly number[] | undefined;
}

/** The negative phases that the page offers. */
type TaughtPhase = Extract<NegativePhase, { kind: Settings["phase"] }>;

async function sha256(pixels: Pixels): Promise<string> {
  const digest = await crypto.subtle.digest(
    "SHA-256",
    pixels as Pixels & ArrayBufferView<ArrayBuffer>,
  );
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

const planOf = (settings: Readonly<Settings>): CompleteTrainingPlan => ({
  updates: settings.updates,
  negativePhase: { kind: settings.phase, steps: settings.k },
  temperature: settings.temperature,
  dt: settings.dt,
  integrator: settings.integrator,
  optimizer: { kind: "adam" },
  learningRate: settings.rate,
  schedule: { kind: settings.schedule },
  decay: 5e-7,
});

export class TrainingDesk {
  readonly #lab: Lab;
  /** Images of one's own that are to be learned in place of digits. */
  ownImages = $state.raw<ImageSet>();
  /** What is being learned; undefined before the first training. */
  about = $state.raw<About>();
  rows = $state.raw<readonly Row[]>([]);
  checkpoints = $state.raw<readonly number[]>([]);
  update = $state(0);
  #plan: CompleteTrainingPlan | undefined;
  /** Whether the page's settings are the training's; other views change them for their own chains. */
  #attended = $state(false);
  /** Whether the training was running when another view took its chains; undefined when none did. */
  #interrupted: boolean | undefined;

  constructor(lab: Lab) {
    this.#lab = lab;
    $effect.root(() => {
      $effect(() => {
        const plan = planOf(lab.settings);
        if (!this.#attended) return;
        this.#plan = plan;
        void lab.engine.tune(plan);
      });
    });
  }

  /** Whether the engine learns now. */
  get running(): boolean {
    return this.current && this.#lab.playing;
  }

  /** Whether the chains are the training's. */
  get current(): boolean {
    return this.#lab.arrangedBy === "train";
  }

  get finished(): boolean {
    return this.about !== undefined && this.update >= this.#lab.settings.updates;
  }

  /** The images that a training would learn now. */
  get offered(): About | undefined {
    const images = this.ownImages;
    if (images) return { images, name: images.source, labels: undefined };
    const { digits, settings } = this.#lab;
    const labels = [...settings.digits].map(Number).sort((a, b) => a - b);
    if (!digits || labels.length === 0) return undefined;
    const name = `Digits ${labels.join(", ")}`;
    return { images: withLabels(digits.training, labels), name, labels };
  }

  /** Begins anew, from a random network. */
  async begin(): Promise<void> {
    const about = this.offered;
    if (!about) return;
    const lab = this.#lab;
    const states = encodeImages(about.images);
    const { width, height } = about.images;
    const lesson = {
      states,
      units: width * height,
      chains: CHAINS,
      seed: lab.settings.seed,
      gain: GAIN,
      about,
    };
    await this.#take(lab.engine.teach(lesson, planOf(lab.settings)));
  }

  /** Goes on where the training stood. */
  resume(playing = true): Promise<void> {
    this.#lab.playing = playing;
    return this.#take(this.#lab.engine.resume(), playing);
  }

  /** Another view takes the chains; the training waits. */
  interrupt(): void {
    this.#interrupted = this.running;
    this.#attended = false;
  }

  /** Takes up the training, and its settings, as they were when another view interrupted it. */
  async takeUp(): Promise<void> {
    if (this.#interrupted !== undefined) await this.resume(this.#interrupted);
    else if (this.#plan && !this.#attended) this.#attend(this.#plan);
  }

  /** Whether the machine of the last visit was the training's. */
  get wasCurrent(): boolean {
    return localStorage.getItem(CURRENT) !== null;
  }

  /** Another machine takes the place of the training's; the training can still go on. */
  leave(): void {
    this.#interrupted = undefined;
    this.#attended = false;
    localStorage.removeItem(CURRENT);
  }

  /** Goes back to a checkpoint, and stands there. */
  async rewind(update: number): Promise<void> {
    this.#lab.playing = false;
    await this.#take(this.#lab.engine.rewind(update), false);
  }

  /** Takes up what an earlier visit left; its machine, if there is one. */
  async recall(): Promise<OpenedMachine | undefined> {
    const left = await this.#lab.say(this.#lab.engine.recall());
    if (!left) return undefined;
    this.#read(left);
    return this.#machineOf(left.machine);
  }

  /** Downloads the training as a run of the command line, in a zip archive. */
  async save(): Promise<void> {
    const content = await this.#lab.say(this.#lab.engine.content());
    if (!content || !this.about) return;
    const { images, name, labels } = this.about;
    const { plan, making, checkpoints } = content;
    const phase = plan.negativePhase as TaughtPhase;
    const now = new Date().toISOString();
    const archive = runArchive("lab-run", {
      config: {
        ...(labels && { labels }),
        images: images.count,
        chains: content.chains,
        batch: content.chains,
        gain: content.gain,
        seed: content.seed,
        temperature: plan.temperature,
        "step-size": plan.dt,
        integrator: plan.integrator,
        "negative-phase": `${phase.kind === "persistent" ? "pcd" : "rdm"}-${phase.steps}`,
        updates: plan.updates,
        rate: plan.learningRate,
        schedule: plan.schedule.kind,
      },
      manifest: {
        state: content.finished ? "finished" : "interrupted",
        versions: { browser: navigator.userAgent },
        backend: making?.backend ?? "none",
        device: making?.device ?? "none",
        threads: making?.threads ?? 0,
        seed: content.seed,
        data: {
          source: `${images.source}, ${name}`,
          sha256: await sha256(images.pixels),
          width: images.width,
          height: images.height,
        },
        started: making?.started ?? now,
        changed: making?.changed ?? now,
      },
      metrics: this.rows.map((row) => ({ ...row })),
      checkpoints,
    });
    download("lab-run.zip", await archive);
  }

  /** One more report of the engine. */
  follow(report: { readonly row: Row; readonly checkpoints: readonly number[] }): void {
    this.rows = [...this.rows, report.row];
    this.update = report.row.update;
    if (report.checkpoints.length !== this.checkpoints.length) {
      this.checkpoints = [...report.checkpoints];
    }
  }

  /** The training stands: its machine is the lab's. */
  learned(machine: StoredNetwork): void {
    if (this.about) this.#lab.machine = this.#machineOf(machine);
  }

  async #take(work: Promise<TrainingStatus>, playing = true): Promise<void> {
    const status = await this.#lab.say(work);
    if (!status) return;
    this.#read(status);
    const { width, height } = this.about!.images;
    const units = width * height;
    const [couplings, bias] = await Promise.all([
      this.#lab.engine.read("couplings"),
      this.#lab.engine.read("bias"),
    ]);
    this.#lab.machine = this.#machineOf({ units, couplings, bias });
    this.#lab.arrangedBy = "train";
    this.#attend(status.plan);
    this.#interrupted = undefined;
    localStorage.setItem(CURRENT, "yes");
    this.#lab.history = [];
    this.#lab.playing = playing;
  }

  /** Makes the training's settings the page's. */
  #attend(plan: CompleteTrainingPlan): void {
    const phase = plan.negativePhase as TaughtPhase;
    Object.assign(this.#lab.settings, {
      phase: phase.kind,
      k: phase.steps,
      updates: plan.updates,
      temperature: plan.temperature,
      dt: plan.dt,
      integrator: plan.integrator,
      rate: plan.learningRate,
      schedule: plan.schedule.kind as Settings["schedule"],
    } satisfies Partial<Settings>);
    this.#attended = true;
  }

  #read({ update, rows, checkpoints, about, plan }: TrainingStatus): void {
    this.about = about as About;
    this.#plan = plan;
    this.update = update;
    this.rows = rows;
    this.checkpoints = checkpoints;
  }

  #machineOf(machine: StoredNetwork): OpenedMachine {
    const { images, name, labels } = this.about!;
    const { width, height } = images;
    return {
      ...machine,
      name: `${name}, trained here`,
      width,
      height,
      labels,
      updates: this.update,
    };
  }
}
