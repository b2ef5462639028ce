// `nlm import`: a machine made of arrays that others wrote.
import { availableParallelism } from "node:os";
import { couplingStatistics } from "@neural-langevin/analysis";
import { LangevinError } from "@neural-langevin/core";
import { momentsLength } from "@neural-langevin/core/backend";
import {
  type ArrayFile,
  type ArrayOptions,
  completeSettings,
  encodeNetwork,
  findArray,
  type NumberArray,
  networkOfArrays,
  newManifest,
  openArrays,
  type StoredNetwork,
  type TrainingSettings,
  usualNames,
} from "@neural-langevin/runs";
import { createRun, readWhole, writeWhole } from "@neural-langevin/runs/node";
import type { Command } from "commander";
import { loadData } from "../files/data.js";
import { requireWritable } from "../files/outputs.js";
import { kept } from "../files/training-run.js";
import { addSettings, settingsOf } from "../options.js";
import type { Terminal } from "../terminal/terminal.js";
import { describeCouplings } from "../text/couplings.js";
import { formatNumber } from "../text/format.js";
import { ownName, versions } from "../versions.js";

/** Settings that say what a machine was trained on and how it is run. */
const keptSettings = [
  "data",
  "labels",
  "images",
  "held-out",
  "temperature",
  "step-size",
  "integrator",
];

interface ImportOptions extends ArrayOptions {
  readonly bias: string | undefined;
  readonly out: string;
  readonly overwrite: boolean;
  readonly settings: Partial<TrainingSettings>;
}

/** Reads arrays, prints what they hold, and writes them as a machine or a run. */
async function importCommand(
  terminal: Terminal,
  file: string,
  options: ImportOptions,
): Promise<void> {
  const { out } = options;
  const asFile = /\.safetensors$/i.test(out);
  if (asFile && Object.keys(options.settings).length > 0) {
    throw new LangevinError(
      "invalid-value",
      `A file holds no settings, and ${out} is one.`,
      "Name a folder with --out to import into a run, or leave the settings out.",
    );
  }
  const { couplings, bias, unused } = await readParameters(file, options.bias);
  const { network, rounding } = networkOfArrays(couplings, bias, options);
  const statistics = couplingStatistics(network);
  const sources = bias ? `${couplings.source}; ${bias.source}` : couplings.source;
  if (asFile) {
    await requireWritable([out], options.overwrite);
    await writeWhole(out, encodeNetwork(network, { "imported from": sources }));
  } else {
    await writeRun(network, sources, options);
  }
  const type = couplings.values.constructor.name.replace("Array", "").toLowerCase();
  const { largestSelfCoupling } = statistics;
  const lines = [
    ...describeCouplings(statistics),
    ["diagonal", describeDiagonal(largestSelfCoupling, options.zeroDiagonal)],
    [
      "values",
      type === "float32"
        ? type
        : `${type}, changed by at most ${formatNumber(rounding)} as float32`,
    ],
  ];
  if (unused.length > 0) lines.push(["left out", unused.join(", ")]);
  terminal.result(
    {
      machine: out,
      units: network.units,
      sources,
      type,
      rounding,
      unused,
      transposed: options.transpose,
      diagonalZeroed: options.zeroDiagonal,
      ...statistics,
    },
    [
      `Imported ${network.units} units from ${sources} into ${out}.`,
      ...lines.map(([name, text]) => `  ${name!.padEnd(9)}  ${text}`),
      `Sample it with: ${ownName()} sample ${out}`,
    ].join("\n"),
  );
}

const readArrays = async (file: string): Promise<ArrayFile> =>
  openArrays(await readWhole(file), file);

async function readParameters(
  file: string,
  biasFile: string | undefined,
): Promise<{ couplings: NumberArray; bias: NumberArray | undefined; unused: string[] }> {
  const content = await readArrays(file);
  const couplings = findArray(content, "couplings", file);
  if (couplings === undefined) {
    const there = content.names.join(", ") || "none";
    throw new LangevinError(
      "bad-file",
      `${file} has no couplings: its arrays are ${there}.`,
      `Couplings are called ${usualNames("couplings")}, and a bias ${usualNames("bias")}.`,
    );
  }
  const own = content.format === "NPY" ? undefined : findArray(content, "bias", file);
  if (own !== undefined && biasFile !== undefined) {
    throw new LangevinError(
      "invalid-value",
      `${file} has a bias of its own, and --bias names another one.`,
      "Leave one of them out.",
    );
  }
  const unused = content.names.filter((name) => name !== couplings && name !== own);
  return {
    couplings: content.read(couplings),
    bias: own === undefined ? await readBias(biasFile) : content.read(own),
    unused,
  };
}

async function readBias(file: string | undefined): Promise<NumberArray | undefined> {
  if (file === undefined) return undefined;
  const content = await readArrays(file);
  const bias = findArray(content, "bias", file);
  if (bias !== undefined) return content.read(bias);
  const there = content.names.join(", ");
  throw new LangevinError("bad-file", `${file} has no bias: its arrays are ${there}.`);
}

function describeDiagonal(largest: number, zeroed: boolean | undefined): string {
  if (zeroed) return "set to zero by --zero-diagonal";
  if (largest === 0) return "zero";
  return (
    `kept, up to ${formatNumber(largest)}; the paper's machine has J_ii = 0:\n` +
    `${" ".repeat(13)}--zero-diagonal sets it to zero`
  );
}

/** Writes a run without any update, whose settings later commands use. */
async function writeRun(
  network: StoredNetwork,
  sources: string,
  options: ImportOptions,
): Promise<void> {
  const { labelUnits } = network;
  const settings = kept(
    completeSettings({ "label-units": labelUnits?.copies, ...options.settings }),
  );
  const data = await loadData(settings);
  const { units } = network;
  if (data.units !== units) {
    const { width, height, source } = data.training;
    throw new LangevinError(
      "invalid-value",
      `The couplings have ${units} units, but images of ${source} have ${width} × ${height} pixels.`,
      "Name the images of this machine with --data, or import into a file.safetensors.",
    );
  }
  const manifest = newManifest({
    settings,
    data,
    state: "imported",
    computedBy: {
      backend: "cpu",
      device: `nothing has computed yet: imported from ${sources}`,
      threads: availableParallelism(),
    },
    versions: versions(),
  });
  await using run = await createRun(options.out, {
    settings,
    manifest,
    split: data.split,
    overwrite: options.overwrite,
  });
  await run.writeCheckpoint({
    ...network,
    update: 0,
    // A training draws its chains when it begins.
    chains: new Float32Array(settings.chains * units),
    moments: new Float32Array(momentsLength(units)),
  });
}

/** Adds the command to the program. */
export function defineImport(program: Command, terminal: Terminal): void {
  const command = program
    .command("import")
    .description("make a machine of couplings and biases in NPY, NPZ or safetensors files")
    .argument("<couplings>", "J: an NPY file, or an NPZ or safetensors file that may hold b too")
    .option("--bias <file>", "b, in a file of its own (default: the file's, or zero)")
    .option("--transpose", "the file holds W[j][i], from unit j to unit i, not J[i][j]", false)
    .option("--zero-diagonal", "set J_ii = 0; otherwise the diagonal is kept", false)
    .option(
      "--out <path>",
      "a .safetensors file, or the folder of a new run",
      "machine.safetensors",
    )
    .option("--overwrite", "replace what is there", false);
  addSettings(command, keptSettings);
  command
    .option("--json", "write one JSON object to stdout")
    .addHelpText(
      "after",
      `
Settings belong to a run: what its images are, and how it is sampled by default.

Examples:
  nlm import J.npy --out published.safetensors
  nlm import J.npy --bias b.npy --labels 1,3,6 --dt 0.01 --out runs/published
  nlm import weights.npz --zero-diagonal`,
    )
    .action((file: string, { bias, transpose, zeroDiagonal, out, overwrite, ...rest }) => {
      const settings = settingsOf(rest);
      const options = { bias, transpose, zeroDiagonal, out, overwrite, settings };
      return importCommand(terminal, file, options);
    });
}
