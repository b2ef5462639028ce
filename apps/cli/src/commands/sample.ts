// `nlm sample`: generate images with a trained machine.
import { join } from "node:path";
import { type Integrator, integrators } from "@neural-langevin/core";
import { encodeNpy } from "@neural-langevin/datasets";
import { writeWhole } from "@neural-langevin/runs/node";
import { type Command, Option } from "commander";
import { openBackend } from "../default-backend.js";
import { loadNetwork } from "../files/network.js";
import { requireFree } from "../files/outputs.js";
import { COOLING, Generator } from "../generation.js";
import { mean } from "../mean.js";
import { addAmount, addDevice, pick } from "../options.js";
import { gridOfStates } from "../pictures.js";
import type { Terminal } from "../terminal.js";

/** What sampling may be told. */
interface SampleOptions {
  readonly chains: number;
  readonly steps: number;
  readonly temperature?: number;
  readonly stepSize?: number;
  readonly integrator?: Integrator;
  readonly seed?: number;
  readonly cool: boolean;
  readonly out: string;
  readonly overwrite: boolean;
  readonly backend?: string;
  readonly threads?: number;
}

/** Samples a machine from noise and writes states and pictures. */
async function sampleCommand(
  terminal: Terminal,
  path: string,
  options: SampleOptions,
): Promise<void> {
  const { network: machine, file, settings: config, image } = await loadNetwork(path);
  const states = join(options.out, "states.npy");
  const grid = join(options.out, "grid.png");
  if (!options.overwrite) await requireFree([states, ...(image ? [grid] : [])]);
  const temperature = options.temperature ?? config.temperature;
  const { backend } = await openBackend(terminal, options.backend, options.threads);
  try {
    const generator = await Generator.open(terminal, backend, machine, {
      chains: options.chains,
      seed: options.seed ?? config.seed,
      dt: options.stepSize ?? config["step-size"],
      integrator: options.integrator ?? config.integrator,
    });
    const stages = [{ steps: options.steps, temperature }, ...(options.cool ? COOLING : [])];
    const x = await generator.run("Sampling", stages);
    const energy = mean(await generator.measure("energy"));
    await writeWhole(states, encodeNpy(x, [options.chains, machine.units]));
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
  } finally {
    await backend.close();
  }
}

/** Adds the command to the program. */
export function defineSample(program: Command, terminal: Terminal): void {
  const sampling = program
    .command("sample")
    .description("generate images from noise with a trained machine")
    .argument("<machine>", "a run folder or a safetensors file");
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
    .action(async (machine: string, options) => {
      const { temperature, stepSize, dt, integrator, seed, backend, threads } = options;
      await sampleCommand(terminal, machine, {
        ...pick({ temperature, stepSize: stepSize ?? dt, integrator, seed, backend, threads }),
        chains: options.chains,
        steps: options.steps,
        cool: options.cool,
        out: options.out,
        overwrite: options.overwrite,
      });
    });
}
