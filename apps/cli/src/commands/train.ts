// `nlm train`: learn images, with every setting in the field's words.
import { LangevinError } from "@neural-langevin/core";
import { isImageSet } from "@neural-langevin/datasets";
import { completeSettings, type TrainingSettings } from "@neural-langevin/runs";
import { readSettingsFile } from "@neural-langevin/runs/node";
import type { Command } from "commander";
import { drawTrainingCurve } from "../files/pictures.js";
import { openTraining, runTraining } from "../files/training-run.js";
import { addAmount, addDevice, addSettings, settingsOf } from "../options.js";
import type { Terminal } from "../terminal/terminal.js";
import { describeWarnings } from "../text/data.js";
import { formatDuration, formatNumber } from "../text/format.js";
import { ownName } from "../versions.js";

/** What a training may be told besides its settings. */
interface TrainOptions {
  readonly config: string | undefined;
  readonly out: string | undefined;
  readonly resume: string | undefined;
  readonly from: number | undefined;
  readonly overwrite: boolean;
  readonly backend: string | undefined;
  readonly threads: number | undefined;
  readonly settings: Partial<TrainingSettings>;
}

/** Trains a machine into a run folder. */
async function trainCommand(terminal: Terminal, options: TrainOptions): Promise<void> {
  const training = await openTraining(terminal, await readTraining(options), options);
  const { settings, data, run } = training;
  await using _backend = training.backend;
  await using _run = run;
  const { training: learned } = data;
  terminal.print(
    `${data.units} units, ${learned.count} ${isImageSet(learned) ? "images" : "samples"} of ${learned.source}, ` +
      `${settings.chains} chains, ${settings["negative-phase"]}, into ${run.path}`,
  );
  for (const line of describeWarnings(learned, settings)) terminal.print(line);
  const resume = `${ownName()} train --resume ${run.path}`;
  const { seconds, flop } = await runTraining(terminal, training, resume);
  const curve = await drawTrainingCurve(run, "figures/training");
  const checkpoint = await run.checkpointFile();
  const last = run.metrics.at(-1)!;
  terminal.result(
    { run: run.path, checkpoint, curve, seconds, flop, ...last },
    [
      `Trained ${settings.updates} updates in ${formatDuration(seconds)}: energy ` +
        `${formatNumber(last.dataEnergy ?? Number.NaN)} of data, ` +
        `${formatNumber(last.chainEnergy ?? Number.NaN)} of chains.`,
      `  checkpoint  ${checkpoint}`,
      `  curve       ${curve}`,
      `Sample it with: ${ownName()} sample ${run.path}`,
    ].join("\n"),
  );
}

/** The run to go on with, or a new one: defaults, overridden by the YAML file, overridden by flags. */
async function readTraining(options: TrainOptions) {
  const { config, resume, from, overwrite, out } = options;
  if (resume === undefined) {
    if (from !== undefined) throw unused("--from", "names a checkpoint of a run that goes on");
    const fromFile = config === undefined ? {} : await readSettingsFile(config);
    const settings = completeSettings({ ...fromFile, ...options.settings });
    return { settings, out: out ?? "runs/train", overwrite };
  }
  if (out !== undefined) throw unused("--out", "names a new run, and --resume goes on with one");
  if (overwrite) throw unused("--overwrite", "begins anew, and --resume goes on");
  if (config !== undefined || Object.keys(options.settings).length > 0) {
    throw new LangevinError(
      "invalid-value",
      "A run that goes on keeps its settings.",
      "Leave the other settings out, or begin a new run.",
    );
  }
  return { resume, from };
}

const unused = (flag: string, why: string) =>
  new LangevinError("invalid-value", `${flag} ${why}.`, "Leave one of them out.");

/** Adds the command to the program. */
export function defineTrain(program: Command, terminal: Terminal): void {
  const training = program
    .command("train")
    .description("learn images, or any other numbers, into a run folder")
    .option("--config <file>", "settings as YAML; flags override them")
    .option("--out <folder>", "folder of the run (default: runs/train)")
    .option("--resume <run>", "go on with an interrupted run")
    .option("--overwrite", "replace an existing run; other files in its folder are kept", false);
  addAmount(
    training,
    "--from",
    "count",
    0,
    "with --resume: go on from this update's checkpoint (default: the last)",
  );
  addSettings(training);
  addDevice(training);
  training
    .addHelpText(
      "after",
      `
Examples:
  nlm train --labels 1,3,6 --images 10000 --dt 0.05 --rate 1e-3
  nlm train --data photos/ --negative-phase rdm-100 --out runs/photos
  nlm train --data rates.csv --encoding z-score --out runs/rates
  nlm train --config settings.yaml --updates 5000
  nlm train --resume runs/train`,
    )
    .action(({ config, out, resume, from, overwrite, backend, threads, ...rest }) => {
      const settings = settingsOf(rest);
      return trainCommand(terminal, {
        config,
        out,
        resume,
        from,
        overwrite,
        backend,
        threads,
        settings,
      });
    });
}
