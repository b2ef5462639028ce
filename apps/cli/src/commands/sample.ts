// `nlm sample`: generate images with a trained machine.
import { join } from "node:path";
import { meanEstimate } from "@neural-langevin/analysis";
import {
  type Integrator,
  integrators,
  LangevinError,
  type LangevinFrame,
  type LangevinPlan,
  type Session,
  type TemperingPlan,
  type WorkOptions,
} from "@neural-langevin/core";
import {
  decodeStates,
  encodeNpy,
  findEncoding,
  labelMask,
  pixelStates,
  setLabel,
} from "@neural-langevin/datasets";
import { smallImages } from "@neural-langevin/experiments";
import {
  cooling,
  dynamicsOf,
  followChains,
  openChains,
  placeChains,
  requireLabelUnits,
  runChains,
  sha256,
  temperChains,
} from "@neural-langevin/runs";
import { writeTrajectory, writeWhole } from "@neural-langevin/runs/node";
import { type Command, Option } from "commander";
import { openBackend } from "../backends/default-backend.js";
import { openMachine } from "../files/open-machine.js";
import { requireWritable } from "../files/outputs.js";
import { recordOf } from "../files/record.js";
import { readPins, readStart } from "../files/sampling-start.js";
import { addAmount, addDevice, addStepSize, readLabelList, readLadder } from "../options.js";
import { workOn } from "../terminal/progress.js";
import type { Terminal } from "../terminal/terminal.js";
import { formatEstimate } from "../text/format.js";
import { describeTempering, type Tempered } from "../text/tempering.js";

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
  /** `chains`, `data`, or a file of states; where training's chains began unless given. */
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
  readonly backend: string | undefined;
  readonly threads: number | undefined;
}

/** Langevin steps between two swaps of tempered chains. */
const SWEEP = 20;

/** Samples a machine, and writes states, what they mean, and what was seen on the way. */
async function sampleCommand(
  terminal: Terminal,
  path: string,
  options: SampleOptions,
): Promise<void> {
  requireTogether(options);
  const machine = await openMachine(terminal, path, options.checkpoint);
  const { network, file, settings, image } = machine;
  const { label, every, burnIn, tempering, chains, seed = settings.seed } = options;
  const layout = label.length > 0 ? requireLabelUnits(network, label, path) : undefined;
  const encoding = findEncoding(network.encoding);
  const place = (name: string, isWritten: unknown) =>
    isWritten ? join(options.out, name) : undefined;
  const files = {
    states: join(options.out, "states.npy"),
    grid: place("grid.png", image && encoding),
    values: place("values.npy", !image && encoding),
    trajectory: place("trajectory.npy", every),
    energies: place("energies.npy", every),
    record: join(options.out, "sample.json"),
  };
  const named = Object.values(files).filter((name) => name !== undefined);
  await requireWritable(named, options.overwrite);
  const { stepSize: dt, ...given } = options;
  const dynamics = dynamicsOf(machine, { ...given, dt });
  const begin = options.start === undefined ? undefined : await readStart(machine, options.start);
  const pins = options.pin === undefined ? undefined : await readPins(machine, options.pin);
  const opened = await openBackend(terminal, options.backend, options.threads);
  await using backend = opened.backend;
  const rungs = tempering?.length ?? 1;
  await using session = await openChains(backend, network, { chains: chains * rungs, seed });
  await placeChains(session, dynamics.chainStart, (state, chain) => {
    // The chains of a ladder begin alike and are asked for one label.
    const row = Math.floor(chain / rungs);
    if (begin) state.set(rowOf(begin, row, network.units));
    if (layout) setLabel(state, label[row % label.length]!, layout);
  });
  const plan = {
    dt: dynamics.dt,
    integrator: dynamics.integrator,
    start: "continue",
    pinned: union(layout && labelMask(layout), pins),
  } as const;
  const steps = burnIn + dynamics.steps;
  const work = workOn(terminal);
  const frames = tempering
    ? coldFrames(session, { ...plan, temperatures: tempering, steps, every }, work)
    : frameAfter(
        session,
        { ...plan, steps, temperature: dynamics.temperature, burnIn, every },
        work,
      );
  let last: SampledFrame | undefined;
  const seen = async function* () {
    for await (const frame of frames) {
      last = frame;
      const after = frame.done - burnIn;
      if (every !== undefined && after > 0 && after % every === 0) yield frame;
    }
  };
  let count = 0;
  if (files.trajectory) {
    count = await writeTrajectory({ states: files.trajectory, energies: files.energies }, seen());
  } else for await (const _ of seen());
  if (options.cool) last = await runChains(session, "cooling", { ...plan, stages: cooling }, work);
  const { states: x, energies, tempered } = last!;
  const energy = meanEstimate(energies);
  const pixels = pixelStates(x, network.labelUnits);
  const array = encodeNpy(x, [chains, network.units]);
  await writeWhole(files.states, array);
  if (files.values) {
    const values = new Float32Array(encoding!.decode(pixels));
    await writeWhole(
      files.values,
      encodeNpy(values, [chains, ...(network.shape ?? [values.length / chains])]),
    );
  }
  if (files.grid) {
    // Several labels take turns, so that each has columns of its own.
    const square = Math.min(16, Math.ceil(Math.sqrt(chains)));
    const columns = label.length > 1 ? label.length : square;
    const rows = Math.ceil(chains / columns);
    const shown = smallImages(decodeStates(pixels, encoding), image!, columns, rows);
    await writeWhole(files.grid, shown.png);
  }
  const temperature = tempering?.[0] ?? dynamics.temperature;
  const sampled = {
    ...(await recordOf(machine, opened, { ...dynamics, temperature }, seed)),
    chains,
    labels: label.length > 0 ? label : undefined,
    start: options.start,
    pin: options.pin,
    burnIn: burnIn || undefined,
    tempering: tempered,
    cooled: options.cool,
    meanEnergy: energy.value,
    meanEnergyError: energy.standardError,
    frames: every === undefined ? undefined : { count, every },
    statesSha256: await sha256(array),
    files,
  };
  // The record comes last: one with the hash of the states is whole.
  await writeWhole(files.record, `${JSON.stringify(sampled, null, 2)}\n`);
  terminal.result(
    sampled,
    [
      `Sampled ${chains} chains of ${file}; mean energy ${formatEstimate(energy)}.`,
      ...(tempered ? describeTempering(tempered) : []),
      `  states      ${files.states}`,
      ...(files.values ? [`  values      ${files.values}`] : []),
      ...(files.trajectory ? [`  trajectory  ${files.trajectory}, ${count} frames`] : []),
      ...(files.energies ? [`  energies    ${files.energies}`] : []),
      ...(files.grid ? [`  pictures    ${files.grid}`] : []),
      `  record      ${files.record}`,
      ...(encoding
        ? []
        : [`The encoding ${network.encoding!.name} is not known here, so states stay states.`]),
    ].join("\n"),
  );
}

/** Refuses flags that contradict each other. */
function requireTogether({
  tempering,
  temperature,
  cool,
  every,
  burnIn,
  pin,
  start,
}: SampleOptions) {
  const refuse = (sentence: string, remedy: string) => {
    throw new LangevinError("invalid-value", sentence, remedy);
  };
  if (tempering && (temperature !== undefined || cool)) {
    refuse(
      "--tempering says the temperatures of the ladder, of which the lowest is sampled.",
      "Leave --temperature and --cool out.",
    );
  }
  if (tempering && every !== undefined && every % SWEEP !== 0) {
    refuse(
      `Tempered chains swap every ${SWEEP} steps, and --every ${every} is no multiple of that.`,
      `Name one, such as --every ${SWEEP * Math.ceil(every / SWEEP)}.`,
    );
  }
  if (burnIn > 0 && every === undefined) {
    refuse(
      "--burn-in comes before the first frame of --every, which is not given.",
      "Give both, or more --steps.",
    );
  }
  if (pin !== undefined && start === undefined) {
    refuse(
      "--pin keeps values that --start gives.",
      "Name states to start from, such as --start data.",
    );
  }
}

/** Chains at one moment; those of tempering say how it went. */
interface SampledFrame extends Pick<LangevinFrame, "done" | "states" | "energies"> {
  readonly tempered?: Tempered | undefined;
}

/** Frames of plain chains: after every so many steps beyond the burn-in, and the last one. */
function frameAfter(
  session: Session,
  plan: Pick<LangevinPlan, "dt" | "integrator" | "pinned"> & {
    readonly steps: number;
    readonly temperature: number;
    readonly burnIn: number;
    readonly every: number | undefined;
  },
  work: WorkOptions,
): AsyncGenerator<SampledFrame, void, void> {
  const { steps, temperature, burnIn, every, ...rest } = plan;
  const at =
    every &&
    Array.from(
      { length: Math.floor((steps - burnIn) / every) },
      (_, frame) => burnIn + (frame + 1) * every,
    );
  const stages = [{ steps, temperature }];
  return followChains(
    session,
    "sampling",
    { ...rest, stages, start: "continue", at: at || undefined },
    work,
  );
}

/** Frames of the coldest of tempered chains. */
async function* coldFrames(
  session: Session,
  plan: Pick<TemperingPlan, "dt" | "integrator" | "pinned" | "temperatures"> & {
    readonly steps: number;
    readonly every: number | undefined;
  },
  work: WorkOptions,
): AsyncGenerator<SampledFrame, void, void> {
  const { steps, every, ...rest } = plan;
  const tempering = {
    ...rest,
    start: "continue",
    sweeps: Math.ceil(steps / SWEEP),
    steps: SWEEP,
    every: every === undefined ? undefined : every / SWEEP,
  } as const;
  for await (const frame of temperChains(session, tempering, work)) {
    const { tried, accepted, roundTrips } = frame.swaps;
    yield {
      done: frame.done * SWEEP,
      states: frame.statesAt(0),
      energies: frame.energies.filter((_, chain) => frame.rungs[chain] === 0),
      tempered: {
        temperatures: frame.temperatures,
        accepted: Array.from(tried, (all, pair) => accepted[pair]! / all),
        roundTrips,
      },
    };
  }
}

const rowOf = (states: Float32Array, row: number, units: number): Float32Array => {
  const start = (row % (states.length / units)) * units;
  return states.subarray(start, start + units);
};

/** The units that are in one of two masks. */
const union = (first: Uint8Array | undefined, second: Uint8Array | undefined) =>
  first && second ? first.map((one, unit) => one || second[unit]!) : (first ?? second);

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
    .option(
      "--start <states>",
      "where chains begin: chains (of the training), data, or a file (default: as in training)",
    )
    .option("--pin <file>", "units that keep their values: not 0 in an NPY file, white in a PNG");
  addAmount(sampling, "--every", "count", 1, "write trajectory.npy: states every so many steps");
  addAmount(sampling, "--burn-in", "count", 0, "steps before the first of them", 0);
  sampling
    .addOption(
      new Option(
        "--tempering <list>",
        "swap chains over a ladder of temperatures, such as 1,1.1,1.2,1.4",
      ).argParser(readLadder),
    )
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
  nlm sample runs/train --start data --burn-in 1000 --every 100 --steps 100000
  nlm sample runs/train --start face.npy --pin known.png
  nlm sample runs/train --tempering 1,1.05,1.1,1.2,1.3
  nlm sample machine.safetensors --chains 256 --dt 0.01 --out samples/fine`,
    )
    .action((machine: string, { dt, ...options }) =>
      sampleCommand(terminal, machine, { ...options, stepSize: options.stepSize ?? dt }),
    );
}
