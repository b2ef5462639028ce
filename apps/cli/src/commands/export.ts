// `nlm export`: a machine as arrays that others read.
import { extname, join } from "node:path";
import { type ExportFormat, exportFormats, exportNetwork } from "@neural-langevin/runs";
import { provenanceOf, requireWritable, writeWhole } from "@neural-langevin/runs/node";
import { type Command, Option } from "commander";
import { loadNamedMachine } from "../files/named-machine.js";
import { addCheckpoint, MACHINE, refusal } from "../options.js";
import type { Terminal } from "../terminal/terminal.js";

interface ExportOptions {
  readonly checkpoint?: number | undefined;
  readonly format?: ExportFormat | undefined;
  readonly out?: string | undefined;
  readonly deflate: boolean;
  readonly overwrite: boolean;
}

/** Writes J and b, bit for bit. */
async function exportCommand(
  terminal: Terminal,
  path: string,
  { deflate, overwrite, ...options }: ExportOptions,
): Promise<void> {
  const machine = await loadNamedMachine(path, options.checkpoint);
  const { network, file, run } = machine;
  // A run knows the size of its images; that of a file without one is only guessed.
  const size = run && machine.image && [machine.image.height, machine.image.width];
  const shape = network.shape ?? size;
  const format = options.format ?? formatOf(options.out);
  if (deflate && format !== "npz") {
    throw refusal(
      `--deflate compresses NPZ files, but the format here is ${format}`,
      "Leave --deflate out, or use --format npz.",
    );
  }
  const metadata = await provenanceOf(machine);
  const exported = Object.entries(
    exportNetwork({ ...network, shape }, format, { deflate, metadata }),
  );
  const { out } = options;
  const files = exported.map(
    ([name, bytes]) => [format === "npy" ? join(out ?? ".", name) : (out ?? name), bytes] as const,
  );
  const names = files.map(([name]) => name);
  await requireWritable(names, overwrite);
  for (const [name, bytes] of files) await writeWhole(name, bytes);
  terminal.result(
    { machine: file, units: network.units, format, files: names },
    [`Exported ${network.units} units of ${file}.`, ...names.map((name) => `  ${name}`)].join("\n"),
  );
}

/**
 * The format that a file's name promises; a name without an ending is a folder for NPY files.
 *
 * @throws invalid-value, for the ending of another format
 */
function formatOf(out: string | undefined): ExportFormat {
  const ending = extname(out ?? "").slice(1);
  const format = exportFormats.find((one) => one === ending.toLowerCase());
  if (format || ending === "") return format ?? "npy";
  throw refusal(
    `${out} ends in .${ending}, which is not one of the formats ${exportFormats.join(", ")}`,
    "Name the format with --format.",
  );
}

/** Adds the command to the program. */
export function defineExport(program: Command, terminal: Terminal): void {
  const command = program
    .command("export")
    .description("write couplings J and bias b as NPY, NPZ or safetensors, bit for bit")
    .argument("<machine>", MACHINE);
  addCheckpoint(command);
  command
    .addOption(
      new Option("--format <name>", "format (default: what --out ends in, else npy)").choices(
        exportFormats,
      ),
    )
    .option(
      "--out <path>",
      "the file; for npy the folder of J.npy and b.npy (default: . or machine.*)",
    )
    .option("--deflate", "compress an NPZ file", false)
    .option("--overwrite", "replace existing files", false)
    .option("--json", "write one JSON object to stdout")
    .addHelpText(
      "after",
      `
J[i][j] leads from unit j to unit i, in float32. In Python: J = numpy.load("J.npy").

Examples:
  nlm export runs/demo --format npy --out arrays
  nlm export runs/demo --out machine.npz --deflate
  nlm export runs/demo --checkpoint 2000 --format safetensors`,
    )
    .action((path: string, options: ExportOptions) => exportCommand(terminal, path, options));
}
