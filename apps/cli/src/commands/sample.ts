// `nlm sample`: generate images with a trained machine.
import { join } from "node:path";
import { meanEstimate } from "@neural-langevin/analysis";
import { type Integrator, integrators } from "@neural-langevin/core";
import { decodeStates, findEncoding, pixelStates } from "@neural-langevin/datasets";
import { smallImages } from "@neural-langevin/experiments";
import { dynamicsOf, labelsByName, sampleMachine } from "@neural-langevin/runs";
import {
  commandRecord,
  readPins,
  readStart,
  requireWritable,
  sampleFiles,
  writeSamples,
  writeWhole,
} from "@neural-langevin/runs/node";
import { type Command, Option } from "commander";
import { addRanks, type DeviceOptions, onRanks, openDevice } from "../backends/job.js";
import { mnistPlace } from "../files/mnist.js";
import { openMachine } from "../files/open-machine.js";
import {
  addAmount,
  addDevice,
  addMachine,
  addStepSize,
  addTempering,
  readLabelList,
  readTemperatures,
  refusal,
} from "../options.js";
import { workOn } from "../terminal/progress.js";
import type { Terminal } from "../terminal/terminal.js";
import { formatEstimate } from "../text/format.js";
import { describeTempering } from "../text/tempering.js";
import { caller } from "../versions.js";

/** What sampling may be told. */
interface SampleOptions extends DeviceOptions {
  /** The update whose checkpoint is sampled; the latest unless given. */
  readonly checkpoint: number | undefined;
  readonly chains: number;
  readonly label: readonly string[];
  /** Twice as many as the chains of its training lived, unless given. */
  readonly steps: number | undefined;
  /** T, or several that chains take in turn; the run's unless given. */
  readonly temperature: readonly number[] | undefined;
  readonly stepSize: number | undefined;
  readonly integrator: Integrator | undefined;
  readonly seed: number | undefined;
  /** `noise`, `chains`, `data`, `data:` and other data, or a file of states; where training's chains began unless given. */
  readonly start: string | undefined;
  /** A file that marks units which keep their values. */
  readonly pin: string | undefined;
  /** Steps between two frames of the trajectory; none is written unless given. */
  readonly every: number | undefined;
  /** Steps before the first of them. */
  readonly burnIn: number;
  /** T of a ladder, ascending; its lowest is sampled. */
  readonly tempering: readonly number[] | undefined;
  readonly cool: boolean;
  readonly out: string;
  readonly overwrite: boolean;
}

/** Samples a machine, and writes states, what they mean, and what was seen on the way. */
async function sampleCommand(
  terminal: Terminal,
  path: string,
  options: SampleOptions,
): Promise<void> {
  requireTogether(options);
  const machine = await openMachine(terminal, path, options.checkpoint);
  const { network, file, settings, image } = machine;
  const { every, burnIn, tempering, chains, cool, out } = options;
  const { seed = settings.seed, start, pin, stepSize: dt, ...given } = options;
  const temperatures = options.temperature;
  const labels = labelsByName(network, options.label, path);
  const encoding = findEncoding(network.encoding);
  const files = {
    ...sampleFiles(machine, out, every !== undefined),
    grid: image && encoding && join(out, "grid.png"),
    record: join(out, "sample.json"),
  };
  const named = Object.values(files).filter((name) => name !== undefined);
  await requireWritable(named, options.overwrite);
  const chainStart = start === "noise" ? {} : undefined;
  const wanted = { ...given, temperature: temperatures?.[0], dt, chainStart };
  const dynamics = dynamicsOf(machine, wanted);
  const isDrawn = start === undefined || start === "noise";
  const begin = isDrawn ? undefined : await readStart(machine, start, mnistPlace());
  const pinned = pin === undefined ? undefined : await readPins(machine, pin);
  const opened = await openDevice(terminal, options);
  await using backend = opened.backend;
  const plan = { chains, seed, labels, dynamics, temperatures, start: begin, pinned };
  const { end, frames, statesSha256 } = await writeSamples(
    files,
    machine,
    sampleMachine(backend, machine, { ...plan, burnIn, every, tempering, cool }, workOn(terminal)),
  );
  if (files.grid) {
    // Several labels take turns, so that each has columns of its own.
    const square = Math.min(16, Math.ceil(Math.sqrt(chains)));
    const columns = labels.length > 1 ? labels.length : square;
    const pixels = decodeStates(pixelStates(end.states, network.labelUnits), encoding);
    const shown = smallImages(pixels, image!, columns, Math.ceil(chains / columns));
    await writeWhole(files.grid, shown.png);
  }
  const energy = meanEstimate(end.energies);
  const energies = [...new Set(end.temperatures && temperatures)].map((T) => {
    const own = end.energies.filter((_, chain) => end.temperatures![chain] === Math.fround(T));
    return { temperature: T, energy: meanEstimate(own) };
  });
  const temperature = tempering?.[0] ?? dynamics.temperature;
  const by = await caller();
  const sampled = {
    ...(await commandRecord(machine, opened, { ...dynamics, temperature }, seed, by)),
    chains,
    temperatures: temperatures && temperatures.length > 1 ? temperatures : undefined,
    labels: labels.length > 0 ? labels : undefined,
    start,
    pin,
    burnIn: burnIn || undefined,
    tempering: end.tempered,
    cooled: cool,
    meanEnergy: energy.value,
    meanEnergyError: energy.standardError,
    energies: energies.length > 0 ? energies : undefined,
    frames: every === undefined ? undefined : { count: frames, every },
    statesSha256,
    files,
  };
  // The record comes last: one with the hash of the states is whole.
  await writeWhole(files.record, `${JSON.stringify(sampled, null, 2)}\n`);
  terminal.result(
    sampled,
    [
      `Sampled ${chains} chains of ${file}; mean energy ⟨½‖v‖²⟩ = ${formatEstimate(energy)}.`,
      ...energies.map((one) => `  T = ${one.temperature}: ${formatEstimate(one.energy)}`),
      ...(end.tempered ? describeTempering(end.tempered) : []),
      `  states      ${files.states}`,
      ...(files.values ? [`  values      ${files.values}`] : []),
      ...(files.trajectory ? [`  trajectory  ${files.trajectory}, ${frames} frames`] : []),
      ...(files.energies ? [`  energies    ${files.energies}`] : []),
      ...(files.grid ? [`  pictures    ${files.grid}`] : []),
      `  record      ${files.record}`,
      ...(encoding
        ? []
        : [`The encoding ${network.encoding!.name} is unknown here; states are not decoded.`]),
    ].join("\n"),
  );
}

/** Refuses flags that contradict each other. */
function requireTogether({ every, burnIn, pin, start }: SampleOptions): void {
  if (burnIn > 0 && every === undefined) {
    throw refusal("--burn-in only works with --every", "Add --every, or use more --steps.");
  }
  if (pin !== undefined && start === undefined) {
    throw refusal(
      "--pin only works with --start, which gives the values to keep",
      "Add states to start from, such as --start data.",
    );
  }
}

/** Options that have two names, by the first of them. */
const byOneName = ({ dt, from, thin, ...options }: Record<string, unknown>) =>
  ({ stepSize: dt, start: from, every: thin, ...options }) as unknown as SampleOptions;

/** Adds the command to the program. */
export function defineSample(program: Command, terminal: Terminal): void {
  const sampling = program
    .command("sample")
    .description("generate images with a trained machine; of one label, if it has learned labels");
  addMachine(sampling);
  addAmount(sampling, "--chains", "count", 1, "images to generate", 64);
  sampling.addOption(
    new Option("--label <list>", "draw this label, or several in turn, such as 0,1,2 or h,e,l,l,o")
      .argParser(readLabelList)
      .default([], "none"),
  );
  sampling.addOption(
    new Option(
      "--temperature <list>",
      "temperature T, or several that chains take in turn (default: the run's)",
    ).argParser(readTemperatures("--temperature")),
  );
  addStepSize(sampling);
  addAmount(sampling, "--seed", "count", 0, "seed of the noise (default: the run's)");
  sampling
    .addOption(
      new Option("--integrator <name>", "integrator (default: the run's)").choices([
        ...integrators,
      ]),
    )
    .option("--cool", "cool to T = 0 at the end", false)
    .option(
      "--start <states>",
      "where chains begin: noise, data, chains (of the training), data:FILE like the data, or an NPY file of states (default: as in training)",
    )
    .addOption(new Option("--from <states>", "the same as --start").conflicts("start"))
    .option("--pin <file>", "units that keep their values: not 0 in an NPY file, white in a PNG");
  addAmount(sampling, "--every", "count", 1, "write trajectory.npy: states every so many steps");
  addAmount(sampling, "--thin", "count", 1, "the same as --every").conflicts("every");
  addAmount(sampling, "--burn-in", "count", 0, "steps before the first of them", 0);
  addTempering(sampling)
    .option("--out <folder>", "folder of states.npy, grid.png and sample.json", "samples")
    .option("--overwrite", "replace existing files", false);
  addRanks(sampling);
  addDevice(sampling);
  sampling
    .addHelpText(
      "after",
      `
Examples:
  nlm sample runs/demo --label 6
  nlm sample runs/demo --label 0,1,2 --chains 24
  nlm sample runs/train --cool
  nlm sample runs/demo --label 6 --temperature 0.5,1,2
  nlm sample runs/train --start data --burn-in 1000 --every 100 --steps 100000
  nlm sample runs/train --start data:faces/ --pin known.png
  nlm sample runs/train --tempering 1,1.05,1.1,1.2,1.3
  nlm sample machine.safetensors --chains 256 --dt 0.01 --out samples/fine
  mpirun -n 4 nlm sample runs/train --chains 4096`,
    )
    .action((machine: string, { ranks, ...options }) =>
      onRanks(ranks, (job) => sampleCommand(terminal, machine, { ...byOneName(options), job })),
    );
}
