// A training as `nlm train` and `nlm demo` have it: its backend opened by name, followed on the terminal, and stopped by
// Ctrl-C with a word on how to go on.
import { isLangevinError, LangevinError } from "@neural-langevin/core";
import { heldOutEvaluation } from "@neural-langevin/experiments";
import { hasTensorBoardLog, TensorBoardLog } from "@neural-langevin/experiments/node";
import { type ComputedBy, sessionOf, type TrainingSettings, trainRun } from "@neural-langevin/runs";
import {
  beginTraining,
  type Continuation,
  type LoadedNetwork,
  type NamedBackend,
  type OpenedTraining,
  resumeTraining,
} from "@neural-langevin/runs/node";
import { type DeviceOptions, openDevice, spread } from "../backends/job.js";
import { openNamed } from "../backends/table.js";
import { progressLine, workOn } from "../terminal/progress.js";
import type { Terminal } from "../terminal/terminal.js";
import { describeEvaluationRow } from "../text/evaluation.js";
import { formatEstimate } from "../text/format.js";
import { caller } from "../versions.js";
import { mnistPlace } from "./mnist.js";

/**
 * Opens the backend that a run began on, with as many threads, so that it goes on bit for bit; or the one that is
 * named, which the terminal then says.
 *
 * @throws unavailable, when the run's own backend is not here
 */
export async function reopenBackend(
  terminal: Terminal,
  before: Pick<ComputedBy, "backend" | "threads">,
  named: DeviceOptions,
): Promise<NamedBackend> {
  const own = before.backend;
  const wanted = openNamed(named.backend ?? own, named.threads ?? before.threads);
  const opened = await wanted.catch((error) => {
    if (named.backend !== undefined || !isLangevinError(error, "unavailable")) throw error;
    throw new LangevinError(
      "unavailable",
      `The run began on ${own}, which is not available here: ${error.message}`,
      "Use --backend ID to go on with another one; results then differ by rounding.",
    );
  });
  // Runs from before modes were written down name the backend alone.
  if (own.includes(":") && opened.name !== own) {
    terminal.print(
      `The run began on ${own} and goes on with ${opened.name}: results differ by rounding from here on.`,
    );
  }
  return opened;
}

/** A training that begins in a folder of its own, or one that goes on. */
type TrainingPlace =
  | {
      readonly settings: TrainingSettings;
      readonly out: string;
      readonly overwrite: boolean;
      /** The machine that the setting `from` names. */
      readonly machine?: LoadedNetwork | undefined;
      /** The scale of a demo. */
      readonly scale?: string | undefined;
    }
  | ({ readonly resume: string } & Pick<Continuation, "from" | "set" | "changedData">);

/**
 * Begins a training, or opens one to go on with, and opens what computes it; the caller closes both.
 *
 * @throws what `beginTraining` and `resumeTraining` throw
 */
export async function openTraining(
  terminal: Terminal,
  training: TrainingPlace,
  device: DeviceOptions,
): Promise<OpenedTraining> {
  const { signal, onProgress } = workOn(terminal);
  // Reading takes a moment: it is worth a line that vanishes, and none that stays.
  const places = {
    ...mnistPlace(),
    signal,
    onProgress: terminal.interactive ? onProgress : undefined,
  };
  if ("resume" in training) {
    const opened = await resumeTraining(training.resume, {
      ...training,
      ...(await caller()),
      open: async (before, { shards }) =>
        spread(await reopenBackend(terminal, before, device), device, shards),
      places,
    });
    if (!opened.from) {
      const { path } = opened.run;
      terminal.print(`The run ${path} has no checkpoint yet, so it begins anew from update 0.`);
    }
    return opened;
  }
  return beginTraining(training.out, {
    ...training,
    ...(await caller()),
    open: () => openDevice(terminal, device, training.settings.shards),
    places,
  });
}

/** What a training came to. */
export interface TrainingOutcome {
  /** The last update that was made. */
  readonly update: number;
  /** Whether the time was over before the last update of the settings. */
  readonly timeOver: boolean;
  /** What it goes on from when the time was over; undefined where it was over before there was anything. */
  readonly checkpoint?: string | undefined;
  readonly seconds: number;
  readonly flop: number;
}

/** How a training is followed and when it stops. */
export interface TrainingCourse {
  /** The command that goes on after an interruption. */
  readonly resume: string;
  /** Seconds after which it stops with a checkpoint, counted from the start of this process; never unless given. */
  readonly timeLimit?: number | undefined;
  /** Whether it is written for TensorBoard, as it is where it was before. */
  readonly tensorboard?: boolean | undefined;
}

/**
 * Trains from the beginning, or from a saved state, to the last update of the settings.
 *
 * @throws aborted after Ctrl-C, with a checkpoint written unless it had not begun; diverged; what the backend throws
 */
export async function runTraining(
  terminal: Terminal,
  opened: OpenedTraining,
  {
    resume,
    timeLimit = Number.POSITIVE_INFINITY,
    tensorboard = hasTensorBoardLog(opened.run),
  }: TrainingCourse,
): Promise<TrainingOutcome> {
  const { backend, settings, data, run, from } = opened;
  await using session = await backend.open(sessionOf(settings, data));
  const { updates } = settings;
  const first = from?.update ?? 0;
  const show = progressLine(terminal, "Training", "updates", first, updates);
  const { interrupted } = terminal;
  const isOver = () => performance.now() > 1000 * timeLimit;
  const signal = {
    get aborted() {
      return interrupted.aborted || isOver();
    },
  };
  const evaluate = heldOutEvaluation(backend, data);
  const isLogged = tensorboard && first < updates;
  const sink = isLogged ? await TensorBoardLog.begin(opened, session) : run;
  const training = { session, backend, settings, data, from, sink, evaluate, signal };
  let last = { update: first, seconds: 0, flop: 0 };
  let told = run.evaluations.length;
  const tellEvaluations = () => {
    for (; told < run.evaluations.length; told++) {
      terminal.print(describeEvaluationRow(run.evaluations[told]!));
    }
  };
  try {
    for await (const report of trainRun(training)) {
      last = report;
      tellEvaluations();
      const { dataEnergy: value, dataEnergyError: standardError, chainEnergy } = report;
      const of = { value: chainEnergy, standardError: report.chainEnergyError };
      const chains = Number.isFinite(chainEnergy) ? `, ${formatEstimate(of)} chains` : "";
      const data = formatEstimate({ value, standardError });
      show(report.update, `energy ${data} data${chains}`);
    }
  } catch (error) {
    if (!isLangevinError(error, "aborted")) throw error;
    const isKept = (await run.checkpoints()).length > 0;
    const checkpoint = isKept ? await run.checkpointFile() : undefined;
    if (!interrupted.aborted) return { ...last, timeOver: true, checkpoint };
    const kept = checkpoint ? `the checkpoint is ${checkpoint}` : "there is no checkpoint yet";
    const sentence = `Stopped after update ${last.update}; ${kept}.`;
    throw new LangevinError("aborted", sentence, `Go on with: ${resume}`);
  }
  // A training that was killed after its last checkpoint has nothing left to do but to say so.
  if (first >= updates) await run.setState("finished");
  return { ...last, timeOver: false };
}
