// `nlm sample`: generate images with a trained machine.
import { join } from "node:path";
import { mean } from "@neural-langevin/analysis";
import { type Integrator, integrators } from "@neural-langevin/core";
import { encodeNpy } from "@neural-langevin/datasets";
import { writeWhole } from "@neural-langevin/runs/node";
import { type Command, Option } from "commander";
import { openBackend } from "../backends/default-backend.js";
import { loadNetwork } from "../files/network.js";
import { requireWritable } from "../files/outputs.js";
import { gridOfStates } from "../files/pictures.js";
import { addAmount, addDevice } from "../options.js";
import type { Terminal } from "../terminal/terminal.js";
import { cooling, openChains, runChains } from "./chains.js";

/** What sampling may be told. */
interface SampleOptions {
  /** The update whose checkpoint is sampled; the latest unless given. */
  readonly checkpoint: number | undefined;
  readonly chains: number;
  readonly steps: number;
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

/** Samples a machine from noise and writes states and pictures. */
async function sampleCommand(
  terminal: Terminal,
  path: string,
  options: SampleOptions,
): Promise<void> {
  const { network, file, settings, image } = await loadNetwork(path, options.checkpoint);
  const states = join(options.out, "states.npy");
  const grid = join(options.out, "grid.png");
  await requireWritable(image ? [states, grid] : [states], options.overwrite);
  const temperature = options.temperature ?? settings.temperature;
  const { backend } = await openBackend(terminal, options.backend, options.threads);
  await using _backend = backend;
  const session = await openChains(backend, network, {
    chains: options.chains,
    seed: options.seed ?? settings.seed,
  });
  const { states: x, energies } = await runChains(terminal, "sampling", session, {
    stages: [{ steps: options.steps, temperature }, ...(options.cool ? cooling : [])],
    dt: options.stepSize ?? settings["step-size"],
    integrator: options.integrator ?? settings.integrator,
  });
  const energy = mean(energies);
  await writeWhole(states, encodeNpy(x, [options.chains, network.units]));
  if (image) {
    const columns = Math.min(16, Math.ceil(Math.sqrt(options.chains)));
    const rows = Math.ceil(options.chains / columns);
    await writeWhole(grid, gridOfStates(x, image, columns, rows).png);
  }
  terminal.result(
    {
      machine: file,
      chains: options.chains,
      steps: options.steps,
      temperature,
      cooled: options.cool,
      meanEnergy: energy,
      files: { states, ...(image && { grid }) },
    },
    [
      `Sampled ${options.chains} chains of ${file}; mean energy ${energy.toFixed(1)}.`,
      `  states    ${states}`,
      ...(image ? [`  pictures  ${grid}`] : []),
    ].join("\n"),
  );
}

/** Adds the command to the program. */
export function defineSample(program: Command, terminal: Terminal): void {
  const sampling = program
    .command("sample")
    .description("generate images from noise with a trained machine")
    .argument("<machine>", "a run folder or a safetensors file");
  addAmount(sampling, "--checkpoint", "count", 0, "update of a run (default: the latest)");
  addAmount(sampling, "--chains", "count", 1, "images to generate", 64);
  addAmount(sampling, "--steps", "count", 1, "Langevin steps", 2000);
  addAmount(sampling, "--temperature", "number", 0, "temperature T (default: the run's)");
  addAmount(sampling, "--step-size", "number", 1e-12, "step size dt (default: the run's)");
  addAmount(sampling, "--dt", "number", 1e-12, "the same as --step-size");
  addAmount(sampling, "--seed", "count", 0, "seed of the noise (default: the run's)");
  sampling
    .addOption(new Option("--integrator <name>", "integrator").choices([...integrators]))
    .option("--cool", "cool to T = 0 at the end", false)
    .option("--out <folder>", "where states.npy and grid.png are written", "samples")
    .option("--overwrite", "replace files that are there", false);
  addDevice(sampling);
  sampling
    .addHelpText(
      "after",
      `
Examples:
  nlm sample runs/demo --cool
  nlm sample machine.safetensors --chains 256 --dt 0.01 --out samples/fine`,
    )
    .action((machine: string, { dt, ...options }) =>
      sampleCommand(terminal, machine, { ...options, stepSize: options.stepSize ?? dt }),
    );
}
