// `nlm parity A B`: how far two backends agree on the same machine, noise and chains.
import {
  type Integrator,
  LangevinError,
  randomNetwork,
  type Session,
  streams,
} from "@neural-langevin/core";
import { type Command, Option } from "commander";
import { openNamed } from "../backends.js";
import { loadNetwork } from "../files/network.js";
import { meanWithError } from "../mean.js";
import { addAmount, amount, pick } from "../options.js";
import { bound, compareBits, unitVariances, zScore } from "../parity.js";
import { Progress } from "../progress.js";
import { readable, type Terminal, wrap } from "../terminal.js";

/** What a comparison may be told. */
interface ParityOptions {
  readonly units?: number;
  readonly chains: number;
  readonly seed: number;
  /** Numbers of steps after which bits are compared, ascending. */
  readonly steps: readonly number[];
  readonly machine?: string;
  readonly threads?: number;
}

interface Subject {
  readonly couplings: Float32Array;
  readonly bias: Float32Array;
  readonly dt: number;
  readonly temperature: number;
  readonly integrator: Integrator;
}

async function subjectOf({ machine, units, seed }: ParityOptions): Promise<Subject> {
  if (machine === undefined) {
    const { couplings, bias } = randomNetwork({ units: units ?? 100, gain: 2, seed });
    return { couplings, bias, dt: 0.05, temperature: 1, integrator: "leimkuhler-matthews" };
  }
  if (units !== undefined) {
    throw new LangevinError(
      "invalid-value",
      "--units and --machine say two sizes.",
      "Leave one of them out.",
    );
  }
  const loaded = await loadNetwork(machine);
  const { temperature, integrator, "step-size": dt } = loaded.settings;
  const { couplings, bias } = loaded.network;
  return { couplings, bias, dt, temperature, integrator };
}

/**
 * Runs both backends from the same chains on the same noise, and compares them.
 *
 * @returns the exit status: 1 when the statistics disagree
 * @throws unavailable, diverged, aborted
 */
async function parityCommand(
  terminal: Terminal,
  names: readonly [string, string],
  options: ParityOptions,
): Promise<number> {
  const { chains, seed, steps } = options;
  const subject = await subjectOf(options);
  const units = subject.bias.length;
  const { dt, temperature, integrator } = subject;
  const progress = new Progress(terminal, "Comparing", "steps", 0, 2 * steps.at(-1)!);
  const results = [];
  for (const [index, name] of names.entries()) {
    const opened = await openNamed(name, options.threads);
    try {
      const session = await opened.backend.open({ units, chains, seed });
      session.write("couplings", subject.couplings);
      session.write("bias", subject.bias);
      session.drawChains({ stream: streams.initialState, step: 0 });
      const states: Float32Array[] = [];
      let firstStep = 0;
      for (const end of steps) {
        while (firstStep < end) {
          if (terminal.interrupted.aborted) {
            progress.leave();
            throw new LangevinError("aborted", `The comparison was stopped at step ${firstStep}.`);
          }
          const count = Math.min(50, end - firstStep);
          session.advance({ firstStep, steps: count, dt, temperature, integrator });
          await session.synchronize();
          firstStep += count;
          progress.show(index * steps.at(-1)! + firstStep, opened.name);
        }
        states.push(await finite(session, dt));
      }
      const energies = await session.measure("energy", "chains");
      const { device } = opened.backend;
      results.push({ name: opened.name, device, states, energies });
    } finally {
      await opened.backend.close();
    }
  }
  const [a, b] = results as [(typeof results)[0], (typeof results)[0]];
  const bits = steps.map((count, at) => ({
    steps: count,
    ...compareBits(a.states[at]!, b.states[at]!),
  }));
  const energy = { a: meanWithError(a.energies), b: meanWithError(b.energies) };
  const energyZ = zScore(energy.a, energy.b);
  const variances = unitVariances(a.states.at(-1)!, units);
  const others = unitVariances(b.states.at(-1)!, units);
  const z = variances.map((one, unit) => zScore(one, others[unit]!));
  const largest = Math.max(...z.map(Math.abs));
  const rms = Math.sqrt(z.reduce((sum, value) => sum + value * value, 0) / units);
  const limits = { energy: bound(1), variance: bound(units) };
  const agree = Math.abs(energyZ) <= limits.energy && largest <= limits.variance;
  const sharesNoise = a.device.noise === "shared" && b.device.noise === "shared";
  const value = {
    backends: [a, b].map(({ name, device }) => ({ name, device })),
    ...{ units, chains, seed, dt, temperature, integrator, sharesNoise, bits },
    statistics: {
      steps: steps.at(-1),
      energy: { ...energy, z: energyZ, limit: limits.energy },
      unitVariance: { largestZ: largest, rootMeanSquareZ: rms, limit: limits.variance },
      agree,
    },
  };
  const pad = (text: string | number, length: number) => String(text).padStart(length);
  const exact = bits.filter(({ equal }) => equal === 1).at(-1);
  const width = Math.min(terminal.columns, 80);
  const lines = [
    `A  ${a.name.padEnd(16)} ${a.device.label}, ${a.device.precision}`,
    `B  ${b.name.padEnd(16)} ${b.device.label}, ${b.device.precision}`,
    `${units} units, ${chains} chains, seed ${seed}, dt ${dt}, T ${temperature}, ${integrator}`,
    "",
    "  steps   equal values   agreeing bits of 24: median   worst",
    ...bits.map(
      ({ steps: count, equal, median, worst }) =>
        `${pad(count, 7)}   ${pad(`${(100 * equal).toFixed(2)} %`, 12)}` +
        `   ${pad(median, 27)}   ${pad(worst, 5)}`,
    ),
    "",
    `After ${steps.at(-1)} steps, over ${chains} independent chains:`,
    `  mean energy A  ${readable(energy.a.mean)} ± ${readable(energy.a.error)}`,
    `  mean energy B  ${readable(energy.b.mean)} ± ${readable(energy.b.error)}` +
      `   z ${energyZ.toFixed(2)} (bound ${limits.energy.toFixed(1)})`,
    `  unit variance  largest |z| ${largest.toFixed(2)} of ${units} units` +
      ` (bound ${limits.variance.toFixed(1)}), rms ${rms.toFixed(2)}`,
    "",
    wrap(
      `${
        exact
          ? `Every bit agrees up to step ${exact.steps}.`
          : sharesNoise
            ? `Values agree to rounding at first.`
            : "The noise is not shared, so values cannot agree."
      } The statistics ${agree ? "agree" : "DISAGREE"}.`,
      width,
    ),
    wrap(
      "Backends round differently, and chaos amplifies rounding: single steps agree to rounding, long trajectories " +
        "are promised to agree in statistics only, even where the bits above stay close. Standard errors are " +
        "between chains, which are independent; chains that see the same noise make the test a mild one.",
      width,
    ),
  ];
  terminal.result(value, lines.join("\n"));
  return agree ? 0 : 1;
}

async function finite(session: Session, dt: number): Promise<Float32Array> {
  const states = await session.read("chains");
  if (states.every(Number.isFinite)) return states;
  throw new LangevinError(
    "diverged",
    "The chains left the finite numbers.",
    `The step size is ${dt}; take a machine that is stable at it.`,
  );
}

/** Adds the command to the program. */
export function defineParity(
  program: Command,
  terminal: Terminal,
  end: (status: number) => void,
): void {
  const comparing = program
    .command("parity")
    .description("say how far two backends agree, in bits and in statistics")
    .argument("<a>", "a backend, as ID or ID:MODE")
    .argument("<b>", "another one");
  addAmount(comparing, "--units", "count", 1, "units of a random network (default: 100)");
  addAmount(comparing, "--chains", "count", 8, "chains, all independent", 64);
  addAmount(comparing, "--seed", "count", 0, "seed of network and noise", 1);
  comparing
    .addOption(
      new Option("--steps <list>", "numbers of steps after which bits are compared")
        .argParser(stepList)
        .default([1, 10, 100, 1000], "1,10,100,1000"),
    )
    .option("--machine <run>", "a trained machine in place of a random network");
  addAmount(comparing, "--threads", "count", 1, "threads of both backends");
  comparing
    .option("--json", "write one JSON object to stdout")
    .addHelpText(
      "after",
      `
Examples:
  nlm parity cpu reference
  nlm parity cpu:avx2 cpu:plain --units 784 --chains 96
  nlm parity cpu cpu:relaxed --machine runs/demo`,
    )
    .action(async (a: string, b: string, { chains, seed, steps, ...rest }) => {
      const given = pick({ units: rest.units, machine: rest.machine, threads: rest.threads });
      end(await parityCommand(terminal, [a, b], { ...given, chains, seed, steps }));
    });
}

/** Reads ascending numbers of steps from a flag. */
function stepList(value: string): number[] {
  const steps = value.split(",").map((part) => amount("--steps", "count", 1)(part));
  return [...new Set(steps)].sort((a, b) => a - b);
}
