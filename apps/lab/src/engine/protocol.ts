// What the page and the engine's worker say to each other: commands with answers, and events.
import type { DeviceReport, Integrator, Progress, Slot } from "@neural-langevin/core";
import type { ImageSet } from "@neural-langevin/datasets";
import type { Report } from "@neural-langevin/experiments";
import type {
  ComputedBy,
  MetricsRow,
  Split,
  StoredNetwork,
  TrainingSettings,
} from "@neural-langevin/runs";
import type { BackendName } from "./backend-entries.js";

/** How chains move; every one of these may change while they do. */
export interface Dynamics {
  /** T; 0 lets chains fall to fixed points. */
  readonly temperature: number;
  /** Step size. */
  readonly dt: number;
  readonly integrator: Integrator;
  /** Whether the feedback term −φ′ ∘ (Jᵀv) is part of the force. */
  readonly feedback: boolean;
  /** Langevin steps per frame; 0 takes as many as the device makes in a thirtieth of a second. */
  readonly pace: number;
}

/** Which chains there are. */
export interface ChainSetup {
  /** Counts the setups of a page. Frames carry it, so that a late frame of other chains is known as one. */
  readonly number: number;
  readonly chains: number;
  /** x, shape [chains][N]; without it chains start where the machine's own do. */
  readonly states?: Float32Array | undefined;
  /** Which fresh chains, where there are no states: others for every number; 0 unless given. */
  readonly draw?: number | undefined;
  /** Their averaged firing rates, as a frame has them. */
  readonly rates?: Float32Array | undefined;
  /** Steps that led to these states; 0 unless given. */
  readonly step?: number | undefined;
  /** Nonzero marks a unit that keeps its value, shape [N]. */
  readonly pinned?: Uint8Array | undefined;
  /** The labels that are asked for, in turn: chains from the machine's own start, with pinned label units. */
  readonly labels?: readonly number[] | undefined;
  /** How these chains move where it differs from the page's settings. */
  readonly dynamics?: Partial<Dynamics> | undefined;
}

/** The chains at one moment. */
export interface Frame {
  /** The number of their setup. */
  readonly setup: number;
  /** Langevin steps since the chains started; of a training, its updates. */
  readonly step: number;
  /** x, shape [B][N]. */
  readonly states: Float32Array;
  /** Grey levels (tanh x + 1)/2 of the pixels as bytes, shape [B][pixels]. */
  readonly images: Uint8Array;
  /** Firing rates averaged over the last while, shape [B][N]. */
  readonly rates: Float32Array;
  /** Grey levels of their pixels, shape [B][pixels]. */
  readonly averaged: Uint8Array;
  /** Averaged firing rate of every label, over its units, shape [B][labels]; empty for a machine without labels. */
  readonly labels: Float32Array;
  /** E(x), shape [B]. */
  readonly energies: Float32Array;
  /** x·∇E, shape [B]. */
  readonly virials: Float32Array;
  /** Grey levels of chains of a training's averaged parameters, where they are watched, shape [at most 48][pixels]. */
  readonly averages?: Uint8Array | undefined;
  /** How the chains moved to where they are. */
  readonly dynamics: Omit<Dynamics, "pace">;
  /** Langevin steps per second, over the time since the last frame; NaN for chains that stand. */
  readonly stepsPerSecond: number;
}

/** What computes now. */
export interface Device extends DeviceReport {
  readonly name: BackendName;
}

/** What a training learns. */
export interface TrainingTask {
  /** Tells it from the trainings of other tabs. */
  readonly id: string;
  /** The images from which the settings select. */
  readonly images: ImageSet;
  /** Which of them are learned and which are kept back, fixed when it begins; drawn by the settings unless given. */
  readonly split?: Split | undefined;
  /** What they are, for people. */
  readonly name: string;
  /** Digits of MNIST, where the images are these. */
  readonly digits: readonly number[] | undefined;
}

/** When a training was made, and what computed its last update. */
export interface Provenance extends ComputedBy {
  /** ISO 8601. */
  readonly started: string;
  readonly changed: string;
}

/** A checkpoint, and some of its chains. */
export interface ShownCheckpoint {
  readonly update: number;
  /** Grey levels of the pixels of chains as they were, shape [chains][pixels]; empty before the first update. */
  readonly images: Uint8Array;
}

/** Where a training stands. */
export interface TrainingStatus {
  readonly task: TrainingTask;
  readonly settings: TrainingSettings;
  /** Updates done. */
  readonly update: number;
  /** What was measured along the way. */
  readonly rows: readonly MetricsRow[];
  /** Where it can be rewound to, in the order of updates. */
  readonly checkpoints: readonly ShownCheckpoint[];
  readonly machine: StoredNetwork;
  /** Images to compare its chains with: those that were kept back, or those that it learns where none were. */
  readonly real: ImageSet;
}

/** All of a training that the folder of a run says. */
export interface TrainingContent extends Pick<TrainingStatus, "task" | "settings" | "rows"> {
  readonly finished: boolean;
  /** Which images are learned and which are kept back. */
  readonly split: Split;
  /** SHA-256 of the pixels that are learned. */
  readonly sha256: string;
  /** Undefined before the first update. */
  readonly provenance: Provenance | undefined;
  /** The files of its checkpoints by update, and of its latest state. */
  readonly checkpoints: ReadonlyMap<number, Uint8Array>;
}

/** A training that began elsewhere. */
export interface ForeignTraining extends Pick<TrainingStatus, "task" | "settings" | "rows"> {
  /** The file of the checkpoint to go on from. */
  readonly checkpoint: Uint8Array;
}

/** A figure or table of an experiment, with its ending in its name: SVG, PNG or CSV. */
export interface StudyFile {
  readonly name: string;
  readonly caption: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** What an experiment found. */
export interface StudyResult
  extends Pick<
    Report,
    "experiment" | "seed" | "device" | "seconds" | "flop" | "findings" | "symbols"
  > {
  readonly figures: readonly StudyFile[];
  readonly tables: readonly StudyFile[];
}

/** Everything that the page may ask of the engine. */
export interface Commands {
  /** Takes a backend; chains and machine, where there are any, move to it. */
  compute(name: BackendName): Promise<Device>;
  /** Why backends cannot be used, by name; one without a reason can. */
  probe(): Promise<Partial<Record<BackendName, string>>>;
  /** Takes a machine and starts chains on it. */
  open(machine: StoredNetwork, seed: number, setup: ChainSetup): Promise<void>;
  /** Takes other chains on the same machine. */
  arrange(setup: ChainSetup): Promise<void>;
  /** Changes how chains move, from the next frame on. */
  dynamics(dynamics: Dynamics): void;
  /** Changes what of the dynamics is the present chains' own. */
  steer(dynamics: Partial<Dynamics>): void;
  /** Lets chains move or a training go on, or stand. */
  play(playing: boolean): Promise<void>;
  /** A slot of the session, once everything before it is done. */
  read(slot: Slot): Promise<Float32Array>;
  /**
   * The two terms of the learning rule, (⟨v φᵀ⟩, ⟨v⟩) over data and over the chains, shape [N² + N] each.
   *
   * @param states data x, at most 96 of them, shape [rows][N]
   */
  statistics(states: Float32Array): Promise<{ data: Float32Array; chains: Float32Array }>;
  /**
   * E of any states of the machine, whoever's chains there are, shape [rows].
   *
   * @param states x, shape [rows][N]
   */
  energies(states: Float32Array): Promise<Float32Array>;
  /** Begins a training in place of the one that this tab has; its first state is the checkpoint 0. */
  beginTraining(
    task: TrainingTask,
    settings: TrainingSettings,
    setup: number,
  ): Promise<TrainingStatus>;
  /** Takes a training that began elsewhere, in place of the one that this tab has. */
  takeTraining(training: ForeignTraining, setup: number): Promise<TrainingStatus>;
  /** Takes the chains of the training, where it stood. */
  resumeTraining(setup: number): Promise<TrainingStatus>;
  /** Changes the settings of the training, from the next update on. */
  tuneTraining(settings: TrainingSettings): void;
  /** Shows chains of the averaged parameters with every frame of the training, or does not. */
  watchAverages(watching: boolean): Promise<void>;
  /** Goes back to a checkpoint and its settings; what came after it is forgotten. */
  rewindTraining(update: number, setup: number): Promise<TrainingStatus>;
  /**
   * The training that an earlier visit left: the one of this id, or else the latest that no other tab has open.
   * Undefined when there is none.
   */
  recallTraining(id: string | undefined): Promise<TrainingStatus | undefined>;
  /** What is to be saved of the training. */
  trainingContent(): Promise<TrainingContent>;
  /** Begins an experiment on the backend, or goes on with it where it was stopped; events say the rest. */
  beginStudy(experiment: string, seed: number): Promise<void>;
  /** Stops the experiment, and waits until it has ended. */
  stopStudy(): Promise<void>;
}

export type Command = keyof Commands;

/** The names of all commands. */
export const commandNames = Object.keys({
  compute: true,
  probe: true,
  open: true,
  arrange: true,
  dynamics: true,
  steer: true,
  play: true,
  read: true,
  statistics: true,
  energies: true,
  beginTraining: true,
  takeTraining: true,
  resumeTraining: true,
  tuneTraining: true,
  watchAverages: true,
  rewindTraining: true,
  recallTraining: true,
  trainingContent: true,
  beginStudy: true,
  stopStudy: true,
} satisfies Record<Command, true>) as Command[];

/** What the engine says unasked. */
export type EngineEvent =
  | { readonly kind: "frame"; readonly frame: Frame }
  | { readonly kind: "device"; readonly device: Device }
  | {
      readonly kind: "training";
      readonly row: MetricsRow;
      /** The checkpoint that was reached with this row, where one was. */
      readonly reached: ShownCheckpoint | undefined;
    }
  /** The training stands, and the machine is what it learned so far. */
  | { readonly kind: "learned"; readonly machine: StoredNetwork; readonly finished: boolean }
  /** An experiment goes on. */
  | { readonly kind: "study"; readonly progress: Progress }
  /** An experiment is finished. */
  | { readonly kind: "studied"; readonly result: StudyResult }
  /** Something failed while nobody waited for it; `stopped` when chains, training or experiment stand now. */
  | { readonly kind: "failure"; readonly message: string; readonly stopped: boolean };

/** Says something to the page, and hands buffers over. */
export type Emit = (event: EngineEvent, transfer?: Transferable[]) => void;

/** A failure as it crosses between threads. */
export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly remedy: string | undefined;
}

export type Request =
  | { readonly kind: "drawn" }
  | {
      readonly kind: "command";
      readonly call: number;
      readonly command: Command;
      readonly values: unknown[];
    };

export type Reply =
  | { readonly kind: "event"; readonly event: EngineEvent }
  | { readonly kind: "answer"; readonly call: number; readonly value: unknown }
  | { readonly kind: "refusal"; readonly call: number; readonly failure: Failure };
