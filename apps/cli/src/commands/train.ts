// `nlm train`: learn images, with every setting in the field's words.
import { shellWord } from "@neural-langevin/backend-ranks/node";
import { isImageSet } from "@neural-langevin/datasets";
import { TRIAL_UPDATES } from "@neural-langevin/experiments";
import { drawTrainingCurve } from "@neural-langevin/experiments/node";
import { renderPng } from "@neural-langevin/figures/node";
import {
  completeSettings,
  type EarlyStop,
  type GivenSettings,
  readSettings,
  readTimeLimit,
  requireEffect,
  type TrainingSettings,
  settings as trainingSettings,
} from "@neural-langevin/runs";
import { readSettingsFile, settingsOfMachine } from "@neural-langevin/runs/node";
import { type Command, Option } from "commander";
import { addRanks, type DeviceOptions, onRanks } from "../backends/job.js";
import { loadNamedMachine } from "../files/named-machine.js";
import { openTraining, runTraining } from "../files/training-run.js";
import { addDevice, addSettings, amount, readAssignment, refusal, settingsOf } from "../options.js";
import type { Terminal } from "../terminal/terminal.js";
import { describeData } from "../text/data.js";
import { describeColumn } from "../text/evaluation.js";
import { counted, formatDuration, formatNumber } from "../text/format.js";
import { ownName } from "../versions.js";
import { findRateCommand } from "./find-rate.js";

/** What a training may be told besides its settings. */
interface TrainOptions extends DeviceOptions {
  readonly config: string | undefined;
  readonly out: string | undefined;
  readonly resume: string | undefined;
  /** A machine to begin with; with `resume`, the update of a checkpoint. */
  readonly from: string | undefined;
  readonly overwrite: boolean;
  /** Settings that change from here on, with `resume`. */
  readonly set: GivenSettings;
  readonly changedData: boolean;
  /** Seconds after which it stops with a checkpoint. */
  readonly timeLimit: number | undefined;
  readonly tensorboard: boolean;
  /** Whether learning rates are tried, and no run is written. */
  readonly findRate: boolean;
  readonly settings: Partial<TrainingSettings>;
}

/** Trains a machine into a run folder. */
async function trainCommand(
  terminal: Terminal,
  options: TrainOptions,
  end: (status: number) => void,
): Promise<void> {
  const place = await readTraining(options);
  if (options.findRate) {
    if (!("settings" in place)) throw refusal("--find-rate tries trainings from scratch");
    const idle = ["rate", "schedule", "warm-up", "evaluate-every", "patience"] as const;
    const given =
      idle.find((name) => options.settings[name] !== undefined) ??
      (options.tensorboard ? "tensorboard" : options.timeLimit && "time-limit");
    if (given) throw refusal(`--${given} changes nothing in the short trainings of --find-rate`);
    return findRateCommand(terminal, place.settings, options);
  }
  const training = await openTraining(terminal, place, options);
  const { settings, data, run } = training;
  await using _backend = training.backend;
  await using _run = run;
  const { training: learned } = data;
  terminal.print(
    `${counted(data.units, "unit")}, ${counted(learned.count, isImageSet(learned) ? "image" : "sample")} of ${learned.source}, ` +
      `${counted(settings.chains, "chain")}, ${settings["negative-phase"]}, into ${run.path}`,
  );
  for (const line of describeData(learned, settings)) terminal.print(line);
  const resume = `${ownName()} train --resume ${shellWord(run.path)}`;
  const outcome = await runTraining(terminal, training, {
    resume,
    timeLimit: options.timeLimit,
    tensorboard: options.tensorboard || undefined,
  });
  const { update, seconds, flop } = outcome;
  if (outcome.timeOver) {
    const { checkpoint } = outcome;
    terminal.result(
      { run: run.path, checkpoint, state: "interrupted", update, seconds, flop, resume },
      [
        `The time limit was reached after update ${update} of ${settings.updates}.`,
        `  checkpoint  ${checkpoint ?? "none yet"}`,
        `Go on with: ${resume}`,
      ].join("\n"),
    );
    end(TIME_OVER);
    return;
  }
  const curve = await drawTrainingCurve(run, "figures/training", renderPng);
  const checkpoint = await run.checkpointFile();
  const last = run.metrics.at(-1)!;
  const { stopped } = await run.readManifest();
  terminal.result(
    { run: run.path, checkpoint, curve, seconds, flop, ...last, stopped },
    [
      ...(stopped ? describeStop(stopped, settings) : []),
      `Trained ${counted(update, "update")} in ${formatDuration(seconds)}: mean energy ` +
        `${describeColumn(last, "dataEnergy")} of data, ${describeColumn(last, "chainEnergy")} of chains.`,
      `  checkpoint  ${checkpoint}`,
      `  curve       ${curve}`,
      `Sample it with: ${ownName()} sample ${shellWord(run.path)}`,
    ].join("\n"),
  );
}

/** Why a training ended before its last update, and which machine was the best. */
const describeStop = ({ update, measure, best }: EarlyStop, { updates }: TrainingSettings) => [
  `Stopped after update ${update} of ${updates}: ${measure} was best at update ${best.update}, ` +
    `${formatNumber(best.value)}, whose checkpoint is kept (--checkpoint ${best.update}).`,
];

/** The exit status of work that should be queued again, by which batch systems requeue a job (EX_TEMPFAIL). */
const TIME_OVER = 75;

/** The run to go on with, or a new one: defaults, overridden by the YAML file, overridden by flags. */
async function readTraining(options: TrainOptions) {
  const { config, resume, from, overwrite, out, set, changedData, settings: given } = options;
  if (resume === undefined) {
    if (Object.keys(set).length > 0) throw refusal("--set only works with --resume", NO_RUN);
    if (changedData) throw refusal("--changed-data only works with --resume", NO_RUN);
    const fromFile = config === undefined ? {} : await readSettingsFile(config);
    // As many shards as ranks, unless the training is to be another's.
    const shards = options.job?.size;
    const asked = { ...fromFile, ...options.settings, from: from ?? fromFile.from };
    const machine = asked.from === undefined ? undefined : await loadNamedMachine(asked.from);
    const settings = completeSettings({
      shards,
      updates: options.findRate ? TRIAL_UPDATES : undefined,
      ...(machine && settingsOfMachine(machine)),
      ...asked,
    });
    // The measure that ends a training is also the one by which rates are compared.
    requireEffect(options.findRate ? { ...asked, "stop-on": undefined } : asked, settings);
    return { settings, machine, out: out ?? "runs/train", overwrite };
  }
  if (out !== undefined) throw refusal("--out names a new run, but --resume continues an old one");
  if (overwrite) throw refusal("--overwrite starts again, but --resume continues");
  const { updates, ...others } = given;
  const [name, value] = Object.entries(others)[0] ?? [];
  if (config !== undefined || name !== undefined) {
    const said = Array.isArray(value) ? value.join(",") : value;
    throw refusal(
      `A resumed run keeps its settings, so ${name ? `--${name}` : "--config"} cannot be given`,
      name ? `To change it from here on, use --set ${name}=${said}.` : "Leave it out.",
    );
  }
  const update = from === undefined ? undefined : amount("--from", "count", 0)(from);
  return { resume, from: update, changedData, set: { ...set, ...(updates && { updates }) } };
}

const NO_RUN = "Name the run with --resume, or leave it out.";

/** Adds the command to the program. */
export function defineTrain(
  program: Command,
  terminal: Terminal,
  end: (status: number) => void,
): void {
  const training = program
    .command("train")
    .description("learn images, or any other numbers, into a run folder")
    .option("--config <file>", "settings as YAML; flags override them")
    .option("--out <folder>", "folder of the run (default: runs/train)")
    .option("--resume <run>", "go on with an interrupted run")
    .option("--overwrite", "replace an existing run; other files in its folder are kept", false);
  addRanks(training)
    .option(
      "--from <machine>",
      "begin with J and b of a run, a file or zoo:NAME; with --resume: go on from this update's checkpoint",
    )
    .addOption(
      new Option(
        "--set <name=value>",
        "with --resume: change a setting from here on; may be repeated",
      ).argParser(readAssignment),
    )
    .option("--find-rate", "try growing learning rates for a few updates each; suggest one", false)
    .option("--changed-data", "with --resume: accept other images than the run began with", false)
    .addOption(
      new Option(
        "--time-limit <h:mm:ss>",
        "stop with a checkpoint after so long, and exit with 75",
      ).argParser(readTimeLimit),
    );
  training.option(
    "--tensorboard",
    "write event files for TensorBoard too; a resumed run continues its own",
    false,
  );
  addSettings(
    training,
    Object.keys(trainingSettings).filter((name) => name !== "from"),
  );
  addDevice(training);
  training
    .addHelpText(
      "after",
      `
Examples:
  nlm train --labels 1,3,6 --images 10000 --dt 0.05 --rate 1e-3
  nlm train --data photos/ --negative-phase rdm-100 --out runs/photos
  nlm train --data rates.csv --encoding z-score --out runs/rates
  nlm train --from runs/photos --data more-photos/ --rate 1e-4 --out runs/tuned
  nlm train --data rates.csv --encoding z-score --missing pin --find-rate
  nlm train --updates 20000 --evaluate-every 500 --patience 6 --stop-on E2
  nlm train --tensorboard --out runs/seen
  nlm train --config settings.yaml --updates 5000
  nlm train --resume runs/train
  nlm train --resume runs/train --updates 8000 --set rate=1e-4
  nlm train --resume runs/train --time-limit 2:55:00
  mpirun -n 4 nlm train --chains 4000 --batch 4000
  srun -n 4 nlm train --ranks --shards 8`,
    )
    .action(async ({ ranks, ...given }) => {
      // --from has another meaning beside --resume.
      const settings = settingsOf({ ...given, from: undefined });
      const set = readSettings(given.set ?? {}, (name) => `--set ${name}`);
      await onRanks(ranks, (job) => trainCommand(terminal, { ...given, set, settings, job }, end));
    });
}
