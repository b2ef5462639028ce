// A training in a run folder, begun or gone on with: its data as it learns them, and what computes it.
import { basename } from "node:path";
import { type Backend, LangevinError, type TrainingState } from "@neural-langevin/core";
import type { DataSet } from "@neural-langevin/datasets";
import { changeSettings } from "./changed-settings.js";
import { begunFrom, encodingOfMachine, stateOfMachine } from "./fine-tuning.js";
import { loadLearned } from "./learned-data.js";
import { type DataPlaces, keptSettings, loadData, loadRunData } from "./load-data.js";
import { type LoadedNetwork, loadNetwork } from "./load-network.js";
import type { Checkpoint } from "./machine-file.js";
import { OwnFolder } from "./own-folder.js";
import { planOf } from "./plan.js";
import {
  type ComputedBy,
  computedBy,
  type Manifest,
  newManifest,
  type Origin,
} from "./provenance.js";
import { createRun, openRun, type RunFolder } from "./run-folder.js";
import { checkpointUpdate } from "./run-layout.js";
import type { GivenSettings, TrainingSettings } from "./settings.js";
import type { TrainingData } from "./training-data.js";

/** A backend, and the full name with which the same one is opened again. */
export interface NamedBackend {
  /** Such as "cpu:avx512". */
  readonly name: string;
  /** The caller closes it. */
  readonly backend: Backend;
}

/** A training that is ready to run, with the run locked; the caller closes the run and the backend. */
export interface OpenedTraining {
  /** Those that hold from here on. */
  readonly settings: TrainingSettings;
  /** What is learned and what is kept back. */
  readonly data: TrainingData<DataSet>;
  /** Where it is kept, locked. */
  readonly run: RunFolder;
  /** What computes it. */
  readonly backend: Backend;
  /** Where it goes on; undefined where it begins. */
  readonly from: TrainingState | undefined;
}

/** A training that begins in a folder of its own. */
export interface NewTraining {
  /** All of the training. */
  readonly settings: TrainingSettings;
  /** Packages and platform with their versions, for the manifest. */
  readonly versions: Manifest["versions"];
  /** The program that trains. */
  readonly origin?: Origin | undefined;
  /** The machine that the setting `from` names, where that is not a path. */
  readonly machine?: LoadedNetwork | undefined;
  /** Opens what computes it, once settings and data are known to be sound. */
  open(): Promise<NamedBackend>;
  /** Whether a run in the folder is replaced. */
  readonly overwrite?: boolean | undefined;
  /** The scale of a demo. */
  readonly scale?: string | undefined;
  /** Where data are that have a name and no path. */
  readonly places?: DataPlaces | undefined;
}

/**
 * Begins a training, from scratch or with the couplings and bias of a machine. Settings, data and machine that do not go
 * together are refused before anything is written.
 *
 * @throws exists, in-use, and what `loadNetwork`, `loadData` and `open` throw (invalid-value, wrong-length, not-finite,
 *   not-found, bad-file, unsupported, unavailable, aborted)
 */
export async function beginTraining(path: string, begin: NewTraining): Promise<OpenedTraining> {
  const { versions, origin, overwrite, scale } = begin;
  const given = keptSettings(begin.settings);
  planOf(given);
  // Data may take a minute, and so may finding the fastest backend.
  await new OwnFolder(path, "run").requireFree(overwrite);
  const machine =
    given.from === undefined ? undefined : (begin.machine ?? (await loadNetwork(given.from)));
  const from = machine && (await begunFrom(machine));
  const settings = { ...given, from: from?.file };
  const encoding = machine && encodingOfMachine(machine, settings);
  const labelUnits = machine?.network.labelUnits;
  const mayKeep = machine && (await keptBackBy(machine, settings, begin.places));
  const data = await loadData(settings, { ...begin.places, encoding, labelUnits, mayKeep });
  requireHeldOut(settings, data);
  const state = machine && stateOfMachine(machine, data, settings);
  const { name, backend } = await begin.open();
  try {
    const computed = computedBy(backend, name);
    const what = { settings, data, computedBy: computed, versions, origin, scale, from };
    const manifest = newManifest(what);
    const run = await createRun(path, { settings, manifest, split: data.split, overwrite });
    // The machine goes with the run, which goes on where the machine's own file is gone.
    if (state) await keepOrClose(run, state);
    return { settings, data, run, backend, from: state };
  } catch (error) {
    await backend.close();
    throw error;
  }
}

/** Places of the images that a machine kept back, where it learned the same data; undefined where all may be kept back. */
async function keptBackBy(
  machine: LoadedNetwork,
  settings: TrainingSettings,
  places: DataPlaces | undefined,
): Promise<readonly number[] | undefined> {
  const split = (await loadLearned(machine, settings, places))?.split;
  return split && (split.heldOutFrom === "training" ? split.heldOut : []);
}

/** Keeps what a run begins with; where that fails, the run is closed. */
async function keepOrClose(run: RunFolder, state: Checkpoint): Promise<void> {
  try {
    await run.writeCheckpoint(state);
  } catch (error) {
    await run.close();
    throw error;
  }
}

/** How a training goes on. */
export interface Continuation {
  /** Opens what computes it, by what computed it before: on the same backend it goes on bit for bit. */
  open(
    before: Pick<ComputedBy, "backend" | "threads">,
    settings: TrainingSettings,
  ): Promise<NamedBackend>;
  /** The update of a checkpoint; the latest unless given. */
  readonly from?: number | undefined;
  /** Settings that change from here on. */
  readonly set?: GivenSettings | undefined;
  /** Whether other data than those that it began with are accepted. */
  readonly changedData?: boolean | undefined;
  /** Packages and platform with their versions, for the manifest. */
  readonly versions: Manifest["versions"];
  /** The program that goes on with it. */
  readonly origin?: Origin | undefined;
  /** Where data are that have a name and no path. */
  readonly places?: DataPlaces | undefined;
}

/**
 * Opens a training to go on with, on the data and with the settings that it began with unless others are named, which
 * its manifest then says. A run without a checkpoint begins anew.
 *
 * @throws not-found, bad-file, in-use; invalid-value, for settings that cannot change or that somebody changed in
 *   config.yaml, and for a training that diverged with settings that stay; what `loadRunData` and `open` throw
 *   (wrong-length, not-finite, unsupported, exists, unavailable, aborted)
 */
export async function resumeTraining(
  path: string,
  { open, from: update, set = {}, changedData: changed, places, ...by }: Continuation,
): Promise<OpenedTraining> {
  const run = await openRun(path);
  await run.lock();
  let backend: Backend | undefined;
  try {
    const isNew = update === undefined && (await run.checkpoints()).length === 0;
    const at = isNew ? 0 : checkpointUpdate(basename(await run.checkpointFile(update)))!;
    const change = changeSettings(await run.readSettings(set), set, at);
    const { settings } = change;
    planOf(settings);
    const data = await loadRunData(run, settings, { ...places, changed });
    requireHeldOut(settings, data);
    const before = await run.readManifest();
    const { updates: _, ...others } = change.changed;
    if (before.state === "diverged" && Object.keys(others).length === 0) throw divergedBefore(path);
    const opened = await open(before, settings);
    backend = opened.backend;
    if (isNew && settings.from !== undefined) {
      throw new LangevinError(
        "bad-file",
        `The run ${path} has no checkpoint of the machine that it begins with, ${settings.from}.`,
        "Begin it again with --overwrite.",
      );
    }
    if (isNew) await run.beginAnew();
    const from = isNew ? undefined : await run.resume(update);
    const { sha256, heldOutSha256 } = data;
    const { sha256: learned, heldOutSha256: keptBack = heldOutSha256 } = before.data;
    await run.updateManifest({
      ...computedBy(backend, opened.name),
      data: { ...before.data, source: data.training.source, sha256, heldOutSha256 },
    });
    const resumption = {
      ...by.origin,
      at: new Date().toISOString(),
      update: at,
      backend: opened.name,
      versions: by.versions,
      changed: Object.keys(change.changed).length > 0 ? change.changed : undefined,
      data: sha256 === learned ? undefined : ([learned, sha256] as const),
      heldOut: heldOutSha256 === keptBack ? undefined : ([keptBack, heldOutSha256] as const),
    };
    await run.noteResumption(resumption, set);
    return { settings, data, run, backend, from };
  } catch (error) {
    await backend?.close();
    await run.close();
    throw error;
  }
}

/** The failure of a diverged training that would take the same steps again. */
const divergedBefore = (path: string): LangevinError =>
  new LangevinError(
    "invalid-value",
    `The training of ${path} diverged, and with the same settings it would do so again.`,
    "Change some from here on: set rate or step-size to less.",
  );

/**
 * Refuses evaluations along a training that keeps no images back for them.
 *
 * @throws invalid-value
 */
function requireHeldOut(settings: TrainingSettings, { heldOut }: TrainingData<DataSet>): void {
  if (settings["evaluate-every"] === 0 || heldOut.count >= 2) return;
  throw new LangevinError(
    "invalid-value",
    `Evaluations along the training need at least 2 images that were kept back, but ${heldOut.count} were.`,
    "Keep more with held-out, or leave evaluate-every out.",
  );
}
