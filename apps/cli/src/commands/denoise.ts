// `nlm denoise`: restore damaged images and complete partial ones by a trained machine.
import { join } from "node:path";
import { restorationDistances } from "@neural-langevin/analysis";
import {
  type ChainGaussian,
  chainNoise,
  FRESH_CHAINS,
  firingRates,
  LangevinError,
  type LangevinPlan,
  type Session,
  type Stage,
  streams,
} from "@neural-langevin/core";
import { encodeImages, pixelStates, replaceUnits } from "@neural-langevin/datasets";
import type { StoredNetwork } from "@neural-langevin/runs";
import type { Command } from "commander";
import { openBackend } from "../backends/default-backend.js";
import {
  type ImageFile,
  type ImageShape,
  readCounterparts,
  readImageFile,
} from "../files/image-files.js";
import { maskNames, readMask } from "../files/masks.js";
import { loadNetwork, pixelsOf } from "../files/network.js";
import { requireWritable } from "../files/outputs.js";
import {
  type DamagedImages,
  namesOf,
  plural,
  type Relaxation,
  resultsOf,
  writeResults,
} from "../files/restored-files.js";
import { addAmount, addDevice } from "../options.js";
import type { Terminal } from "../terminal/terminal.js";
import { describeRestored, type RestoredImage } from "../text/restored.js";
import { cooling, followChains, openChains } from "./chains.js";
import { dynamicsOf, placeChains } from "./generation.js";

interface DenoiseOptions {
  readonly model: string;
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
  const machine = await loadNetwork(options.model);
  const { network, file, image } = machine;
  const { dt, integrator, chainStart } = dynamicsOf(machine);
  const pixels = pixelsOf(network);
  const shape = { machine: options.model, units: pixels, image };
  const damaged = await prepare(paths, shape, { ...options, chainStart });
  const results = resultsOf(damaged.files, out);
  const { restored, ...others } = results;
  await requireWritable([...restored, ...Object.values(others)], options.overwrite);
  const { backend } = await openBackend(terminal, options.backend, options.threads);
  await using _backend = backend;
  const chains = damaged.start.length / pixels;
  const session = await openChains(backend, network, { chains, seed });
  // Label units are not known, and run free.
  await placeChains(session, chainStart, (state, chain) => {
    state.set(damaged.start.subarray(chain * pixels, (chain + 1) * pixels));
  });
  const { masked } = damaged;
  const pinned =
    masked && Uint8Array.from({ length: network.units }, (_, unit) => Number(masked[unit] === 0));
  const whole = await relax(terminal, session, {
    stages: [{ steps: options.steps, temperature }, ...(cool ? cooling : [])],
    dt: options.stepSize ?? dt,
    integrator,
    pinned,
  });
  const relaxation = { ...whole, states: pixelStates(whole.states, network.labelUnits) };
  const images = compare(network, damaged, relaxation);
  await writeResults(results, damaged, relaxation, images);
  const steps = relaxation.steps.at(-1)!;
  const { grid, csv, curve } = results;
  terminal.result(
    {
      machine: file,
      steps,
      temperature,
      cooled: cool,
      corrupt,
      mask,
      images,
      files: { restored, grid, energies: csv, curve },
    },
    [
      `Restored ${plural(images.length)} with ${file}:`,
      `${steps} steps, T = ${temperature}${cool ? " cooled to 0" : ""}` +
        `${damaged.damage ? `; damage: ${damaged.damage}` : ""}.`,
      ...describeRestored(images),
      ...(damaged.originals
        ? [`  RMSE of grey levels from 0 to 1${damaged.masked ? ", of the masked part" : ""}`]
        : []),
      `  restored  ${restored.length === 1 ? restored[0] : join(out, "*-restored.*")}`,
      `  pictures  ${grid}`,
      `  energies  ${csv}, ${curve}`,
    ].join("\n"),
  );
}

/** Points of the energy's curve besides its beginning. */
const POINTS = 150;

/**
 * Runs chains from where they are and measures their energies on the way.
 *
 * @throws aborted, diverged
 */
async function relax(
  terminal: Terminal,
  session: Session,
  plan: Pick<LangevinPlan, "stages" | "dt" | "integrator" | "pinned">,
): Promise<Relaxation> {
  const steps: number[] = [];
  const energies: Float32Array[] = [];
  let states: Float32Array = new Float32Array();
  const at = pointsOf(plan.stages, POINTS);
  const run = { ...plan, start: "continue" as const, at };
  for await (const frame of followChains(terminal, "restoring", session, run)) {
    steps.push(frame.done);
    energies.push(frame.energies);
    states = frame.states;
  }
  return { states, steps, energies };
}

/** About so many numbers of steps, evenly through every stage, with the start and the end of each. */
function pointsOf(stages: readonly Stage[], count: number): number[] {
  const total = stages.reduce((sum, { steps }) => sum + steps, 0);
  const piece = Math.ceil(total / count);
  const points = [0];
  for (const { steps } of stages) {
    const end = points.at(-1)! + steps;
    while (points.at(-1)! < end) points.push(Math.min(points.at(-1)! + piece, end));
  }
  return points;
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
async function prepare(
  paths: readonly string[],
  shape: ImageShape,
  options: DenoiseOptions & { readonly chainStart: ChainGaussian },
): Promise<DamagedImages> {
  const { corrupt, mask, original, seed, chainStart } = options;
  const files: ImageFile[] = [];
  for (const path of paths) files.push(await readImageFile(path, shape));
  const { width, height } = files[0]!;
  const size = { width, height };
  const masked = mask === undefined ? undefined : await readMask(mask, shape, size);
  const given = statesOf(files);
  const damage = describeDamage(corrupt, mask);
  const originals =
    original !== undefined
      ? statesOf(await readCounterparts(original, files, shape))
      : damage !== undefined
        ? given
        : undefined;
  const start = damagedStates(given, shape.units, { corrupt, masked, seed, chainStart });
  return { files, size, start, originals, masked, damage };
}

/** The states that restoring starts from: the images with a share of units replaced, or a masked part as chains begin. */
function damagedStates(
  states: Float32Array,
  units: number,
  damage: {
    corrupt: number | undefined;
    masked: Uint8Array | undefined;
    seed: number;
    chainStart: ChainGaussian;
  },
): Float32Array {
  const { corrupt, masked, seed, chainStart } = damage;
  const { mean, spread = 1 } = chainStart;
  if (corrupt !== undefined) return replaceUnits(states, units, { fraction: corrupt, seed }).states;
  if (!masked) return states;
  const source = { seed, stream: streams.initialState, step: 0 };
  const result = states.slice();
  for (let row = 0; row < states.length; row += units) {
    const noise = chainNoise(source, FRESH_CHAINS + row / units, units);
    for (let i = 0; i < units; i++)
      if (masked[i]) result[row + i] = (mean?.[i] ?? 0) + spread * noise[i]!;
  }
  return result;
}

/** Energies and, where the originals are known, distances from them, before and after. */
function compare(
  network: StoredNetwork,
  { files, start, originals, masked }: DamagedImages,
  { states, energies }: Relaxation,
): RestoredImage[] {
  // Grey levels are (φ + 1)/2, so that they differ by half as much as firing rates.
  const distances = (of: Float32Array) =>
    originals &&
    restorationDistances(
      firingRates(network, of),
      firingRates(network, originals),
      pixelsOf(network),
      masked,
    ).map((distance) => distance / 2);
  const [before, after] = [distances(start), distances(states)];
  return namesOf(files).map((image, at) => ({
    image,
    energy: { before: energies[0]![at]!, after: energies.at(-1)![at]! },
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
and the energies over the steps as CSV and curve. A masked part starts as the
machine's chains do; labels, where it has learned some, are free.

Examples:
  nlm denoise damaged.png --model runs/demo
  nlm denoise 3.png 6.png --model runs/demo --corrupt 0.25
  nlm denoise 3.png --model runs/demo --mask bottom --temperature 1 --cool`,
    )
    .action((images: string[], { dt, ...options }) =>
      denoiseCommand(terminal, images, { ...options, stepSize: options.stepSize ?? dt }),
    );
}
