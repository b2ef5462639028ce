// `nlm denoise`: restore damaged images and complete partial ones by a trained machine.
import { join, parse } from "node:path";
import { LangevinError, type SamplingStage } from "@neural-langevin/core";
import { decodeStates, encodeImages, encodeNpy, ratesOfStates } from "@neural-langevin/datasets";
import { imageGrid } from "@neural-langevin/figures";
import { renderPng } from "@neural-langevin/figures/node";
import { writeWhole } from "@neural-langevin/runs/node";
import type { Command } from "commander";
import { openBackend } from "../default-backend.js";
import { COOLING } from "../generation.js";
import { type Eye, type ImageFile, readCounterparts, readImageFile } from "../image-files.js";
import { loadMachine } from "../machine.js";
import { maskNames, readMask } from "../masks.js";
import { addAmount, addDevice, pick } from "../options.js";
import { requireFree } from "../outputs.js";
import { drawPanels } from "../pictures.js";
import { relax } from "../relaxation.js";
import {
  courseAsCsv,
  courseAsSvg,
  damagedStates,
  describeRestored,
  mean,
  panelOf,
  type RestoredImage,
  rmse,
} from "../restoration.js";
import { readable, type Terminal } from "../terminal.js";

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
  const { corrupt, mask, temperature, seed, out } = options;
  if (corrupt !== undefined && mask !== undefined) {
    throw new LangevinError(
      "invalid-value",
      "--corrupt and --mask are two different damages.",
      "Leave one of them out.",
    );
  }
  const { machine, file, config, image } = await loadMachine(options.model);
  const { units } = machine;
  const eye: Eye = { machine: options.model, units, image };
  const files: ImageFile[] = [];
  for (const path of paths) files.push(await readImageFile(path, eye));
  const size = { width: files[0]!.width, height: files[0]!.height };
  const masked = mask === undefined ? undefined : await readMask(mask, eye, size);
  const given = statesOf(files);
  const originals =
    options.original !== undefined
      ? statesOf(await readCounterparts(options.original, files, eye))
      : corrupt !== undefined || masked
        ? given
        : undefined;
  const outputs = outputsOf(files, out);
  const [grid, csv, svg, png] = ["grid.png", "energy.csv", "energy.svg", "energy.png"].map((name) =>
    join(out, name),
  ) as [string, string, string, string];
  if (!options.overwrite) await requireFree([...outputs, grid, csv, svg, png]);

  const start = damagedStates(given, units, { corrupt, masked, seed });
  const stages: SamplingStage[] = [
    { steps: options.steps, temperature },
    ...(options.cool ? COOLING : []),
  ];
  const { backend } = await openBackend(terminal, options.backend, options.threads);
  try {
    const course = await relax(terminal, backend, machine, start, {
      stages,
      dt: options.stepSize ?? config["step-size"],
      integrator: config.integrator,
      seed,
      pinned: masked?.map((one) => 1 - one),
    });
    const names = namesOf(files);
    const before = originals && rmse(start, originals, units, masked);
    const after = originals && rmse(course.states, originals, units, masked);
    const images = names.map((name, at): RestoredImage => {
      const energy = { before: course.energies[0]![at]!, after: course.energies.at(-1)![at]! };
      const distance = before && after ? { before: before[at]!, after: after[at]! } : undefined;
      return { image: name, energy, rmse: distance };
    });
    for (const [index, output] of outputs.entries()) {
      const first = files.slice(0, index).reduce((sum, { count }) => sum + count, 0) * units;
      const own = course.states.subarray(first, first + files[index]!.count * units);
      await writeWhole(output, encodeRestored(own, files[index]!));
    }
    const caption = (when: "before" | "after") => {
      const distance = originals
        ? `, RMSE ${mean(images.map((one) => one.rmse![when])).toFixed(3)}`
        : "";
      return `E ${readable(mean(images.map(({ energy }) => energy[when])))}${distance}`;
    };
    const damage = describeDamage(corrupt, mask);
    const isOther = originals !== undefined && (damage !== undefined || originals !== given);
    const picture = await drawPanels([
      ...(isOther ? [panelOf("Original", plural(names.length), originals, size)] : []),
      panelOf(damage ?? "Given", caption("before"), start, size),
      panelOf("Restored", caption("after"), course.states, size),
    ]);
    await writeWhole(grid, picture);
    await writeWhole(csv, courseAsCsv(course, names));
    const drawing = courseAsSvg(course, names);
    await writeWhole(svg, drawing);
    await writeWhole(png, await renderPng(drawing, 2));
    const total = course.steps.at(-1)!;
    terminal.result(
      {
        ...{ machine: file, steps: total, temperature, cooled: options.cool },
        ...{ corrupt: corrupt ?? null, mask: mask ?? null, images },
        files: { restored: outputs, grid, energies: csv, curve: png },
      },
      [
        `Restored ${plural(names.length)} with ${file}:`,
        `${total} steps at T = ${temperature}${options.cool ? ", then cooled to 0" : ""}` +
          `${damage ? `, from: ${damage.toLowerCase()}` : ""}.`,
        ...describeRestored(images),
        ...(originals
          ? [`  RMSE of grey levels from 0 to 1${masked ? ", of the masked part" : ""}`]
          : []),
        `  restored  ${outputs.length === 1 ? outputs[0] : join(out, "*-restored.*")}`,
        `  pictures  ${grid}`,
        `  energies  ${csv}, ${png}`,
      ].join("\n"),
    );
  } finally {
    await backend.close();
  }
}

const plural = (count: number): string => (count === 1 ? "1 image" : `${count} images`);

const statesOf = (files: readonly ImageFile[]): Float32Array =>
  Float32Array.from(files.flatMap((images) => [...encodeImages(images)]));

function describeDamage(corrupt: number | undefined, mask: string | undefined): string | undefined {
  if (corrupt !== undefined) return `${Number((100 * corrupt).toPrecision(3))} % replaced`;
  if (mask === undefined) return undefined;
  return maskNames.includes(mask) ? `Masked: ${mask}` : "Masked";
}

/** What an image is called: its file, with a number where the file has several. */
const namesOf = (files: readonly ImageFile[]): string[] =>
  files.flatMap(({ file, count }) =>
    count === 1
      ? [parse(file).base]
      : Array.from({ length: count }, (_, at) => `${parse(file).base}[${at}]`),
  );

/** Where restored files go; files of one name from several folders are numbered. */
function outputsOf(files: readonly ImageFile[], out: string): string[] {
  const seen = new Map<string, number>();
  return files.map(({ file, format }) => {
    const name = `${parse(file).name}-restored`;
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    return join(out, `${name}${count > 1 ? `-${count}` : ""}.${format.toLowerCase()}`);
  });
}

/** PNG for PNG; for NPY, grey levels from 0 to 1 in float32, shape [count][height][width]. */
function encodeRestored(
  states: Float32Array,
  { format, count, width, height }: ImageFile,
): Uint8Array {
  if (format === "PNG")
    return imageGrid({ pixels: decodeStates(states), width, height, columns: 1 }).png;
  const levels = ratesOfStates(states).map((rate) => (rate + 1) / 2);
  return encodeNpy(levels, [count, height, width]);
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
      "undamaged image, or a folder of them under the same names (default: with --corrupt and --mask, the given ones)",
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
Writes every image as NAME-restored.png (or .npy), a grid of before and after, and the energies
over the steps as CSV and curve.

Examples:
  nlm denoise damaged.png --model runs/demo
  nlm denoise 3.png 6.png --model runs/demo --corrupt 0.25
  nlm denoise 3.png --model runs/demo --mask bottom --temperature 1 --steps 1000 --cool`,
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
