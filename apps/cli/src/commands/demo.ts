// `nlm demo`: train on MNIST with its labels, then show what the machine makes when it is asked for a digit, when it
// dreams freely, when it is given half a digit, and what it says of digits that it never saw.
import { shellWord } from "@neural-langevin/backend-ranks/node";
import { isLangevinError, LangevinError } from "@neural-langevin/core";
import { demoSettings, publishedDemo } from "@neural-langevin/experiments";
import { type FinishedDemo, finishDemo } from "@neural-langevin/experiments/node";
import { renderPng } from "@neural-langevin/figures/node";
import { completeSettings, type TrainingSettings } from "@neural-langevin/runs";
import { nextFreePath, type OpenedTraining, openRun } from "@neural-langevin/runs/node";
import { type Command, Option } from "commander";
import { openTraining, runTraining } from "../files/training-run.js";
import { addDevice, addSettings, settingsOf } from "../options.js";
import { workOn } from "../terminal/progress.js";
import type { Terminal } from "../terminal/terminal.js";
import { describeDigits, digitLegend } from "../text/digits.js";
import { formatDuration, formatEstimate } from "../text/format.js";
import { ownName } from "../versions.js";

/** Size of the demo: seconds, or the published setting. */
type Scale = "quick" | "paper";

/** What the demo may be told. */
interface DemoOptions {
  readonly scale: Scale;
  readonly out: string | undefined;
  readonly resume: string | undefined;
  readonly overwrite: boolean;
  readonly backend: string | undefined;
  readonly threads: number | undefined;
  readonly settings: Partial<TrainingSettings>;
}

/** Runs the demo. */
async function demo(terminal: Terminal, options: DemoOptions): Promise<void> {
  const began = performance.now();
  const scale = options.resume === undefined ? options.scale : await scaleOf(options.resume);
  const training = await openTraining(terminal, await readTraining(options), options);
  await using _backend = training.backend;
  await using _run = training.run;
  introduce(terminal, training);
  const resume = `${ownName()} demo --resume ${shellWord(training.run.path)}`;
  const outcome = await runTraining(terminal, training, { resume });
  try {
    const done = { ...training, scale, outcome, began };
    const finished = await finishDemo(done, renderPng, workOn(terminal));
    terminal.result(finished.summary, describe(finished, training));
  } catch (error) {
    if (!isLangevinError(error, "aborted")) throw error;
    throw new LangevinError("aborted", error.message, `Go on with: ${resume}`);
  }
}

/** The demo to go on with, or a new one. */
async function readTraining({ scale, out, resume, overwrite, settings }: DemoOptions) {
  if (resume !== undefined) return { resume };
  const stem = scale === "quick" ? "runs/demo" : "runs/demo-paper";
  const own = scale === "quick" ? demoSettings(settings.labels) : publishedDemo.settings;
  return {
    settings: completeSettings({ ...own, ...settings }),
    out: out ?? (await nextFreePath(stem)),
    overwrite,
    scale,
  };
}

/** The scale of the demo in a run folder. */
async function scaleOf(path: string): Promise<Scale> {
  const { scale } = await (await openRun(path)).readManifest();
  if (scale === "quick" || scale === "paper") return scale;
  throw new LangevinError(
    "invalid-value",
    `The run ${path} is not a demo.`,
    `Go on with: ${ownName()} train --resume ${shellWord(path)}`,
  );
}

function introduce(terminal: Terminal, { backend, settings, data, run }: OpenedTraining): void {
  const { device } = backend;
  const { training, labelUnits } = data;
  const digits = settings.labels ? `, digits ${settings.labels.join(", ")}` : "";
  const units = labelUnits
    ? `${data.units} units (${data.pixels} pixels, ${data.units - data.pixels} for labels)`
    : `${data.units} units`;
  terminal.print(`A neural Langevin machine of ${units} learns`);
  terminal.print(`${training.count} images of ${training.source}${digits}.`);
  terminal.print(`  on    ${device.label}`);
  for (const detail of device.details) terminal.print(`        ${detail}`);
  terminal.print(`  into  ${run.path}\n`);
}

/** What the machine makes of it, in words. */
function describe({ measures, files, seconds }: FinishedDemo, { data }: OpenedTraining): string {
  const { asked, free, accuracy, classMeans } = measures;
  const lines = [
    "",
    ...(asked
      ? [`Asked for ${data.labelUnits!.labels.join(", ")} (${asked.images} images, equally many)`]
      : []),
    ...(asked ? describeDigits(asked, 80) : []),
    `${asked ? "Dreamt freely" : "Generated"} (${free.images} images)`,
    ...describeDigits(free, 80),
    ...(accuracy
      ? [
          `Correctly classifies ${formatEstimate(accuracy)} of ${data.heldOut.count} digits that it never saw`,
        ]
      : []),
    "For comparison, without a machine: the mean image of every digit, with noise",
    ...describeDigits(classMeans, 80),
    digitLegend(80),
    "",
    `  pictures    ${files.grid}`,
    `  images      ${files.images}`,
    `  curve       ${files.curve}`,
    `  machine     ${files.checkpoint}`,
    `  summary     ${files.summary}`,
    "",
    `Done in ${formatDuration(seconds.total)}, of which ${formatDuration(seconds.training)} were training.`,
  ];
  return lines.join("\n");
}

/** Adds the command to the program. */
export function defineDemo(program: Command, terminal: Terminal): void {
  const demoCommand = program
    .command("demo")
    .description(
      "train on MNIST, then draw digits on request, generate freely, complete halves and classify",
    )
    .addOption(
      new Option("--scale <name>", "a few minutes, or the published setting")
        .choices(["quick", "paper"])
        .default("quick"),
    )
    .option("--out <folder>", "folder of the run (default: runs/demo, or the next free name)")
    .option("--resume <run>", "go on with an interrupted demo")
    .option("--overwrite", "replace an existing run", false)
    .option("--labels <list>", "digits to learn, such as 1,3,6 (default: all)")
    .option("--no-label-units", "learn images without their labels");
  addSettings(demoCommand, ["updates", "seed"]);
  addDevice(demoCommand);
  demoCommand
    .addHelpText(
      "after",
      `
Examples:
  nlm demo
  nlm demo --seed 7 --out runs/seven
  nlm demo --labels 1,3,6 --no-label-units  the paper's digits, without labels
  nlm demo --scale paper                    the published PCD-10; hours to days
  nlm demo --resume runs/demo-paper`,
    )
    .action(({ scale, out, resume, overwrite, backend, threads, labelUnits, ...rest }) => {
      const without = labelUnits ? {} : { labelUnits: 0, labelKinds: 1 };
      const settings = settingsOf({ ...rest, ...without });
      return demo(terminal, { scale, out, resume, overwrite, backend, threads, settings });
    });
}
