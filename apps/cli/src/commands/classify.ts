// `nlm classify`: the labels that a machine gives images.
import { shareEstimate } from "@neural-langevin/analysis";
import { nameOfLabel } from "@neural-langevin/datasets";
import { CLASSIFYING_STEPS, classify, dynamicsOf } from "@neural-langevin/runs";
import { commandRecord, imagesToClassify } from "@neural-langevin/runs/node";
import type { Command } from "commander";
import { openBackend } from "../backends/default-backend.js";
import { mnistPlace } from "../files/mnist.js";
import { openMachine } from "../files/open-machine.js";
import { addAmount, addCheckpoint, addDevice, MACHINE, refusal } from "../options.js";
import { workOn } from "../terminal/progress.js";
import type { Terminal } from "../terminal/terminal.js";
import { alignTable, formatEstimate } from "../text/format.js";
import { caller } from "../versions.js";

interface ClassifyOptions {
  readonly checkpoint: number | undefined;
  readonly data: string | undefined;
  readonly steps: number;
  readonly seed: number | undefined;
  readonly backend: string | undefined;
  readonly threads: number | undefined;
}

/** Pins the pixels of images, lets the label units run free, and reads them. */
async function classifyCommand(
  terminal: Terminal,
  path: string,
  files: readonly string[],
  options: ClassifyOptions,
): Promise<void> {
  const { data, steps } = options;
  if (files.length > 0 && data !== undefined) {
    throw refusal("Files of images and --data are both given");
  }
  const machine = await openMachine(terminal, path, options.checkpoint);
  const { file, settings } = machine;
  const images = await imagesToClassify(machine, { files, data }, mnistPlace());
  const { states, names, labels, source } = images;
  const opened = await openBackend(terminal, options.backend, options.threads);
  await using backend = opened.backend;
  const { seed = settings.seed } = options;
  const dynamics = dynamicsOf(machine, { steps });
  const plan = { states, seed, dynamics };
  const named = await classify(backend, machine, plan, workOn(terminal));
  const right = labels && named.filter((label, image) => label === labels[image]).length;
  const accuracy = labels && shareEstimate(right!, named.length);
  terminal.result(
    {
      ...(await commandRecord(machine, opened, dynamics, seed, await caller())),
      source,
      images: named.length,
      labels: [...named],
      names,
      accuracy,
    },
    [
      ...(names
        ? alignTable(
            names.map((name, image) => [
              name,
              nameOfLabel(named[image]!, machine.network.labelUnits!),
            ]),
          )
        : []),
      ...(accuracy
        ? [
            `${file} classifies ${formatEstimate(accuracy)} of ${named.length} images of ${source} correctly.`,
          ]
        : []),
    ].join("\n"),
  );
}

/** Adds the command to the program. */
export function defineClassify(program: Command, terminal: Terminal): void {
  const command = program
    .command("classify")
    .description("classify images with a machine that has learned labels")
    .argument("<machine>", MACHINE)
    .argument("[images...]", "PNG or NPY files of the machine's size")
    .option("--data <source>", "labelled images (default: those that the run kept back)");
  addCheckpoint(command);
  addAmount(command, "--steps", "count", 1, "steps before labels are read", CLASSIFYING_STEPS);
  addAmount(command, "--seed", "count", 0, "seed of the noise (default: the run's)");
  addDevice(command);
  command
    .addHelpText(
      "after",
      `
Pins the pixels, lets the label units run free, and reads the label whose units fire most.

Examples:
  nlm classify runs/demo
  nlm classify runs/demo digit.png another.png
  nlm classify runs/demo --data t10k-images-idx3-ubyte --json`,
    )
    .action((machine: string, images: string[], options) =>
      classifyCommand(terminal, machine, images, options),
    );
}
