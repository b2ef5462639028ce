// `nlm parity A B`: how far two backends agree on the same machine, noise and chains.
import { measureParity, type ParityPlan } from "@neural-langevin/backend-testkit";
import { randomNetwork } from "@neural-langevin/core";
import { dynamicsOf } from "@neural-langevin/runs";
import { type Command, Option } from "commander";
import { openNamed } from "../backends/table.js";
import { loadNamedMachine } from "../files/named-machine.js";
import { addAmount, amount, refusal } from "../options.js";
import { workOn } from "../terminal/progress.js";
import type { Terminal } from "../terminal/terminal.js";
import { type BackendComparison, describeParity } from "../text/parity.js";

/** What a comparison may be told. */
interface ParityOptions {
  readonly units: number | undefined;
  readonly chains: number;
  readonly seed: number;
  /** Numbers of steps after which bits are compared, ascending. */
  readonly steps: readonly number[];
  readonly machine: string | undefined;
  readonly threads: number | undefined;
}

/** The machine that both compute, and how. */
type Subject = Pick<ParityPlan, "network" | "dt" | "temperature" | "integrator">;

async function subjectOf({ machine, units, seed }: ParityOptions): Promise<Subject> {
  if (machine === undefined) {
    const network = randomNetwork({ units: units ?? 100, gain: 2, seed });
    return { network, dt: 0.05, temperature: 1, integrator: "leimkuhler-matthews" };
  }
  if (units !== undefined) {
    throw refusal("--units and --machine both set the number of units");
  }
  const loaded = await loadNamedMachine(machine);
  const { dt, temperature, integrator } = dynamicsOf(loaded);
  return { network: loaded.network, dt, temperature, integrator };
}

/**
 * Compares two backends.
 *
 * @returns the exit status: 1 when the statistics disagree
 * @throws unavailable, diverged, aborted
 */
async function parityCommand(
  terminal: Terminal,
  names: readonly [string, string],
  options: ParityOptions,
): Promise<number> {
  const { chains, seed, steps, threads } = options;
  const subject = await subjectOf(options);
  const a = await openNamed(names[0], threads);
  await using _a = a.backend;
  const b = await openNamed(names[1], threads);
  await using _b = b.backend;
  const { sharesNoise, bits, statistics } = await measureParity(
    a.backend,
    b.backend,
    { ...subject, chains, seed, steps },
    workOn(terminal),
  );
  const { network, dt, temperature, integrator } = subject;
  const comparison: BackendComparison = {
    backends: [a, b].map(({ name, backend }) => ({ name, device: backend.device })),
    units: network.units,
    chains,
    seed,
    dt,
    temperature,
    integrator,
    sharesNoise,
    bits,
    statistics,
  };
  terminal.result(comparison, describeParity(comparison, Math.min(terminal.columns, 80)));
  return statistics.agree ? 0 : 1;
}

/** Adds the command to the program. */
export function defineParity(
  program: Command,
  terminal: Terminal,
  end: (status: number) => void,
): void {
  const comparing = program
    .command("parity")
    .description("measure how far two backends agree, in bits and in statistics")
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
    .action(async (a: string, b: string, options: ParityOptions) => {
      end(await parityCommand(terminal, [a, b], options));
    });
}

/** Reads ascending numbers of steps from a flag. */
function stepList(value: string): number[] {
  const steps = value.split(",").map((part) => amount("--steps", "count", 1)(part));
  return [...new Set(steps)].sort((a, b) => a - b);
}
