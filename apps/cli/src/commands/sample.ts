// `nlm sample`: generate images with a trained machine.
import { join } from "node:path";
import { meanEstimate } from "@neural-langevin/analysis";
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
  sha256,
} from "@neural-langevin/runs";
import { writeWhole } from "@neural-langevin/runs/node";
import { type Command, Option } from "commander";
import { openBackend } from "../backends/default-backend.js";
import { openMachine } from "../files/open-machine.js";
import { requireWritable } from "../files/outputs.js";
import { recordOf } from "../files/record.js";
import { addAmount, addDevice, addStepSize, readLabelList } from "../options.js";
import { workOn } from "../terminal/progress.js";
import type { Terminal } from "../terminal/terminal.js";
import { formatEstimate } from "../text/format.js";

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
  const machine = await openMachine(terminal, path, options.checkpoint);
  const { network, file, settings, image } = machine;
  const { label } = options;
  if (label.length > 0) requireLabelUnits(network, label, path);
  const states = join(options.out, "states.npy");
  const grid = join(options.out, "grid.png");
  const record = join(options.out, "sample.json");
  await requireWritable(image ? [states, record, grid] : [states, record], options.overwrite);
  const { stepSize: dt, ...given } = options;
  const dynamics = dynamicsOf(machine, { ...given, dt });
  const { steps, temperature } = dynamics;
  const opened = await openBackend(terminal, options.backend, options.threads);
  await using backend = opened.backend;
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
  const energy = meanEstimate(energies);
  const array = encodeNpy(x, [chains, network.units]);
  await writeWhole(states, array);
  if (image) {
    // Several labels take turns, so that each has columns of its own.
    const square = Math.min(16, Math.ceil(Math.sqrt(chains)));
    const columns = label.length > 1 ? label.length : square;
    const pixels = decodeStates(pixelStates(x, network.labelUnits));
    const rows = Math.ceil(chains / columns);
    await writeWhole(grid, smallImages(pixels, image, columns, rows).png);
  }
  const sampled = {
    ...(await recordOf(machine, opened, dynamics, seed)),
    chains,
    labels: label.length > 0 ? label : undefined,
    cooled: options.cool,
    meanEnergy: energy.value,
    meanEnergyError: energy.standardError,
    statesSha256: await sha256(array),
    files: { states, record, ...(image && { grid }) },
  };
  // The record comes last: one with the hash of the states is whole.
  await writeWhole(record, `${JSON.stringify(sampled, null, 2)}\n`);
  terminal.result(
    sampled,
    [
      `Sampled ${chains} chains of ${file}; mean energy ${formatEstimate(energy)}.`,
      `  states    ${states}`,
      ...(image ? [`  pictures  ${grid}`] : []),
      `  record    ${record}`,
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
    .option("--out <folder>", "folder of states.npy, grid.png and sample.json", "samples")
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
