// A training in a run folder: progress on the terminal, metrics and checkpoints on disk, and a way to go
// on after Ctrl-C.
import {
  type Backend,
  isLangevinError,
  isTrainingDivergence,
  LangevinError,
  randomNetwork,
  readTrainingState,
  type TrainingReport,
  type TrainingState,
  train,
  writeTrainingState,
} from "@neural-langevin/core";
import type { Manifest, RunFolder } from "@neural-langevin/runs/node";
import { type Opened, openNamed } from "./backends.js";
import type { Data } from "./data.js";
import { Progress } from "./progress.js";
import { negativePhaseOf, type TrainingConfig } from "./settings.js";
import { readable, type Terminal } from "./terminal.js";
import { versions } from "./versions.js";

const now = (): string => new Date().toISOString();

/** What computes, as a manifest says it: the full name opens the same backend again. */
export const computedBy = (name: string, backend: Backend) => ({
  backend: name,
  device: [backend.device.label, ...backend.device.details].join(", "),
  threads: backend.device.threads,
});

/** Something on disk that says what computed it. */
interface Computed {
  readManifest(): Promise<{ readonly backend: string; readonly threads: number }>;
  updateManifest(patch: ReturnType<typeof computedBy>): Promise<void>;
}

/**
 * Opens the backend that a run began on, with as many threads, so that it goes on bit for bit; or the one that is
 * named, which is said and written down.
 *
 * @throws unavailable, when the run's own backend is not here
 */
export async function reopenBackend(
  terminal: Terminal,
  run: Computed,
  named: { readonly backend?: string; readonly threads?: number },
): Promise<Opened> {
  const { backend: own, threads: before } = await run.readManifest();
  const opened = await openNamed(named.backend ?? own, named.threads ?? before).catch((error) => {
    if (named.backend !== undefined || error?.code !== "unavailable") throw error;
    throw new LangevinError(
      "unavailable",
      `The run began on ${own}, which is not available here: ${error.message}`,
      "Say --backend ID to go on with another one; from there on results differ in rounding.",
    );
  });
  const { name, backend } = opened;
  // Runs from before modes were written down name the backend alone.
  if (own.includes(":") && name !== own) {
    terminal.say(`The run began on ${own} and goes on with ${name}: from here on bits differ.`);
  }
  await run.updateManifest(computedBy(name, backend));
  return opened;
}

/** The manifest of a run that begins. */
export function newManifest(
  name: string,
  backend: Backend,
  config: TrainingConfig,
  data: Data,
): Manifest {
  const { training } = data;
  return {
    state: "running",
    versions: versions(),
    ...computedBy(name, backend),
    seed: config.seed,
    data: {
      source: training.source,
      sha256: data.sha256,
      width: training.width,
      height: training.height,
    },
    started: now(),
    changed: now(),
  };
}

/** What a training came to. */
export interface TrainingOutcome {
  readonly state: TrainingState;
  readonly seconds: number;
  readonly flop: number;
}

/**
 * Trains from the beginning, or from a saved state, to the last update of the config.
 *
 * @param work.resume the command that goes on after an interruption, for people
 * @param work.keep further updates at which a checkpoint is kept
 * @throws aborted after Ctrl-C, with a checkpoint written; diverged; what the backend throws
 */
export async function runTraining(
  terminal: Terminal,
  work: {
    backend: Backend;
    config: TrainingConfig;
    data: Data;
    run: RunFolder;
    from: TrainingState | undefined;
    resume: string;
    keep?: readonly number[];
  },
): Promise<TrainingOutcome> {
  const { backend, config, data, run, from, keep = [] } = work;
  if (from && from.update >= config.updates) return { state: from, seconds: 0, flop: 0 };
  const { units } = data;
  const { chains, seed, gain } = config;
  const batch = Math.min(config.batch, data.training.count);
  const session = await backend.open({ units, chains, batch, seed });
  if (from) writeTrainingState(session, from);
  else {
    const network = randomNetwork({ units, gain, seed });
    session.write("couplings", network.couplings);
    session.write("bias", network.bias);
  }
  const plan = {
    updates: config.updates,
    negativePhase: negativePhaseOf(config),
    temperature: config.temperature,
    dt: config["step-size"],
    integrator: config.integrator,
    optimizer: { kind: config.optimizer },
    learningRate: config.rate,
    schedule: { kind: config.schedule, warmUp: config["warm-up"] },
    decay: config.decay,
  };
  const first = from?.update ?? 0;
  const progress = new Progress(terminal, "Training", "updates", first, config.updates);
  const reportEvery = Math.min(20, Math.max(1, Math.floor(config.updates / 100)));
  let last: TrainingReport | undefined;
  let saved = first;
  const save = async (state: Manifest["state"], update: number) => {
    const checkpoint = await run.writeCheckpoint(await readTrainingState(session, update));
    await run.updateManifest({ state, changed: now() });
    saved = update;
    return checkpoint;
  };
  try {
    const options = {
      from: first,
      reportEvery,
      reportAt: keep,
      signal: terminal.interrupted,
      now: () => performance.now(),
    };
    for await (const report of train(session, data.states, plan, options)) {
      last = report;
      const { seconds, flop, ...measures } = report;
      run.addMetrics(finiteOrNull(measures));
      progress.show(report.update, describeReport(report));
      const due = report.update - saved >= config["checkpoint-every"];
      if (due || keep.includes(report.update)) await save("running", report.update);
    }
    await save("finished", config.updates);
    const state = await readTrainingState(session, config.updates);
    return { state, seconds: last!.seconds, flop: last!.flop };
  } catch (error) {
    progress.leave();
    if (isTrainingDivergence(error)) {
      await save("diverged", error.state.update);
    } else if (isLangevinError(error) && error.code === "aborted" && last) {
      const checkpoint = await save("interrupted", last.update);
      throw new LangevinError(
        "aborted",
        `Stopped after update ${last.update}; the checkpoint is ${checkpoint}.`,
        `Go on with: ${work.resume}`,
      );
    }
    throw error;
  } finally {
    await session.close();
  }
}

const describeReport = (report: TrainingReport): string =>
  Number.isFinite(report.chainEnergy)
    ? `energy ${readable(report.dataEnergy)} data, ${readable(report.chainEnergy)} chains`
    : `energy ${readable(report.dataEnergy)}`;

function finiteOrNull<T extends { update: number }>(row: T) {
  const entries = Object.entries(row).map(([name, value]) => [
    name,
    Number.isFinite(value) ? value : null,
  ]);
  return Object.fromEntries(entries) as { update: number } & Record<string, number | null>;
}
