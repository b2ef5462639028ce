// A training in a run folder, as `nlm train` and `nlm demo` have it: opened, followed on the terminal, and stopped by
// Ctrl-C with a word on how to go on.
import { resolve } from "node:path";
import {
  type Backend,
  isLangevinError,
  LangevinError,
  readTrainingState,
  type TrainingState,
} from "@neural-langevin/core";
import {
  type ComputedBy,
  computedBy,
  newManifest,
  planOf,
  sessionOf,
  type TrainingData,
  type TrainingSettings,
  trainRun,
} from "@neural-langevin/runs";
import { createRun, openRun, type RunFolder } from "@neural-langevin/runs/node";
import { openBackend } from "../backends/default-backend.js";
import { type OpenedBackend, openNamed } from "../backends/table.js";
import { ProgressLine } from "../terminal/progress.js";
import type { Terminal } from "../terminal/terminal.js";
import { formatNumber } from "../text/format.js";
import { versions } from "../versions.js";
import { loadData, loadRunData } from "./data.js";

/** What computes, where a command names it. */
interface DeviceOptions {
  readonly backend?: string | undefined;
  readonly threads?: number | undefined;
}

/** Something on disk that says what computed it. */
interface Computed {
  readManifest(): Promise<Pick<ComputedBy, "backend" | "threads">>;
  updateManifest(patch: ComputedBy): Promise<void>;
}

/**
 * Opens the backend that a run began on, with as many threads, so that it goes on bit for bit; or the one that is
 * named, which the terminal and the manifest then say.
 *
 * @throws unavailable, when the run's own backend is not here
 */
export async function reopenBackend(
  terminal: Terminal,
  run: Computed,
  named: DeviceOptions,
): Promise<OpenedBackend> {
  const { backend: own, threads: before } = await run.readManifest();
  const opened = await openNamed(named.backend ?? own, named.threads ?? before).catch((error) => {
    if (named.backend !== undefined || !isLangevinError(error, "unavailable")) throw error;
    throw new LangevinError(
      "unavailable",
      `The run began on ${own}, which is not available here: ${error.message}`,
      "Say --backend ID to go on with another one; from there on results differ in rounding.",
    );
  });
  const { name, backend } = opened;
  // Runs from before modes were written down name the backend alone.
  if (own.includes(":") && name !== own) {
    terminal.print(`The run began on ${own} and goes on with ${name}: from here on bits differ.`);
  }
  await run.updateManifest(computedBy(backend, name));
  return opened;
}

/** A training that begins in a folder of its own. */
interface NewTraining {
  readonly settings: TrainingSettings;
  readonly out: string;
  readonly overwrite: boolean;
  /** The scale of a demo. */
  readonly scale?: string | undefined;
}

/** A training that is ready to run. */
export interface OpenedTraining {
  readonly settings: TrainingSettings;
  readonly data: TrainingData;
  readonly run: RunFolder;
  readonly backend: Backend;
  /** Where it goes on; undefined where it begins. */
  readonly from: TrainingState | undefined;
}

/**
 * Begins a training, or opens one to go on with, and opens what computes it, which the caller closes.
 *
 * @throws not-found, bad-file, exists, unavailable, and what `loadData` throws
 */
export async function openTraining(
  terminal: Terminal,
  training: NewTraining | { readonly resume: string; readonly from?: number | undefined },
  device: DeviceOptions,
): Promise<OpenedTraining> {
  if ("resume" in training) {
    const run = await openRun(training.resume);
    await run.lock();
    return goOn(terminal, run, training.from, device).catch(async (error) => {
      await run.close();
      throw error;
    });
  }
  const settings = kept(training.settings);
  // Settings that do not go together are refused before anything is written.
  planOf(settings);
  const data = await loadData(settings);
  const { name, backend } = await openBackend(terminal, device.backend, device.threads);
  try {
    const { out, overwrite, scale } = training;
    const manifest = newManifest({
      settings,
      data,
      computedBy: computedBy(backend, name),
      versions: versions(),
      scale,
    });
    const run = await createRun(out, { settings, manifest, split: data.split, overwrite });
    return { settings, data, run, backend, from: undefined };
  } catch (error) {
    await backend.close();
    throw error;
  }
}

/** Settings as a run keeps them: whole, so that no later command draws or finds other data. */
export const kept = (settings: TrainingSettings): TrainingSettings => ({
  ...settings,
  data: settings.data === "mnist" ? settings.data : resolve(settings.data),
  "split-seed": settings["split-seed"] ?? settings.seed,
});

/** Opens a training that goes on, from its latest checkpoint or a named one, on the data that it began with. */
async function goOn(
  terminal: Terminal,
  run: RunFolder,
  update: number | undefined,
  device: DeviceOptions,
): Promise<OpenedTraining> {
  const settings = await run.readSettings();
  planOf(settings);
  const data = await loadRunData(run, settings);
  const { backend } = await reopenBackend(terminal, run, device);
  try {
    if (update === undefined && (await run.checkpoints()).length === 0) {
      terminal.print(`The run ${run.path} has no checkpoint yet, so it begins anew from update 0.`);
      await run.beginAnew();
      return { settings, data, run, backend, from: undefined };
    }
    return { settings, data, run, backend, from: await run.resume(update) };
  } catch (error) {
    await backend.close();
    throw error;
  }
}

/** What a training came to. */
export interface TrainingOutcome {
  readonly state: TrainingState;
  readonly seconds: number;
  readonly flop: number;
}

/**
 * Trains from the beginning, or from a saved state, to the last update of the settings.
 *
 * @param work.resume the command that goes on after an interruption
 * @param work.checkpointAt further updates with a checkpoint
 * @throws aborted after Ctrl-C, with a checkpoint written; diverged; what the backend throws
 */
export async function runTraining(
  terminal: Terminal,
  work: OpenedTraining & {
    readonly resume: string;
    readonly checkpointAt?: readonly number[] | undefined;
  },
): Promise<TrainingOutcome> {
  const { backend, settings, data, run, from } = work;
  await using session = await backend.open(sessionOf(settings, data));
  const { updates } = settings;
  const first = from?.update ?? 0;
  const progress = new ProgressLine(terminal, "Training", "updates", first, updates);
  let last = { update: first, seconds: 0, flop: 0 };
  try {
    for await (const report of trainRun({
      session,
      settings,
      data,
      from,
      sink: run,
      checkpointAt: work.checkpointAt,
      signal: terminal.interrupted,
    })) {
      last = report;
      const { dataEnergy, chainEnergy } = report;
      const chains = Number.isFinite(chainEnergy) ? `, ${formatNumber(chainEnergy)} chains` : "";
      progress.show(report.update, `energy ${formatNumber(dataEnergy)} data${chains}`);
    }
  } catch (error) {
    if (!isLangevinError(error, "aborted")) throw error;
    throw new LangevinError(
      "aborted",
      `Stopped after update ${last.update}; the checkpoint is ${await run.checkpointFile()}.`,
      `Go on with: ${work.resume}`,
    );
  }
  // A training that was killed after its last checkpoint has nothing left to do but to say so.
  if (first >= updates) await run.setState("finished");
  const { seconds, flop } = last;
  return { state: await readTrainingState(session, last.update), seconds, flop };
}
