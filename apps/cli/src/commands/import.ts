// `nlm import`: a machine from arrays that others wrote.
import { availableParallelism } from "node:os";
import { chainNoise, LangevinError, streams } from "@neural-langevin/core";
import { momentsLength } from "@neural-langevin/core/backend";
import { encodeMachine, type Machine } from "@neural-langevin/runs";
import { createRun, writeWhole } from "@neural-langevin/runs/node";
import type { Command } from "commander";
import { couplingStatistics, describeStatistics } from "../coupling-statistics.js";
import { loadData } from "../data.js";
import {
  findArray,
  type MachineOptions,
  machineOf,
  type NumberArray,
  readArrays,
  usualNames,
} from "../machine-arrays.js";
import { addSettings, pick, settingsOf } from "../options.js";
import { requireFree } from "../outputs.js";
import { completeSettings, type TrainingConfig } from "../settings.js";
import { ownName, readable, type Terminal } from "../terminal.js";
import { versions } from "../versions.js";

/** Settings that say what a machine was trained on and how it is run. */
const kept = ["data", "labels", "images", "held-out", "temperature", "step-size", "integrator"];

interface ImportOptions extends MachineOptions {
  readonly bias?: string;
  readonly out: string;
  readonly overwrite: boolean;
  readonly settings: Partial<TrainingConfig>;
}

/** Reads arrays, says what they hold, and writes them as a machine or a run. */
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
      `A file holds no settings, and ${out} would be one.`,
      "Name a folder with --out to import into a run, or leave the settings out.",
    );
  }
  const { couplings, bias, unused } = await readParameters(file, options.bias);
  const { machine, rounding } = machineOf(couplings, bias, options);
  const statistics = couplingStatistics(machine);
  const sources = [couplings, ...(bias ? [bias] : [])].map(({ source }) => source).join("; ");
  if (asFile) {
    if (!options.overwrite) await requireFree([out]);
    await writeWhole(out, encodeMachine(machine, { "imported from": sources }));
  } else {
    await writeRun(machine, sources, options);
  }
  const type = couplings.values.constructor.name.replace("Array", "").toLowerCase();
  const { largestSelfCoupling } = statistics;
  const lines = [
    ...describeStatistics(statistics),
    ["diagonal", describeDiagonal(largestSelfCoupling, options.zeroDiagonal)],
    [
      "values",
      type === "float32" ? type : `${type}, changed by at most ${readable(rounding)} as float32`,
    ],
    ...(unused.length > 0 ? [["left out", unused.join(", ")]] : []),
  ];
  terminal.result(
    {
      ...{ machine: out, units: machine.units, sources, type, rounding, unused },
      ...{ transposed: options.transpose, diagonalZeroed: options.zeroDiagonal },
      ...statistics,
    },
    [
      `Imported ${machine.units} units from ${sources} into ${out}.`,
      ...lines.map(([name, says]) => `  ${name!.padEnd(9)}  ${says}`),
      `Sample it with: ${ownName()} sample ${out}`,
    ].join("\n"),
  );
}

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
      `${file} has a bias of its own, and --bias names another.`,
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

function describeDiagonal(largest: number, zeroed: boolean): string {
  if (zeroed) return "set to zero, as --zero-diagonal says";
  if (largest === 0) return "zero";
  return (
    `kept, though up to ${readable(largest)}: the paper's machine has J_ii = 0;\n` +
    `${" ".repeat(13)}--zero-diagonal makes it so`
  );
}

/** A run without any update, whose settings later commands use. */
async function writeRun(machine: Machine, sources: string, options: ImportOptions): Promise<void> {
  const config = completeSettings(options.settings);
  const data = await loadData(config);
  const { units } = machine;
  if (data.units !== units) {
    const { width, height, source } = data.training;
    throw new LangevinError(
      "invalid-value",
      `The couplings have ${units} units, but images of ${source} have ${width} × ${height} pixels.`,
      "Name the images of this machine with --data, or import into a file.safetensors.",
    );
  }
  const { width, height, source } = data.training;
  const now = new Date().toISOString();
  const run = await createRun(options.out, {
    config,
    manifest: {
      state: "imported",
      versions: versions(),
      backend: "cpu",
      device: `nothing has computed yet: imported from ${sources}`,
      threads: availableParallelism(),
      seed: config.seed,
      data: { source, sha256: data.sha256, width, height },
      started: now,
      changed: now,
    },
    overwrite: options.overwrite,
  });
  const chains = new Float32Array(config.chains * units);
  const noise = { seed: config.seed, stream: streams.initialState, step: 0 };
  for (let chain = 0; chain < config.chains; chain++) {
    chains.set(chainNoise(noise, chain, units), chain * units);
  }
  const moments = new Float32Array(momentsLength(units));
  await run.writeCheckpoint({ update: 0, ...machine, chains, moments });
}

/** Adds the command to the program. */
export function defineImport(program: Command, terminal: Terminal): void {
  const command = program
    .command("import")
    .description("make a machine of couplings and biases in NPY, NPZ or safetensors files")
    .argument("<couplings>", "J: an NPY file, or an NPZ or safetensors file that may hold b too")
    .option("--bias <file>", "b, in a file of its own (default: the file's, or zero)")
    .option("--transpose", "the file holds W[j][i], from unit j to unit i, not J[i][j]", false)
    .option("--zero-diagonal", "set J_ii = 0; otherwise the diagonal is kept and said", false)
    .option(
      "--out <path>",
      "a .safetensors file, or the folder of a new run",
      "machine.safetensors",
    )
    .option("--overwrite", "replace what is there", false);
  addSettings(command, kept);
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
    .action(async (file: string, options) => {
      const { bias, transpose, zeroDiagonal, out, overwrite, ...rest } = options;
      const settings = settingsOf(rest);
      const given = { transpose, zeroDiagonal, out, overwrite, settings };
      await importCommand(terminal, file, { ...pick({ bias }), ...given });
    });
}
