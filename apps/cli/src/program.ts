// The command line: which commands there are, what they accept, and how they end.
import { integrators, LangevinError } from "@neural-langevin/core";
import { Command, CommanderError, Option } from "commander";
import { backendsCommand } from "./commands/backends.js";
import { demo, type Scale } from "./commands/demo.js";
import { evaluateCommand } from "./commands/evaluate.js";
import { experimentCommand, listExperiments } from "./commands/experiment.js";
import { inspectCommand } from "./commands/inspect.js";
import { parityCommand } from "./commands/parity.js";
import { sampleCommand } from "./commands/sample.js";
import { trainCommand } from "./commands/train.js";
import { verifyCommand } from "./commands/verify.js";
import { scaleNames } from "./experiments/experiment.js";
import { experiments } from "./experiments/index.js";
import { aliases, readSettings, settings, type TrainingConfig } from "./settings.js";
import { type Terminal, wrap } from "./terminal.js";
import { ownVersion } from "./versions.js";

/** The streams and signal that a run of the program has. */
export interface Surroundings {
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown; isTTY?: boolean; columns?: number };
  readonly interrupted: AbortSignal;
}

/** Reads a whole number or a number from a flag. */
function amount(flag: string, kind: "count" | "number", least: number) {
  return (value: string): number => {
    const result = value.trim() === "" ? Number.NaN : Number(value);
    const fits = kind === "count" ? Number.isSafeInteger(result) : Number.isFinite(result);
    if (fits && result >= least) return result;
    const what = kind === "count" ? "a whole number" : "a number";
    throw new LangevinError(
      "invalid-value",
      `${flag} takes ${what} of at least ${least}, not ${JSON.stringify(value)}.`,
    );
  };
}

/** Adds an option whose value is an amount. */
function addAmount(
  command: Command,
  flag: string,
  kind: "count" | "number",
  least: number,
  says: string,
  fallback?: number,
): void {
  const option = new Option(`${flag} <${kind}>`, says).argParser(amount(flag, kind, least));
  if (fallback !== undefined) option.default(fallback);
  command.addOption(option);
}

/** Options that every computing command has. */
function addDevice(command: Command): void {
  command.option("--backend <id>", "what computes, as ID or ID:MODE (default: see `nlm backends`)");
  addAmount(command, "--threads", "count", 1, "threads of the backend");
  command.option("--json", "write one JSON object to stdout");
}

/** One flag per setting of a training, for those that are named or for all. */
function addSettings(command: Command, names = Object.keys(settings)): void {
  for (const name of names) {
    const { argument, says, fallback } = settings[name as keyof TrainingConfig];
    const shown = fallback === undefined ? "" : ` (default: ${fallback})`;
    command.option(`--${name} <${argument}>`, `${says}${shown}`);
  }
  for (const [alias, name] of Object.entries(aliases)) {
    if (!names.includes(name)) continue;
    command.option(`--${alias} <number>`, `the same as --${name}`);
  }
}

/** The settings among some parsed options. */
function settingsOf(options: Readonly<Record<string, unknown>>): Partial<TrainingConfig> {
  const names = [...Object.keys(settings), ...Object.keys(aliases)];
  const camel = (name: string) =>
    name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
  const given = names.flatMap((name) => {
    const value = options[camel(name)];
    return value === undefined ? [] : [[name, value] as const];
  });
  return readSettings(Object.fromEntries(given), (name) => `--${name}`);
}

/** The options that are there, so that absent ones stay absent. */
function pick<T extends object>(options: T): { [K in keyof T]: NonNullable<T[K]> } {
  const entries = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]: NonNullable<T[K]> };
}

/** Reads ascending numbers of steps from a flag. */
function stepList(value: string): number[] {
  const steps = value.split(",").map((part) => amount("--steps", "count", 1)(part));
  return [...new Set(steps)].sort((a, b) => a - b);
}

function buildProgram(terminal: Terminal, end: (status: number) => void): Command {
  const program = new Command("nlm")
    .description("Train, sample and study neural Langevin machines.")
    .version(ownVersion(), "--version", "show the version")
    .helpOption("-h, --help", "show this help")
    .helpCommand("help [command]", "show the help of a command")
    .showSuggestionAfterError()
    .addHelpText(
      "after",
      `
Examples:
  nlm demo                                 learn digits 1, 3, 6 and show what comes out
  nlm train --labels 0,1 --updates 4000 --out runs/zero-one
  nlm sample runs/zero-one --chains 64 --cool
  nlm evaluate runs/zero-one --json`,
    );

  const demoCommand = program
    .command("demo")
    .description("train on MNIST digits 1, 3 and 6, generate from noise, measure and draw")
    .addOption(
      new Option("--scale <name>", "minutes on two cores, or the published setting")
        .choices(["quick", "paper"])
        .default("quick"),
    )
    .option("--out <folder>", "where the run is written (default: runs/demo, or the next free)")
    .option("--resume <run>", "go on with an interrupted demo")
    .option("--overwrite", "replace a run that is there", false);
  addSettings(demoCommand, ["updates", "seed"]);
  addDevice(demoCommand);
  demoCommand
    .addHelpText(
      "after",
      `
Examples:
  nlm demo
  nlm demo --seed 7 --out runs/seven
  nlm demo --scale paper                    the published PCD-10; hours to days
  nlm demo --resume runs/demo-paper`,
    )
    .action(async ({ scale, out, resume, overwrite, backend, threads, ...rest }) => {
      const given = settingsOf(rest);
      await demo(terminal, {
        ...pick({ out, resume, backend, threads }),
        scale: scale as Scale,
        overwrite,
        settings: given,
      });
    });

  const training = program
    .command("train")
    .description("learn images into a run folder")
    .option("--config <file>", "settings as YAML; flags override them")
    .option("--out <folder>", "where the run is written (default: runs/train)")
    .option("--resume <run>", "go on with an interrupted run")
    .option("--overwrite", "replace a run that is there", false);
  addSettings(training);
  addDevice(training);
  training
    .addHelpText(
      "after",
      `
Examples:
  nlm train --labels 1,3,6 --images 10000 --dt 0.05 --rate 1e-3
  nlm train --data photos/ --negative-phase rdm-100 --out runs/photos
  nlm train --config settings.yaml --updates 5000
  nlm train --resume runs/train`,
    )
    .action(async ({ config, out, resume, overwrite, backend, threads, ...rest }) => {
      const given = settingsOf(rest);
      await trainCommand(terminal, {
        ...pick({ config, out, resume, backend, threads }),
        overwrite,
        settings: given,
      });
    });

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

  const evaluating = program
    .command("evaluate")
    .description("measure what a run generates against images that it never saw")
    .argument("<run>", "a run folder");
  addAmount(evaluating, "--steps", "count", 1, "Langevin steps", 2000);
  addDevice(evaluating);
  evaluating
    .addHelpText("after", "\nExample:\n  nlm evaluate runs/demo --steps 5000")
    .action(async (run: string, { steps, backend, threads }) => {
      await evaluateCommand(terminal, run, { ...pick({ backend, threads }), steps });
    });

  program
    .command("inspect")
    .description("say what is in a run, or in a safetensors, NPY, IDX or PNG file")
    .argument("<file>", "a run folder or a file")
    .option("--json", "write one JSON object to stdout")
    .addHelpText("after", "\nExample:\n  nlm inspect runs/demo/machine.safetensors")
    .action((file: string) => inspectCommand(terminal, file));

  program
    .command("backends")
    .description("say what can compute here, on which device, and why not")
    .option("--probe", "measure every mode that is here anew, and choose the default", false)
    .option("--verify [id...]", "run the contract on the named backends, or on all")
    .option("--json", "write one JSON object to stdout")
    .addHelpText(
      "after",
      `
Examples:
  nlm backends
  nlm backends --probe
  nlm backends --verify cpu:plain reference`,
    )
    .action(async ({ probe, verify }) => {
      if (verify === undefined) return backendsCommand(terminal, { probe });
      if (probe) {
        throw new LangevinError("invalid-value", "--probe and --verify are two different things.");
      }
      end(await verifyCommand(terminal, verify === true ? [] : verify));
    });

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

  const experimenting = program
    .command("experiment")
    .description("compute what the paper shows: numbers, figures and a report")
    .argument("[name]", `one of ${experiments.map(({ name }) => name).join(", ")}`)
    .option("--list", "say what each one shows, and what it would take here", false)
    .addOption(
      new Option("--scale <name>", "minutes on two cores, an hour, or the published settings")
        .choices(scaleNames)
        .default("quick"),
    );
  addAmount(experimenting, "--seed", "count", 0, "seed of all noise and orders", 1);
  experimenting
    .option("--out <folder>", "where it is written (default: runs/experiments/NAME-SCALE)")
    .option("--resume <run>", "go on with an interrupted experiment")
    .option("--fashion <folder>", "Fashion-MNIST for latent (default: where Debian installs it)")
    .option("--overwrite", "replace an experiment that is there", false);
  addDevice(experimenting);
  experimenting
    .addHelpText(
      "after",
      `
Examples:
  nlm experiment --list
  nlm experiment bias
  nlm experiment bias --scale paper --backend webgpu
  nlm experiment --resume runs/experiments/bias-paper`,
    )
    .action(async (name: string | undefined, { list, ...rest }) => {
      const device = pick({ backend: rest.backend, threads: rest.threads });
      if (list) return listExperiments(terminal, device);
      const { scale, seed, overwrite } = rest;
      const places = pick({ out: rest.out, resume: rest.resume, fashion: rest.fashion });
      await experimentCommand(terminal, name, { ...device, ...places, scale, seed, overwrite });
    });

  return program;
}

/** Exit status of a failure: 130 after Ctrl-C, 1 where the work itself failed, 2 for bad input. */
function statusOf(error: LangevinError): number {
  if (error.code === "aborted") return 130;
  return error.code === "diverged" || error.code === "device-failed" ? 1 : 2;
}

/**
 * Runs the command line.
 *
 * @param argv the arguments behind the program's name
 * @returns the exit status
 */
export async function run(argv: readonly string[], surroundings: Surroundings): Promise<number> {
  const { stdout, stderr, interrupted } = surroundings;
  const json = argv.includes("--json");
  const columns = stderr.columns ?? 80;
  const terminal: Terminal = {
    json,
    interactive: stderr.isTTY === true,
    columns,
    say: (line = "") => stderr.write(`${line}\n`),
    draw: (text) => stderr.write(text),
    result: (value, human) => stdout.write(json ? `${JSON.stringify(value)}\n` : `${human}\n`),
    interrupted,
  };
  const fail = (code: string, message: string, remedy?: string) => {
    if (json) stdout.write(`${JSON.stringify({ error: { code, message, remedy } })}\n`);
    const paragraph = ["nlm:", message, remedy].filter(Boolean).join(" ");
    stderr.write(`${wrap(paragraph, Math.min(columns, 100))}\n`);
  };
  let status = 0;
  const program = buildProgram(terminal, (ended) => {
    status = ended;
  });
  for (const command of [program, ...program.commands]) {
    command
      .exitOverride()
      .configureHelp({ helpWidth: columns })
      .configureOutput({
        writeOut: (text) => stdout.write(text),
        // Refusals are written below, in one form.
        writeErr: () => {},
      });
  }
  try {
    if (argv.length === 0) {
      stdout.write(program.helpInformation());
      return 0;
    }
    await program.parseAsync(argv, { from: "user" });
    return status;
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return 0;
      const message = error.message.replace(/^error: /, "").replace(/\s*\n\s*/g, ". ");
      const sentence = message.charAt(0).toUpperCase() + message.slice(1);
      fail("usage", `${sentence.replace(/[.?]?$/, (end) => end || ".")}`, "See nlm --help.");
      return 2;
    }
    if (error instanceof LangevinError) {
      fail(error.code, error.message, error.remedy);
      return statusOf(error);
    }
    throw error;
  }
}
