// `nlm denoise`: restore damaged images and complete partial ones by a trained machine.
import { join } from "node:path";
import { LangevinError } from "@neural-langevin/core";
import { encodeImages } from "@neural-langevin/datasets";
import type { Command } from "commander";
import { openBackend } from "../default-backend.js";
import { loadNetwork } from "../files/network.js";
import { requireFree } from "../files/outputs.js";
import { COOLING } from "../generation.js";
import { type Eye, type ImageFile, readCounterparts, readImageFile } from "../image-files.js";
import { maskNames, readMask } from "../masks.js";
import { addAmount, addDevice, pick } from "../options.js";
import { type Course, relax } from "../relaxation.js";
import { damagedStates, describeRestored, type RestoredImage, rmse } from "../restoration.js";
import { namesOf, plural, resultsOf, type Work, writeResults } from "../restored-files.js";
import type { Terminal } from "../terminal.js";

interface DenoiseOptions {
  readonly model: string;
  readonly corrupt?: number;
  readonly mask?: string;
  readonly original?: string;
  readonly steps: number;
  readonly temperature: number;
  readonly cool: boolean;
  readonly stepSize?: number;
  readonly seed: number;
  readonly out: string;
  readonly overwrite: boolean;
  readonly backend?: string;
  readonly threads?: number;
}

/** Restores images, and writes them with a picture of before and after and the energies on the way. */
async function denoiseCommand(
  terminal: Terminal,
  paths: readonly string[],
  options: DenoiseOptions,
): Promise<void> {
  requireOneDamage(options);
  const { temperature, cool, out } = options;
  const { network: machine, file, settings: config, image } = await loadNetwork(options.model);
  const work = await prepare(
    paths,
    { machine: options.model, units: machine.units, image },
    options,
  );
  const results = resultsOf(work.files, out);
  const { restored, ...others } = results;
  if (!options.overwrite) await requireFree([...restored, ...Object.values(others)]);
  const stages = [{ steps: options.steps, temperature }, ...(cool ? COOLING : [])];
  const { backend } = await openBackend(terminal, options.backend, options.threads);
  try {
    const course = await relax(terminal, backend, machine, work.start, {
      stages,
      dt: options.stepSize ?? config["step-size"],
      integrator: config.integrator,
      seed: options.seed,
      pinned: work.masked?.map((one) => 1 - one),
    });
    const images = compare(work, course);
    await writeResults(results, work, course, images);
    const steps = course.steps.at(-1)!;
    const { mask = null, corrupt = null } = options;
    const { grid, csv, curve } = results;
    terminal.result(
      {
        ...{ machine: file, steps, temperature, cooled: cool, corrupt, mask, images },
        files: { restored, grid, energies: csv, curve },
      },
      [
        `Restored ${plural(images.length)} with ${file}:`,
        `${steps} steps, T = ${temperature}${cool ? " cooled to 0" : ""}` +
          `${work.damage ? `; damage: ${work.damage}` : ""}.`,
        ...describeRestored(images),
        ...(work.originals
          ? [`  RMSE of grey levels from 0 to 1${work.masked ? ", of the masked part" : ""}`]
          : []),
        `  restored  ${restored.length === 1 ? restored[0] : join(out, "*-restored.*")}`,
        `  pictures  ${grid}`,
        `  energies  ${csv}, ${curve}`,
      ].join("\n"),
    );
  } finally {
    await backend.close();
  }
}

function requireOneDamage({ corrupt, mask }: DenoiseOptions): void {
  if (corrupt !== undefined && corrupt > 1) {
    throw new LangevinError(
      "invalid-value",
      `--corrupt takes a share from 0 to 1, not ${corrupt}.`,
      "The paper replaces 0.25 of the units.",
    );
  }
  if (corrupt !== undefined && mask !== undefined) {
    throw new LangevinError(
      "invalid-value",
      "--corrupt and --mask are two different damages.",
      "Leave one of them out.",
    );
  }
}

/** Reads and damages the images. */
async function prepare(paths: readonly string[], eye: Eye, options: DenoiseOptions): Promise<Work> {
  const { corrupt, mask, original, seed } = options;
  const files: ImageFile[] = [];
  for (const path of paths) files.push(await readImageFile(path, eye));
  const { width, height } = files[0]!;
  const size = { width, height };
  const masked = mask === undefined ? undefined : await readMask(mask, eye, size);
  const given = statesOf(files);
  const damage = describeDamage(corrupt, mask);
  const originals =
    original !== undefined
      ? statesOf(await readCounterparts(original, files, eye))
      : damage !== undefined
        ? given
        : undefined;
  const start = damagedStates(given, eye.units, { corrupt, masked, seed });
  return { files, size, start, originals, masked, damage };
}

/** Energies and, where the originals are known, distances from them, before and after. */
function compare({ files, start, originals, masked }: Work, course: Course): RestoredImage[] {
  const names = namesOf(files);
  const units = start.length / names.length;
  const before = originals && rmse(start, originals, units, masked);
  const after = originals && rmse(course.states, originals, units, masked);
  return names.map((image, at) => ({
    image,
    energy: { before: course.energies[0]![at]!, after: course.energies.at(-1)![at]! },
    rmse: before && after ? { before: before[at]!, after: after[at]! } : undefined,
  }));
}

/** States of all images, one file after the other. */
function statesOf(files: readonly ImageFile[]): Float32Array {
  const parts = files.map((file) => encodeImages(file));
  const states = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let start = 0;
  for (const part of parts) {
    states.set(part, start);
    start += part.length;
  }
  return states;
}

function describeDamage(corrupt: number | undefined, mask: string | undefined): string | undefined {
  if (corrupt !== undefined) return `${Number((100 * corrupt).toPrecision(3))} % of units replaced`;
  if (mask === undefined) return undefined;
  return maskNames.includes(mask) ? `masked ${mask}` : "masked part";
}

/** Adds the command to the program. */
export function defineDenoise(program: Command, terminal: Terminal): void {
  const command = program
    .command("denoise")
    .description("restore damaged images, or complete masked ones, by descent of the energy")
    .argument("<images...>", "PNG or NPY files of the machine's size")
    .requiredOption("--model <machine>", "a run folder or a safetensors file");
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
  addAmount(command, "--step-size", "number", 1e-12, "step size dt (default: the run's)");
  addAmount(command, "--dt", "number", 1e-12, "the same as --step-size");
  addAmount(command, "--seed", "count", 0, "seed of damage and noise", 1);
  command
    .option("--out <folder>", "where results are written", "denoised")
    .option("--overwrite", "replace files that are there", false);
  addDevice(command);
  command
    .addHelpText(
      "after",
      `
Writes every image as NAME-restored.png (or .npy), a grid of before and after,
and the energies over the steps as CSV and curve. A masked part starts as noise.

Examples:
  nlm denoise damaged.png --model runs/demo
  nlm denoise 3.png 6.png --model runs/demo --corrupt 0.25
  nlm denoise 3.png --model runs/demo --mask bottom --temperature 1 --cool`,
    )
    .action(async (images: string[], { stepSize, dt, ...options }) => {
      const { model, steps, temperature, cool, seed, out, overwrite, ...rest } = options;
      await denoiseCommand(terminal, images, {
        ...{ model, steps, temperature, cool, seed, out, overwrite },
        ...pick({
          ...{ corrupt: rest.corrupt, mask: rest.mask, original: rest.original },
          ...{ stepSize: stepSize ?? dt, backend: rest.backend, threads: rest.threads },
        }),
      });
    });
}
