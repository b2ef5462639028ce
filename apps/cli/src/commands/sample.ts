// `nlm sample`: generate images with a trained machine.
import { access } from "node:fs/promises";
import { join } from "node:path";
import { type Integrator, LangevinError } from "@neural-langevin/core";
import { encodeNpy } from "@neural-langevin/datasets";
import { writeWhole } from "@neural-langevin/runs/node";
import { openBackend } from "../default-backend.js";
import { COOLING, Generator } from "../generation.js";
import { loadMachine } from "../machine.js";
import { gridOfStates } from "../pictures.js";
import type { Terminal } from "../terminal.js";

/** What sampling may be told. */
export interface SampleOptions {
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
export async function sampleCommand(
  terminal: Terminal,
  path: string,
  options: SampleOptions,
): Promise<void> {
  const { machine, file, config, image } = await loadMachine(path);
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
    const energies = await generator.measure("energy");
    const energy = energies.reduce((sum, value) => sum + value, 0) / energies.length;
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

async function requireFree(files: readonly string[]): Promise<void> {
  for (const file of files) {
    const taken = await access(file).then(
      () => true,
      () => false,
    );
    if (taken) {
      throw new LangevinError(
        "exists",
        `There is a file ${file} already.`,
        "Choose another place with --out, or say --overwrite.",
      );
    }
  }
}
