// What the page and the engine's worker say to each other: commands with answers, and events.
import type { CompleteTrainingPlan, DeviceReport, Integrator } from "@neural-langevin/core";
import type { StoredNetwork } from "@neural-langevin/runs";
import type { Engine } from "./engine.js";
import type { OfferName } from "./offers.js";
import type { Lesson, Making, Row } from "./training.js";

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
export interface Arrangement {
  readonly chains: number;
  /** x, shape [chains][N]; without it chains start from N(0, 1). */
  readonly states?: Float32Array;
  /** Nonzero marks a unit that keeps its value, shape [N]. */
  readonly pinned?: Uint8Array;
  /** How these chains move where it differs from the page's settings. */
  readonly dynamics?: Partial<Dynamics>;
}

/** The chains at one moment. */
export interface Frame {
  /** Langevin steps since the chains started. */
  readonly step: number;
  /** x, shape [B][N]. */
  readonly states: Float32Array;
  /** Grey levels (tanh x + 1)/2 as bytes, shape [B][N]. */
  readonly images: Uint8Array;
  /** E(x), shape [B]. */
  readonly energies: Float32Array;
  /** x·∇E, shape [B]. */
  readonly virials: Float32Array;
  /** T of the steps that led here. */
  readonly temperature: number;
  /** Langevin steps per second, over the time since the last frame. */
  readonly stepsPerSecond: number;
}

/** What computes now. */
export interface Device extends DeviceReport {
  readonly backend: OfferName;
}

/** Where a training stands. */
export interface TrainingStatus {
  /** Updates done. */
  readonly update: number;
  readonly plan: CompleteTrainingPlan;
  /** What was measured along the way. */
  readonly rows: readonly Row[];
  /** Updates to which it can be rewound. */
  readonly checkpoints: readonly number[];
  /** The `about` of its lesson. */
  readonly about: unknown;
}

/** All of a training that a run's folder says. */
export interface TrainingContent extends Pick<Lesson, "chains" | "seed" | "gain"> {
  readonly plan: CompleteTrainingPlan;
  readonly finished: boolean;
  /** Undefined before the first update. */
  readonly making: Making | undefined;
  /** The files of its checkpoints by update, and of its latest state. */
  readonly checkpoints: ReadonlyMap<number, Uint8Array>;
}

/** What the engine says unasked. */
export type EngineEvent =
  | { readonly kind: "frame"; readonly frame: Frame }
  | { readonly kind: "device"; readonly device: Device }
  | {
      readonly kind: "training";
      readonly row: Row;
      readonly checkpoints: readonly number[];
    }
  /** The training stands, and the machine is what it learned so far. */
  | { readonly kind: "learned"; readonly machine: StoredNetwork; readonly finished: boolean }
  /** Something failed while nobody waited for it; `stopped` when chains or training stand now. */
  | { readonly kind: "failure"; readonly message: string; readonly stopped: boolean };

/** A failure as it crosses between threads. */
export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly remedy: string | undefined;
}

/** The commands: every public method of the engine. */
export type Command = Exclude<keyof Engine, "drawn">;

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

export type { StoredNetwork };
