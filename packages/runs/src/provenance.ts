// Where a run comes from: what was trained, on what, by which versions and which device.
import type { Backend } from "@neural-langevin/core";
import type { LabelUnits } from "@neural-langevin/datasets";
import type { TrainingSettings } from "./settings.js";
import type { TrainingData } from "./training-data.js";

/** Where a run stands. */
export type RunState = "running" | "interrupted" | "finished" | "diverged" | "imported";

/** What computes a run. */
export interface ComputedBy {
  /** The backend's name; opening it by this name opens the same one again. */
  readonly backend: string;
  readonly device: string;
  readonly threads: number;
}

/** What made a run and where it stands: manifest.json. */
export interface Manifest extends ComputedBy {
  readonly state: RunState;
  /** Packages and platform by name, with their versions. */
  readonly versions: Readonly<Record<string, string>>;
  readonly seed: number;
  /** Where the data came from, their size, and the SHA-256 of the pixels that are learned. */
  readonly data: {
    readonly source: string;
    readonly sha256: string;
    readonly width: number;
    readonly height: number;
    /** Which units carry labels, where some do. */
    readonly labelUnits?: LabelUnits | undefined;
  };
  /** ISO 8601. */
  readonly started: string;
  readonly changed: string;
  /** The scale of a run of `nlm demo`. */
  readonly scale?: string | undefined;
}

/** What computes, from its backend; `name` is the backend's id unless given. */
export const computedBy = (backend: Backend, name = backend.id): ComputedBy => ({
  backend: name,
  device: [backend.device.label, ...backend.device.details].join(", "),
  threads: backend.device.threads,
});

/** The manifest of a run that begins now. */
export function newManifest(run: {
  readonly settings: Pick<TrainingSettings, "seed">;
  readonly data: Pick<TrainingData, "training" | "sha256"> &
    Partial<Pick<TrainingData, "labelUnits">>;
  readonly computedBy: ComputedBy;
  readonly versions: Manifest["versions"];
  /** `running` unless given. */
  readonly state?: RunState | undefined;
  readonly scale?: string | undefined;
}): Manifest {
  const { source, width, height } = run.data.training;
  const now = new Date().toISOString();
  return {
    state: run.state ?? "running",
    versions: run.versions,
    ...run.computedBy,
    seed: run.settings.seed,
    data: { source, sha256: run.data.sha256, width, height, labelUnits: run.data.labelUnits },
    started: now,
    changed: now,
    scale: run.scale,
  };
}
