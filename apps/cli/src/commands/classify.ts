// `nlm classify`: the labels that a machine gives images.
import { shareEstimate } from "@neural-langevin/analysis";
import { LangevinError } from "@neural-langevin/core";
import {
  type DataSet,
  encodeAll,
  encodeImages,
  encodingOf,
  pickImages,
  shapeOf,
  sizeOf,
} from "@neural-langevin/datasets";
import { CLASSIFYING_STEPS, classify, requireLabelUnits } from "@neural-langevin/runs";
import { type LoadedNetwork, loadData, readImages } from "@neural-langevin/runs/node";
import type { Command } from "commander";
import { openBackend } from "../backends/default-backend.js";
import { namesOf, readImageFiles } from "../files/image-files.js";
import { mnistPlace } from "../files/mnist.js";
import { openMachine } from "../files/open-machine.js";
import { addAmount, addDevice } from "../options.js";
import { workOn } from "../terminal/progress.js";
import type { Terminal } from "../terminal/terminal.js";
import { withError } from "../text/digits.js";
import { alignTable } from "../text/format.js";

interface ClassifyOptions {
  readonly data: string | undefined;
  readonly steps: number;
  readonly seed: number | undefined;
  readonly backend: string | undefined;
  readonly threads: number | undefined;
}

/** Images to look at; `names` where they are shown one by one, `labels` where they are known. */
interface Looked {
  readonly states: Float32Array;
  readonly names: readonly string[] | undefined;
  readonly labels: Uint8Array | undefined;
  readonly source: string;
}

/** Pins the pixels of images, lets the label units run free, and reads them. */
async function classifyCommand(
  terminal: Terminal,
  path: string,
  images: readonly string[],
  options: ClassifyOptions,
): Promise<void> {
  const machine = await openMachine(terminal, path);
  const { network, file, settings } = machine;
  requireLabelUnits(network, [], path);
  const looked = await readLooked(path, machine, images, options.data);
  const { states, names, labels, source } = looked;
  const { backend } = await openBackend(terminal, options.backend, options.threads);
  await using _backend = backend;
  const { steps, seed = settings.seed } = options;
  const plan = { states, seed, dynamics: { steps } };
  const named = await classify(backend, machine, plan, workOn(terminal));
  const right = labels && named.filter((label, image) => label === labels[image]).length;
  const accuracy = labels && shareEstimate(right!, named.length);
  terminal.result(
    { machine: file, source, steps, images: named.length, labels: [...named], names, accuracy },
    [
      ...(names ? alignTable(names.map((name, image) => [name, `${named[image]}`])) : []),
      ...(accuracy
        ? [
            `${file} classifies ${withError(accuracy, 3)} of ${named.length} images of ${source} correctly.`,
          ]
        : []),
    ].join("\n"),
  );
}

/** The files that are named; else the labelled images of `--data`; else those that the run kept for evaluation. */
async function readLooked(
  path: string,
  { network, settings, image }: LoadedNetwork,
  files: readonly string[],
  data: string | undefined,
): Promise<Looked> {
  const { pixels, labels } = network.labelUnits!;
  const encoding = encodingOf(network.encoding);
  if (files.length > 0) {
    if (data !== undefined) {
      throw new LangevinError(
        "invalid-value",
        "Files of images and --data are both given.",
        "Leave one of them out.",
      );
    }
    const read = await readImageFiles(files, { machine: path, pixels, image });
    const names = namesOf(read);
    return { states: encodeAll(read, encoding), names, labels: undefined, source: "the files" };
  }
  const set: DataSet =
    data === undefined
      ? (await loadData({ ...settings, "label-units": 0 }, mnistPlace())).heldOut
      : withLabels(await readImages(data, mnistPlace()), labels);
  if (sizeOf(set) !== pixels || set.count === 0 || !set.labels) {
    throw new LangevinError(
      "invalid-value",
      `The machine ${path} classifies images of ${pixels} pixels by the labels ${labels.join(", ")}, but ${set.source} has ` +
        `${set.labels ? `${set.count} of ${shapeOf(set).join(" × ")}` : "no labels"}.`,
      "Name labelled images of this machine with --data, or files of images.",
    );
  }
  return {
    states: encodeImages(set, encoding),
    names: undefined,
    labels: set.labels,
    source: set.source,
  };
}

/** The images whose labels the machine knows. */
function withLabels(set: DataSet, labels: readonly number[]): DataSet {
  if (!set.labels) return set;
  return pickImages(
    set,
    [...set.labels.keys()].filter((image) => labels.includes(set.labels![image]!)),
  );
}

/** Adds the command to the program. */
export function defineClassify(program: Command, terminal: Terminal): void {
  const command = program
    .command("classify")
    .description("classify images with a machine that has learned labels")
    .argument("<machine>", "a run, a safetensors file, or a name as zoo:ten-digits")
    .argument("[images...]", "PNG or NPY files of the machine's size")
    .option("--data <source>", "labelled images (default: those that the run kept back)");
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
