// `nlm denoise`: restore damaged images and complete partial ones by a trained machine.
import { join } from "node:path";
import { maskNames } from "@neural-langevin/datasets";
import { meanRestored, measureRestored, restoreImages } from "@neural-langevin/experiments";
import {
  readDamagedImages,
  restorationFiles,
  writeRestored,
} from "@neural-langevin/experiments/node";
import { cooling, dynamicsOf } from "@neural-langevin/runs";
import { commandRecord, imageNames, requireWritable, writeWhole } from "@neural-langevin/runs/node";
import type { Command } from "commander";
import { openBackend } from "../backends/default-backend.js";
import { openMachine } from "../files/open-machine.js";
import { addAmount, addCheckpoint, addDevice, addStepSize, MACHINE, refusal } from "../options.js";
import { workOn } from "../terminal/progress.js";
import type { Terminal } from "../terminal/terminal.js";
import { describeRestored } from "../text/restored.js";
import { caller } from "../versions.js";

interface DenoiseOptions {
  readonly model: string;
  readonly checkpoint: number | undefined;
  readonly corrupt: number | undefined;
  readonly mask: string | undefined;
  readonly original: string | undefined;
  readonly steps: number;
  readonly temperature: number;
  readonly cool: boolean;
  readonly stepSize: number | undefined;
  readonly seed: number;
  readonly out: string;
  readonly overwrite: boolean;
  readonly backend: string | undefined;
  readonly threads: number | undefined;
}

/** Restores images, and writes them with a picture of before and after and the energies on the way. */
async function denoiseCommand(
  terminal: Terminal,
  paths: readonly string[],
  options: DenoiseOptions,
): Promise<void> {
  requireOneDamage(options);
  const { temperature, cool, out, seed, corrupt = null, mask = null } = options;
  const machine = await openMachine(terminal, options.model, options.checkpoint);
  const { network, file } = machine;
  const damaged = await readDamagedImages(paths, machine, options);
  const results = restorationFiles(damaged, out);
  const { restored, ...others } = results;
  const record = join(out, "denoise.json");
  await requireWritable([...restored, ...Object.values(others), record], options.overwrite);
  const opened = await openBackend(terminal, options.backend, options.threads);
  await using backend = opened.backend;
  const { start, masked } = damaged;
  const stages = [{ steps: options.steps, temperature }, ...(cool ? cooling : [])];
  const dynamics = dynamicsOf(machine, { dt: options.stepSize, temperature });
  const plan = { states: start, masked, stages, seed, dynamics };
  const relaxation = await restoreImages(backend, machine, plan, workOn(terminal));
  const measures = measureRestored(network, damaged, relaxation);
  const names = imageNames(damaged.files);
  const images = measures.map((measured, at) => ({ image: names[at]!, ...measured }));
  await writeRestored(results, damaged, relaxation, images);
  const steps = relaxation.steps.at(-1)!;
  const { grid, csv, curve } = results;
  const by = await caller();
  const denoised = {
    ...(await commandRecord(machine, opened, { ...dynamics, steps }, seed, by)),
    cooled: cool,
    corrupt,
    mask,
    images,
    mean: meanRestored(images),
    files: { restored, grid, energies: csv, curve, record },
  };
  await writeWhole(record, `${JSON.stringify(denoised, null, 2)}\n`);
  terminal.result(
    denoised,
    [
      `Restored ${images.length === 1 ? "1 image" : `${images.length} images`} with ${file}:`,
      `${steps} steps, T = ${temperature}${cool ? " cooled to 0" : ""}` +
        `${damaged.damage ? `; damage: ${damaged.damage}` : ""}.`,
      ...describeRestored(images),
      ...(damaged.originals
        ? [`  RMSE of grey levels from 0 to 1${damaged.masked ? ", of the masked part" : ""}`]
        : []),
      `  restored  ${restored.length === 1 ? restored[0] : join(out, "*-restored.*")}`,
      `  pictures  ${grid}`,
      `  energies  ${csv}, ${curve}`,
      `  record    ${record}`,
    ].join("\n"),
  );
}

function requireOneDamage({ corrupt, mask }: DenoiseOptions): void {
  if (corrupt !== undefined && corrupt > 1) {
    const replaced = "The paper replaces 0.25 of the units.";
    throw refusal(`--corrupt takes a share from 0 to 1, not ${corrupt}`, replaced);
  }
  if (corrupt !== undefined && mask !== undefined) {
    throw refusal("--corrupt and --mask are two different damages");
  }
}

/** Adds the command to the program. */
export function defineDenoise(program: Command, terminal: Terminal): void {
  const command = program
    .command("denoise")
    .description("restore damaged images, or complete masked ones, by lowering the energy")
    .argument("<images...>", "PNG or NPY files of the machine's size")
    .requiredOption("--model <machine>", MACHINE);
  addCheckpoint(command);
  addAmount(
    command,
    "--corrupt",
    "number",
    0,
    "replace this share of units by uniform noise first",
  );
  command
    .option(
      "--mask <part>",
      `complete ${maskNames.join(", ")}, or what is white in a PNG file; the rest is pinned`,
    )
    .option(
      "--original <path>",
      "undamaged image, or a folder of them under the same names (default: the given ones, where they are damaged here)",
    );
  addAmount(command, "--steps", "count", 1, "steps", 450);
  addAmount(command, "--temperature", "number", 0, "temperature T", 0);
  command.option("--cool", "cool to T = 0 at the end", false);
  addStepSize(command);
  addAmount(command, "--seed", "count", 0, "seed of damage and noise", 1);
  command
    .option("--out <folder>", "folder of the results", "denoised")
    .option("--overwrite", "replace existing files", false);
  addDevice(command);
  command
    .addHelpText(
      "after",
      `
Writes every image as NAME-restored.png (or .npy), a grid of images before and after,
the energies over the steps as CSV and as a curve, and denoise.json with all settings.
A masked part starts where the machine's chains start. Label units run free.

Examples:
  nlm denoise damaged.png --model runs/demo
  nlm denoise 3.png 6.png --model runs/demo --corrupt 0.25
  nlm denoise 3.png --model runs/demo --mask bottom --temperature 1 --cool`,
    )
    .action((images: string[], { dt, ...options }) =>
      denoiseCommand(terminal, images, { ...options, stepSize: options.stepSize ?? dt }),
    );
}
