// Where a run comes from: what was trained, on what, by which versions and which device.
import type { Backend } from "@neural-langevin/core";
import {
  type DataSet,
  type EncodingRecord,
  type LabelKinds,
  type LabelUnits,
  pictureSize,
  recordOf,
  shapeOf,
} from "@neural-langevin/datasets";
import type { SettingChanges } from "./changed-settings.js";
import type { EarlyStop } from "./early-stop.js";
import type { GivenSettings, TrainingSettings } from "./settings.js";
import type { TrainingData } from "./training-data.js";

/** Where a run stands. */
export type RunState = "running" | "interrupted" | "finished" | "diverged" | "imported";

/** Where a run stands now, which its manifest cannot say of a process that was killed: it still says running there. */
export type CurrentRunState = RunState | "broken-off";

/** What computes a run. */
export interface ComputedBy {
  /** The backend's name; opening it by this name opens the same one again. */
  readonly backend: string;
  /** The device in words, as it reports itself. */
  readonly device: string;
  /** Threads of the processor that compute. */
  readonly threads: number;
}

/** The program that writes a run, as far as it is known. */
export interface Origin {
  /** The name of the computer. */
  readonly host?: string | undefined;
  /** The program's name and its arguments. */
  readonly command?: readonly string[] | undefined;
  /** The commit of the Git repository in which it was called, with "-dirty" where files were changed since. */
  readonly commit?: string | undefined;
}

/** A time that a run was gone on with, at an update. */
export interface Resumption extends Origin {
  /** ISO 8601. */
  readonly at: string;
  /** Updates done by then. */
  readonly update: number;
  /** The backend's name from here on. */
  readonly backend: string;
  /** Packages and platform by name, with their versions from here on. */
  readonly versions: Readonly<Record<string, string>>;
  /** Settings that were changed. */
  readonly changed?: SettingChanges | undefined;
  /** The SHA-256 of the training pixels before and after, where other data were accepted. */
  readonly data?: readonly [before: string, after: string] | undefined;
  /** The same of those that were kept back. */
  readonly heldOut?: readonly [before: string | undefined, after: string | undefined] | undefined;
}

/** The machine that a training began with. */
export interface BegunFrom {
  readonly file: string;
  /** SHA-256 of the file, in hexadecimal. */
  readonly sha256: string;
}

/** The mark of a run's manifest. */
export const runFormat = "neural-langevin run";

/** What made a run and where it stands: manifest.json. */
export interface Manifest extends ComputedBy, Origin {
  /** `runFormat`, by which a manifest is told from other files. */
  readonly format: typeof runFormat;
  /** Where it stands. */
  readonly state: RunState;
  /** Packages and platform by name, with their versions. */
  readonly versions: Readonly<Record<string, string>>;
  /** Of all noise and of the order of the data. */
  readonly seed: number;
  /** Where the data came from, their size, and the SHA-256 of the numbers that are learned and of those kept back. */
  readonly data: {
    readonly source: string;
    readonly sha256: string;
    readonly heldOutSha256?: string | undefined;
    /** How a sample is laid out in a picture. */
    readonly width: number;
    readonly height: number;
    /** Sizes of a sample where it is no image, as [60]. */
    readonly shape?: readonly number[] | undefined;
    /** How numbers became states; `encodingOf` makes it anew. The published encoding where it is missing. */
    readonly encoding?: EncodingRecord | undefined;
    /** What the numbers of a sample are called, where a table says. */
    readonly columns?: readonly string[] | undefined;
    /** What labels are called, where they are words: label k is the k-th of them. */
    readonly classes?: readonly string[] | undefined;
    /** Which units carry labels, where some do; what images of a kind look like is in the checkpoints. */
    readonly labelUnits?: LabelUnitsRecord | undefined;
  };
  /** The machine whose J and b it began with, where it did not begin from scratch. */
  readonly from?: BegunFrom | undefined;
  /** The settings that hold; config.yaml says the same unless somebody changed it. */
  readonly settings?: GivenSettings | undefined;
  /** When it began, ISO 8601. */
  readonly started: string;
  /** When this file was written last, ISO 8601. */
  readonly changed: string;
  /** When the training ended or was stopped; absent while it goes on. */
  readonly ended?: string | undefined;
  /** Why it is finished before its last update. */
  readonly stopped?: EarlyStop | undefined;
  /** Every time it was gone on with. */
  readonly resumed?: readonly Resumption[] | undefined;
  /** The scale of a run of `nlm demo`. */
  readonly scale?: string | undefined;
}

/** Label units without the means of their kinds. */
type LabelUnitsRecord = Omit<LabelUnits, "kinds"> & {
  readonly kinds?: Omit<LabelKinds, "means"> | undefined;
};

function recordOfLabels({ kinds, ...layout }: LabelUnits): LabelUnitsRecord {
  return kinds ? { ...layout, kinds: { count: kinds.count, shares: kinds.shares } } : layout;
}

/** Whether a value is the manifest of a run. */
export const isManifest = (value: unknown): value is Manifest =>
  typeof value === "object" && value !== null && (value as Manifest).format === runFormat;

/** What computes, from its backend; `name` is the backend's id unless given. */
export const computedBy = (backend: Backend, name = backend.id): ComputedBy => ({
  backend: name,
  device: [backend.device.label, ...backend.device.details].join(", "),
  threads: backend.device.threads,
});

/** The manifest of a run that begins now. */
export function newManifest(run: {
  readonly settings: GivenSettings & Pick<TrainingSettings, "seed">;
  readonly data: Pick<TrainingData<DataSet>, "training" | "sha256"> &
    Partial<TrainingData<DataSet>>;
  readonly computedBy: ComputedBy;
  readonly versions: Manifest["versions"];
  readonly origin?: Origin | undefined;
  readonly from?: BegunFrom | undefined;
  /** `running` unless given. */
  readonly state?: RunState | undefined;
  readonly scale?: string | undefined;
}): Manifest {
  const { training, encoding, sha256, heldOutSha256 } = run.data;
  const shape = shapeOf(training);
  const vectors = "pixels" in training ? undefined : { shape, columns: training.columns };
  const now = new Date().toISOString();
  return {
    format: runFormat,
    state: run.state ?? "running",
    ...run.origin,
    versions: run.versions,
    ...run.computedBy,
    seed: run.settings.seed,
    data: {
      source: training.source,
      sha256,
      heldOutSha256,
      ...pictureSize(shape),
      ...vectors,
      encoding: encoding && recordOf(encoding),
      classes: training.classes,
      labelUnits: run.data.labelUnits && recordOfLabels(run.data.labelUnits),
    },
    from: run.from,
    settings: run.settings,
    started: now,
    changed: now,
    scale: run.scale,
  };
}
