// `nlm sample`: generate images with a trained machine.
import { join } from "node:path";
import { mean } from "@neural-langevin/analysis";
import { type Integrator, integrators } from "@neural-langevin/core";
import { decodeStates, encodeNpy, pixelStates } from "@neural-langevin/datasets";
import { smallImages } from "@neural-langevin/experiments";
import {
  askForLabels,
  cooling,
  dynamicsOf,
  openChains,
  requireLabelUnits,
  runChains,
} from "@neural-langevin/runs";
import { loadNetwork, writeWhole } from "@neural-langevin/runs/node";
import { type Command, Option } from "commander";
import { openBackend } from "../backends/default-backend.js";
import { requireWritable } from "../files/outputs.js";
import { addAmount, addDevice, addStepSize, readLabelList } from "../options.js";
import { workOn } from "../terminal/progress.js";
import type { Terminal } from "../terminal/terminal.js";

/** What sampling may be told. */
interface SampleOptions {
  /** The update whose checkpoint is sampled; the latest unless given. */
  readonly checkpoint: number | undefined;
  readonly chains: number;
  readonly label: readonly number[];
  /** As long as the chains of its training lived, unless given. */
  readonly steps: number | undefined;
  readonly temperature: number | undefined;
  readonly stepSize: number | undefined;
  readonly integrator: Integrator | undefined;
  readonly seed: number | undefined;
  readonly cool: boolean;
  readonly out: string;
  readonly overwrite: boolean;
  readonly backend: string | undefined;
  readonly threads: number | undefined;
}

/** Samples a machine from where its training's chains began, and writes states and pictures. */
async function sampleCommand(
  terminal: Terminal,
  path: string,
  options: SampleOptions,
): Promise<void> {
  const machine = await loadNetwork(path, options.checkpoint);
  const { network, file, settings, image } = machine;
  const { label } = options;
  if (label.length > 0) requireLabelUnits(network, label, path);
  const states = join(options.out, "states.npy");
  const grid = join(options.out, "grid.png");
  await requireWritable(image ? [states, grid] : [states], options.overwrite);
  const { stepSize: dt, ...given } = options;
  const dynamics = dynamicsOf(machine, { ...given, dt });
  const { steps, temperature } = dynamics;
  const { backend } = await openBackend(terminal, options.backend, options.threads);
  await using _backend = backend;
  const { chains, seed = settings.seed } = options;
  const session = await openChains(backend, network, { chains, seed });
  const pinned = await askForLabels(session, network, dynamics.chainStart, label);
  const plan = {
    stages: [{ steps, temperature }, ...(options.cool ? cooling : [])],
    dt: dynamics.dt,
    integrator: dynamics.integrator,
    start: "continue",
    pinned,
  } as const;
  const { states: x, energies } = await runChains(session, "sampling", plan, workOn(terminal));
  const energy = mean(energies);
  await writeWhole(states, encodeNpy(x, [chains, network.units]));
  if (image) {
    // Several labels take turns, so that each has columns of its own.
    const square = Math.min(16, Math.ceil(Math.sqrt(chains)));
    const columns = label.length > 1 ? label.length : square;
    const pixels = decodeStates(pixelStates(x, network.labelUnits));
    const rows = Math.ceil(chains / columns);
    await writeWhole(grid, smallImages(pixels, image, columns, rows).png);
  }
  terminal.result(
    {
      machine: file,
      chains,
      labels: label.length > 0 ? label : undefined,
      steps,
      temperature,
      cooled: options.cool,
      meanEnergy: energy,
      files: { states, ...(image && { grid }) },
    },
    [
      `Sampled ${chains} chains of ${file}; mean energy ${energy.toFixed(1)}.`,
      `  states    ${states}`,
      ...(image ? [`  pictures  ${grid}`] : []),
    ].join("\n"),
  );
}

/** Adds the command to the program. */
export function defineSample(program: Command, terminal: Terminal): void {
  const sampling = program
    .command("sample")
    .description("generate images with a trained machine; of one label, if it has learned labels")
    .argument("<machine>", "a run folder or a safetensors file");
  addAmount(
    sampling,
    "--checkpoint",
    "count",
    0,
    "update whose checkpoint is used (default: the latest)",
  );
  addAmount(sampling, "--chains", "count", 1, "images to generate", 64);
  sampling.addOption(
    new Option("--label <list>", "draw this label, or several in turn, such as 0,1,2")
      .argParser(readLabelList)
      .default([], "none"),
  );
  addAmount(
    sampling,
    "--steps",
    "count",
    1,
    "Langevin steps (default: the lifetime of chains in training)",
  );
  addAmount(sampling, "--temperature", "number", 0, "temperature T (default: the run's)");
  addStepSize(sampling);
  addAmount(sampling, "--seed", "count", 0, "seed of the noise (default: the run's)");
  sampling
    .addOption(
      new Option("--integrator <name>", "integrator (default: the run's)").choices([
        ...integrators,
      ]),
    )
    .option("--cool", "cool to T = 0 at the end", false)
    .option("--out <folder>", "folder of states.npy and grid.png", "samples")
    .option("--overwrite", "replace existing files", false);
  addDevice(sampling);
  sampling
    .addHelpText(
      "after",
      `
Examples:
  nlm sample runs/demo --label 6
  nlm sample runs/demo --label 0,1,2 --chains 24
  nlm sample runs/train --cool
  nlm sample machine.safetensors --chains 256 --dt 0.01 --out samples/fine`,
    )
    .action((machine: string, { dt, ...options }) =>
      sampleCommand(terminal, machine, { ...options, stepSize: options.stepSize ?? dt }),
    );
}
