// A training in a run folder, begun or gone on with: its data as it learns them, and what computes it.
import type { Backend, TrainingState } from "@neural-langevin/core";
import type { DataSet } from "@neural-langevin/datasets";
import { type DataPlaces, keptSettings, loadData, loadRunData } from "./load-data.js";
import { planOf } from "./plan.js";
import { type ComputedBy, computedBy, type Manifest, newManifest } from "./provenance.js";
import { createRun, openRun, type RunFolder } from "./run-folder.js";
import type { TrainingSettings } from "./settings.js";
import type { TrainingData } from "./training-data.js";

/** A backend, and the full name with which the same one is opened again. */
export interface NamedBackend {
  readonly name: string;
  readonly backend: Backend;
}

/** A training that is ready to run, with the run locked; the caller closes the run and the backend. */
export interface OpenedTraining {
  readonly settings: TrainingSettings;
  readonly data: TrainingData<DataSet>;
  readonly run: RunFolder;
  readonly backend: Backend;
  /** Where it goes on; undefined where it begins. */
  readonly from: TrainingState | undefined;
}

/** A training that begins in a folder of its own. */
export interface NewTraining {
  readonly settings: TrainingSettings;
  /** Packages and platform with their versions, for the manifest. */
  readonly versions: Manifest["versions"];
  /** Opens what computes it, once settings and data are known to be sound. */
  open(): Promise<NamedBackend>;
  readonly overwrite?: boolean | undefined;
  /** The scale of a demo. */
  readonly scale?: string | undefined;
  /** Where data are that have a name and no path. */
  readonly places?: DataPlaces | undefined;
}

/**
 * Begins a training. Settings and data that do not go together are refused before anything is written.
 *
 * @throws exists, in-use, and what `loadData` and `open` throw
 */
export async function beginTraining(path: string, begin: NewTraining): Promise<OpenedTraining> {
  const { versions, overwrite, scale } = begin;
  const settings = keptSettings(begin.settings);
  planOf(settings);
  const data = await loadData(settings, begin.places);
  const { name, backend } = await begin.open();
  try {
    const computed = computedBy(backend, name);
    const manifest = newManifest({ settings, data, computedBy: computed, versions, scale });
    const run = await createRun(path, { settings, manifest, split: data.split, overwrite });
    return { settings, data, run, backend, from: undefined };
  } catch (error) {
    await backend.close();
    throw error;
  }
}

/** How a training goes on. */
export interface Continuation {
  /** Opens what computes it, by what computed it before: on the same backend it goes on bit for bit. */
  open(before: Pick<ComputedBy, "backend" | "threads">): Promise<NamedBackend>;
  /** The update of a checkpoint; the latest unless given. */
  readonly from?: number | undefined;
  readonly places?: DataPlaces | undefined;
}

/**
 * Opens a training to go on with, on the data that it began with. A run without a checkpoint begins anew.
 *
 * @throws not-found, bad-file, in-use, and what `loadRunData` and `open` throw
 */
export async function resumeTraining(
  path: string,
  { open, from: update, places }: Continuation,
): Promise<OpenedTraining> {
  const run = await openRun(path);
  await run.lock();
  let backend: Backend | undefined;
  try {
    const settings = await run.readSettings();
    planOf(settings);
    const data = await loadRunData(run, settings, places);
    const opened = await open(await run.readManifest());
    backend = opened.backend;
    await run.updateManifest(computedBy(backend, opened.name));
    const isNew = update === undefined && (await run.checkpoints()).length === 0;
    if (isNew) await run.beginAnew();
    const from = isNew ? undefined : await run.resume(update);
    return { settings, data, run, backend, from };
  } catch (error) {
    await backend?.close();
    await run.close();
    throw error;
  }
}
