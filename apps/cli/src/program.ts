// The command line: which commands there are, and how they end.
import { type ErrorCode, isLangevinError } from "@neural-langevin/core";
import { systemFailure } from "@neural-langevin/datasets/node";
import { Command, CommanderError, Help, type Option } from "commander";
import { requireShare } from "./backends/job.js";
import { defineBackends } from "./commands/backends.js";
import { defineClassify } from "./commands/classify.js";
import { defineCluster } from "./commands/cluster.js";
import { defineCompare } from "./commands/compare.js";
import { defineDemo } from "./commands/demo.js";
import { defineDenoise } from "./commands/denoise.js";
import { defineEvaluate } from "./commands/evaluate.js";
import { defineExperiment } from "./commands/experiment.js";
import { defineExport } from "./commands/export.js";
import { defineGather } from "./commands/gather.js";
import { defineImport } from "./commands/import.js";
import { defineInspect } from "./commands/inspect.js";
import { defineLab } from "./commands/lab.js";
import { defineMachines } from "./commands/machines.js";
import { defineParity } from "./commands/parity.js";
import { defineSample } from "./commands/sample.js";
import { defineSweep } from "./commands/sweep.js";
import { defineTrain } from "./commands/train.js";
import { refusal } from "./options.js";
import { openTerminal, type Streams, type Terminal } from "./terminal/terminal.js";
import { describeFailure } from "./text/failure.js";
import { ownName, ownVersion } from "./versions.js";

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
  nlm demo                                 learn digits with their labels, and show what comes out
  nlm train --labels 0,1 --updates 4000 --out runs/zero-one
  nlm sample runs/demo --label 6
  nlm sample zoo:ten-digits --label 6      an included machine, without training
  nlm evaluate runs/zero-one --json

Exit status: 0 done, 1 the work failed or a check did not hold, 2 bad input, or what the system
refused (a full disk, rights, a backend), 3 diverged,
75 the time limit came first, 129, 130, 143 stopped by SIGHUP, Ctrl-C, SIGTERM.`,
    );

  defineDemo(program, terminal);
  defineTrain(program, terminal, end);
  defineSweep(program, terminal);
  defineSample(program, terminal);
  defineClassify(program, terminal);
  defineDenoise(program, terminal);
  defineEvaluate(program, terminal);
  defineCompare(program, terminal);
  defineExperiment(program, terminal);
  defineGather(program, terminal);
  defineMachines(program, terminal);
  defineInspect(program, terminal);
  defineLab(program, terminal);
  defineImport(program, terminal);
  defineExport(program, terminal);
  defineCluster(program, terminal);
  defineBackends(program, terminal, end);
  defineParity(program, terminal, end);
  return program;
}

/**
 * Exit status of a failure. 0 is success, and 1 also that a check did not hold: `parity`, `backends --verify`. What
 * Commander refuses, such as an unknown flag, ends with 2.
 */
export const exitStatus: Readonly<Record<ErrorCode, number>> = {
  // Bad input, or what the system refused: what was asked for cannot be done.
  "invalid-value": 2,
  "wrong-length": 2,
  "not-finite": 2,
  "not-found": 2,
  "bad-file": 2,
  exists: 2,
  "in-use": 2,
  unsupported: 2,
  unavailable: 2,
  // The work itself failed.
  "device-failed": 1,
  "device-lost": 1,
  closed: 1,
  // The dynamics or the training left what can be sampled; the last good state is kept.
  diverged: 3,
  // Ctrl-C, as shells number it.
  aborted: 130,
};

/**
 * Refuses empty names of files, folders and runs, which would mean the current folder.
 *
 * @throws invalid-value
 */
function requireNames(command: Command): void {
  const values: Readonly<Record<string, unknown>> = command.opts();
  const empty = command.options.find((option) => values[option.attributeName()] === "");
  const argument = command.args.includes("") ? "An argument" : undefined;
  if (!empty && !argument) return;
  throw refusal(`${empty?.long ?? argument} is empty`, "Give it a value, or leave it out.");
}

/** An option in the help; of a switch, that it is off by default needs no word. */
const optionDescription = (option: Option): string =>
  Help.prototype.optionDescription(option).replace(" (default: false)", "");

/**
 * Runs the command line.
 *
 * @param argv the arguments behind the program's name
 * @returns the exit status
 */
export async function run(argv: readonly string[], streams: Streams): Promise<number> {
  const { stdout } = streams;
  const json = argv.includes("--json");
  const terminal = openTerminal(streams, json);
  const { columns } = terminal;
  const fail = (code: string, message: string, remedy?: string) => {
    const said = describeFailure(terminal, { code, message, remedy });
    stdout.write(said.stdout);
    terminal.print(said.stderr.trimEnd());
  };
  let status = 0;
  const program = buildProgram(terminal, (ended) => {
    status = ended;
  });
  for (const command of [program, ...program.commands]) {
    command
      .hook("preAction", (_, called) => requireNames(called))
      .hook("preAction", (_, called) => requireShare(called))
      .exitOverride()
      .configureHelp({ helpWidth: columns, optionDescription })
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
      const message = error.message
        .replace(/^error: /, "")
        // Commander asks "(Did you mean train?)" on a line of its own.
        .replace(/\s*\n\s*\(?/g, ". ")
        .replace(/\?\)$/, "?");
      const sentence = message.charAt(0).toUpperCase() + message.slice(1);
      const asked = program.commands.find((command) => command.name() === argv[0])?.name();
      const help = [ownName(), asked, "--help"].filter(Boolean).join(" ");
      fail("usage", `${sentence.replace(/[.?]?$/, (end) => end || ".")}`, `See ${help}.`);
      return 2;
    }
    const failure = systemFailure(error, "write");
    if (isLangevinError(failure)) {
      fail(failure.code, failure.message, failure.remedy);
      return exitStatus[failure.code];
    }
    fail("internal", `This is a bug in nlm: ${(error as Error).stack ?? error}`);
    return 1;
  }
}
