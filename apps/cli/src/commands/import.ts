// `nlm import`: a machine made of arrays that others wrote.
import { couplingStatistics } from "@neural-langevin/analysis";
import { shellWord } from "@neural-langevin/backend-ranks/node";
import {
  type ArrayOptions,
  encodeNetwork,
  importNetwork,
  type NamedFile,
  type TrainingSettings,
} from "@neural-langevin/runs";
import { importRun, readWhole, requireWritable, writeWhole } from "@neural-langevin/runs/node";
import type { Command } from "commander";
import { mnistPlace } from "../files/mnist.js";
import { addSettings, machineSettings, refusal, settingsOf } from "../options.js";
import type { Terminal } from "../terminal/terminal.js";
import { describeCouplings } from "../text/couplings.js";
import { formatNumber } from "../text/format.js";
import { caller, ownName } from "../versions.js";

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
    throw refusal(
      `${out} is a file, but only the folder of a run holds settings`,
      "Name a folder with --out to import into a run, or leave the settings out.",
    );
  }
  if (asFile) await requireWritable([out], options.overwrite);
  const bias = options.bias === undefined ? undefined : await readNamed(options.bias);
  const imported = importNetwork(await readNamed(file), bias, options);
  const { network, rounding, sources, type, unused } = imported;
  if (asFile) {
    await writeWhole(out, encodeNetwork(network, { "imported from": sources }));
  } else {
    const { settings, overwrite } = options;
    const run = { network, sources, settings, overwrite, places: mnistPlace() };
    await importRun(out, { ...run, ...(await caller()) });
  }
  const statistics = couplingStatistics(network);
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
      `Sample it with: ${ownName()} sample ${shellWord(out)}`,
    ].join("\n"),
  );
}

const readNamed = async (file: string): Promise<NamedFile> => ({
  file,
  bytes: await readWhole(file),
});

function describeDiagonal(largest: number, zeroed: boolean | undefined): string {
  if (zeroed) return "set to zero by --zero-diagonal";
  if (largest === 0) return "zero";
  return (
    `kept, up to ${formatNumber(largest)}; the paper's machine has J_ii = 0:\n` +
    `${" ".repeat(13)}--zero-diagonal sets it to zero`
  );
}

/** Adds the command to the program. */
export function defineImport(program: Command, terminal: Terminal): void {
  const command = program
    .command("import")
    .description("make a machine from couplings and biases in NPY, NPZ or safetensors files")
    .argument("<couplings>", "J: an NPY file, or an NPZ or safetensors file that may hold b too")
    .option("--bias <file>", "a separate file with b (default: b of the same file, or zero)")
    .option("--transpose", "the file holds W[j][i], from unit j to unit i, not J[i][j]", false)
    .option("--zero-diagonal", "set J_ii = 0; otherwise the diagonal is kept", false)
    .option(
      "--out <path>",
      "a .safetensors file, or the folder of a new run",
      "machine.safetensors",
    )
    .option("--overwrite", "replace an existing file or run", false);
  addSettings(command, machineSettings);
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
