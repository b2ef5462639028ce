// `nlm train`: learn images, with every setting in the field's words.
import { LangevinError } from "@neural-langevin/core";
import { createRun, openRun, readConfig } from "@neural-langevin/runs/node";
import type { Command } from "commander";
import { loadData } from "../data.js";
import { openBackend } from "../default-backend.js";
import { readRunConfig } from "../machine.js";
import { addDevice, addSettings, pick, settingsOf } from "../options.js";
import { drawTrainingCurve } from "../pictures.js";
import { completeSettings, readSettings, type TrainingConfig } from "../settings.js";
import { clock, ownName, readable, type Terminal } from "../terminal.js";
import { newManifest, reopenBackend, runTraining } from "../training.js";

/** What a training may be told besides its settings. */
interface TrainOptions {
  readonly config?: string;
  readonly out?: string;
  readonly resume?: string;
  readonly overwrite: boolean;
  readonly backend?: string;
  readonly threads?: number;
  readonly settings: Partial<TrainingConfig>;
}

/** Trains a machine into a run folder. */
async function trainCommand(terminal: Terminal, options: TrainOptions): Promise<void> {
  const resumed = options.resume !== undefined ? await openRun(options.resume) : undefined;
  if (resumed && (options.config !== undefined || Object.keys(options.settings).length > 0)) {
    throw new LangevinError(
      "invalid-value",
      "A run that goes on keeps its settings.",
      "Leave the other settings out, or begin a new run.",
    );
  }
  const config = resumed ? await readRunConfig(resumed) : await resolve(options);
  const data = await loadData(config);
  const { name, backend } = resumed
    ? await reopenBackend(terminal, resumed, options)
    : await openBackend(terminal, options.backend, options.threads);
  try {
    const run =
      resumed ??
      (await createRun(options.out ?? "runs/train", {
        config,
        manifest: newManifest(name, backend, config, data),
        overwrite: options.overwrite,
      }));
    terminal.say(
      `${data.units} units, ${data.training.count} images of ${data.training.source}, ` +
        `${config.chains} chains, ${config["negative-phase"]}, into ${run.path}`,
    );
    const from = resumed ? await resumed.resume() : undefined;
    const resume = `${ownName()} train --resume ${run.path}`;
    const outcome = await runTraining(terminal, { backend, config, data, run, from, resume });
    const curve = await drawTrainingCurve(run, "figures/training");
    const checkpoint = await run.checkpointFile();
    const last = run.metrics.at(-1)!;
    const { seconds, flop } = outcome;
    terminal.result(
      { run: run.path, checkpoint, curve, seconds, flop, ...last },
      [
        `Trained ${config.updates} updates in ${clock(seconds)}: energy ` +
          `${readable(last.dataEnergy ?? Number.NaN)} of data, ` +
          `${readable(last.chainEnergy ?? Number.NaN)} of chains.`,
        `  checkpoint  ${checkpoint}`,
        `  curve       ${curve}`,
        `Sample it with: ${ownName()} sample ${run.path}`,
      ].join("\n"),
    );
  } finally {
    await backend.close();
  }
}

/** Defaults, overridden by the YAML file, overridden by flags. */
async function resolve(options: TrainOptions): Promise<TrainingConfig> {
  const { config: file } = options;
  const fromFile =
    file === undefined ? {} : readSettings(await readConfig(file), (name) => `${file}: ${name}`);
  return completeSettings({ ...fromFile, ...options.settings });
}

/** Adds the command to the program. */
export function defineTrain(program: Command, terminal: Terminal): void {
  const training = program
    .command("train")
    .description("learn images into a run folder")
    .option("--config <file>", "settings as YAML; flags override them")
    .option("--out <folder>", "where the run is written (default: runs/train)")
    .option("--resume <run>", "go on with an interrupted run")
    .option("--overwrite", "replace a run that is there", false);
  addSettings(training);
  addDevice(training);
  training
    .addHelpText(
      "after",
      `
Examples:
  nlm train --labels 1,3,6 --images 10000 --dt 0.05 --rate 1e-3
  nlm train --data photos/ --negative-phase rdm-100 --out runs/photos
  nlm train --config settings.yaml --updates 5000
  nlm train --resume runs/train`,
    )
    .action(async ({ config, out, resume, overwrite, backend, threads, ...rest }) => {
      const given = settingsOf(rest);
      await trainCommand(terminal, {
        ...pick({ config, out, resume, backend, threads }),
        overwrite,
        settings: given,
      });
    });
}
