// `nlm sample`: generate images with a trained machine.
import { join } from "node:path";
import { mean } from "@neural-langevin/analysis";
import { type Integrator, integrators, LangevinError } from "@neural-langevin/core";
import { encodeNpy, pixelStates } from "@neural-langevin/datasets";
import type { StoredNetwork } from "@neural-langevin/runs";
import { writeWhole } from "@neural-langevin/runs/node";
import { type Command, Option } from "commander";
import { openBackend } from "../backends/default-backend.js";
import { loadNetwork } from "../files/network.js";
import { requireWritable } from "../files/outputs.js";
import { gridOfStates } from "../files/pictures.js";
import { addAmount, addDevice, readLabelList } from "../options.js";
import type { Terminal } from "../terminal/terminal.js";
import { cooling, openChains, runChains } from "./chains.js";
import { askForLabels, dynamicsOf } from "./generation.js";

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
  requireLabels(path, network, label);
  const states = join(options.out, "states.npy");
  const grid = join(options.out, "grid.png");
  await requireWritable(image ? [states, grid] : [states], options.overwrite);
  const own = dynamicsOf(machine);
  const { steps = own.steps, temperature = own.temperature } = options;
  const { backend } = await openBackend(terminal, options.backend, options.threads);
  await using _backend = backend;
  const session = await openChains(backend, network, {
    chains: options.chains,
    seed: options.seed ?? settings.seed,
  });
  const pinned = await askForLabels(session, network, own.chainStart, label);
  const { states: x, energies } = await runChains(terminal, "sampling", session, {
    stages: [{ steps, temperature }, ...(options.cool ? cooling : [])],
    dt: options.stepSize ?? own.dt,
    integrator: options.integrator ?? own.integrator,
    start: "continue",
    pinned,
  });
  const energy = mean(energies);
  await writeWhole(states, encodeNpy(x, [options.chains, network.units]));
  if (image) {
    // Several labels take turns, so that each has columns of its own.
    const square = Math.min(16, Math.ceil(Math.sqrt(options.chains)));
    const columns = label.length > 1 ? label.length : square;
    const rows = Math.ceil(options.chains / columns);
    await writeWhole(
      grid,
      gridOfStates(pixelStates(x, network.labelUnits), image, columns, rows).png,
    );
  }
  terminal.result(
    {
      machine: file,
      chains: options.chains,
      labels: label.length > 0 ? label : undefined,
      steps,
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

/** Refuses labels that the machine has no units for. Throws unsupported, invalid-value. */
function requireLabels(
  path: string,
  { labelUnits }: StoredNetwork,
  asked: readonly number[],
): void {
  if (asked.length === 0) return;
  if (!labelUnits) {
    throw new LangevinError(
      "unsupported",
      `The machine ${path} has no units for labels, so it cannot be asked for one.`,
      "Leave --label out, or train one with --label-units 10.",
    );
  }
  const unknown = asked.find((one) => !labelUnits.labels.includes(one));
  if (unknown === undefined) return;
  throw new LangevinError(
    "invalid-value",
    `The machine ${path} has no unit for the label ${unknown}.`,
    `Its labels are ${labelUnits.labels.join(", ")}.`,
  );
}

/** Adds the command to the program. */
export function defineSample(program: Command, terminal: Terminal): void {
  const sampling = program
    .command("sample")
    .description("generate images with a trained machine, of a label where it has learned labels")
    .argument("<machine>", "a run folder or a safetensors file");
  addAmount(sampling, "--checkpoint", "count", 0, "update of a run (default: the latest)");
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
    "Langevin steps (default: as chains live in training)",
  );
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
  nlm sample runs/demo --label 6
  nlm sample runs/demo --label 0,1,2 --chains 24
  nlm sample runs/train --cool
  nlm sample machine.safetensors --chains 256 --dt 0.01 --out samples/fine`,
    )
    .action((machine: string, { dt, ...options }) =>
      sampleCommand(terminal, machine, { ...options, stepSize: options.stepSize ?? dt }),
    );
}
