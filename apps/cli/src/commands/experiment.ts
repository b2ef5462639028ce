// `nlm experiment`: compute something that the paper shows, and write numbers, figures and a report.
import { timeBackend, timedMachine } from "@neural-langevin/backend-testkit";
import { isLangevinError, LangevinError } from "@neural-langevin/core";
import {
  costsOf,
  type ExperimentRun,
  type ExperimentStorage,
  experimentNamed,
  experiments,
  type Report,
  readRecord,
  runExperiment,
  type Scale,
  scaleNames,
} from "@neural-langevin/experiments";
import {
  createExperimentFolder,
  namedImages,
  openExperimentFolder,
  withFashion,
} from "@neural-langevin/experiments/node";
import { renderPng } from "@neural-langevin/figures/node";
import { computedBy } from "@neural-langevin/runs";
import { type Command, Option } from "commander";
import { chooseDefault, openBackend } from "../backends/default-backend.js";
import { mnistPlace } from "../files/mnist.js";
import { nextFreePath } from "../files/outputs.js";
import { reopenBackend } from "../files/training-run.js";
import { addAmount, addDevice } from "../options.js";
import { workOn } from "../terminal/progress.js";
import type { Terminal } from "../terminal/terminal.js";
import { describeTerm, formatDuration, formatNumber, shellWord, wrapText } from "../text/format.js";
import { ownName, versions } from "../versions.js";

/** What an experiment may be told. */
interface ExperimentOptions {
  readonly scale: Scale;
  readonly seed: number;
  readonly out?: string | undefined;
  readonly resume?: string | undefined;
  /** Folder of Fashion-MNIST, for an experiment that takes it. */
  readonly fashion?: string | undefined;
  readonly overwrite: boolean;
  readonly backend?: string | undefined;
  readonly threads?: number | undefined;
}

/** Runs a named experiment at its scale, or goes on with the one in `options.resume`. */
async function experimentCommand(
  terminal: Terminal,
  name: string | undefined,
  options: ExperimentOptions,
): Promise<void> {
  if (options.resume !== undefined)
    return resumeExperiment(terminal, name, options.resume, options);
  if (name === undefined) {
    const names = experiments.map((experiment) => experiment.name).join(", ");
    throw new LangevinError(
      "invalid-value",
      "Name an experiment.",
      `Choose one of ${names}, or list them with --list.`,
    );
  }
  const experiment = experimentNamed(name);
  const { scale, seed, fashion, overwrite } = options;
  const settings =
    fashion === undefined ? undefined : await withFashion(experiment, scale, fashion);
  const opened = await openBackend(terminal, options.backend, options.threads);
  await using backend = opened.backend;
  const path = options.out ?? (await nextFreePath(`runs/experiments/${experiment.name}-${scale}`));
  await using storage = await createExperimentFolder(path, { overwrite });
  await follow(terminal, path, {
    experiment,
    scale,
    settings,
    seed,
    storage,
    backend,
    computedBy: computedBy(backend, opened.name),
  });
}

/** Goes on with the experiment in a folder, on the backend that it began on unless another one is named. */
async function resumeExperiment(
  terminal: Terminal,
  name: string | undefined,
  path: string,
  device: Pick<ExperimentOptions, "backend" | "threads">,
): Promise<void> {
  await using storage = await openExperimentFolder(path);
  const record = (await readRecord(storage))!;
  const experiment = experimentNamed(record.experiment);
  if (name !== undefined && name !== experiment.name) {
    throw new LangevinError(
      "invalid-value",
      `The experiment in ${path} is ${experiment.name}, not ${name}.`,
      "Leave the name out.",
    );
  }
  const opened = await reopenBackend(terminal, record, device);
  await using backend = opened.backend;
  await follow(terminal, path, {
    experiment,
    storage,
    backend,
    computedBy: computedBy(backend, opened.name),
  });
}

/**
 * Runs an experiment with its progress on the terminal, and prints what was found.
 *
 * @throws aborted, with the command that goes on
 */
async function follow(
  terminal: Terminal,
  path: string,
  run: Omit<ExperimentRun<object>, "data" | "storage"> & { readonly storage: ExperimentStorage },
): Promise<void> {
  const { experiment, backend } = run;
  terminal.print(`${experiment.name}: ${experiment.description}.`);
  terminal.print(`  on    ${backend.device.label}`);
  terminal.print(`  into  ${path}`);
  const report = await runExperiment({
    ...run,
    data: namedImages(mnistPlace()),
    versions: versions(),
    renderPng,
    ...workOn(terminal),
  }).catch((error) => {
    if (!isLangevinError(error, "aborted")) throw error;
    const resume = `Go on with: ${ownName()} experiment --resume ${shellWord(path)}`;
    throw new LangevinError("aborted", error.message, resume);
  });
  const file = `${path}/report.md`;
  terminal.result({ run: path, report: file, ...report }, describe(terminal, file, report));
}

function describe(terminal: Terminal, file: string, report: Report): string {
  const width = Math.min(terminal.columns, 100);
  return [
    "",
    ...report.findings.map(({ found }) => wrapText(`• ${found}`, width)),
    "",
    `  report  ${file}`,
    `Done in ${formatDuration(report.seconds)}, ${formatNumber(report.flop / 1e12)} TFLOP.`,
  ].join("\n");
}

/** Characters of the longest name, with space after it. */
const ROOM = 15;

/** Lists every experiment with what it would take here. */
async function listExperiments(
  terminal: Terminal,
  options: Pick<ExperimentOptions, "backend" | "threads">,
): Promise<void> {
  const { name, flopPerSecond } = await speedOf(terminal, options);
  const list = experiments.map((experiment) => ({
    name: experiment.name,
    description: experiment.description,
    scales: costsOf(experiment, flopPerSecond),
  }));
  const width = Math.min(terminal.columns, 100);
  const lines = list.flatMap(({ name, description, scales }) => [
    describeTerm(name, description, ROOM, width),
    " ".repeat(ROOM) +
      scaleNames.map((scale) => `${scale} ${duration(scales[scale].seconds)}`).join(", "),
  ]);
  lines.push(
    "",
    wrapText(
      `Times are estimates for ${name}, which does ${formatNumber(flopPerSecond / 1e9)} GFLOP/s here ` +
        "with 784 units and 96 chains.",
      width,
    ),
  );
  terminal.result({ backend: name, flopPerSecond, experiments: list }, lines.join("\n"));
}

/** The backend that would compute, and the operations per second that it reaches. */
async function speedOf(
  terminal: Terminal,
  options: Pick<ExperimentOptions, "backend" | "threads">,
): Promise<{ name: string; flopPerSecond: number }> {
  const perStep = 4 * timedMachine.units ** 2 * timedMachine.chains;
  if (options.backend === undefined && options.threads === undefined) {
    const { chosen, candidates } = await chooseDefault(terminal);
    const known = candidates.find((candidate) => candidate.name === chosen)?.stepsPerSecond;
    if (typeof known === "number") return { name: chosen, flopPerSecond: known * perStep };
  }
  const { name, backend } = await openBackend(terminal, options.backend, options.threads);
  const speed = await timeBackend(backend).finally(() => backend.close());
  return { name, flopPerSecond: speed * perStep };
}

/** A duration that nobody should take to the second. */
function duration(seconds: number): string {
  if (seconds < 90) return `${Math.max(1, Math.round(seconds))} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  return seconds < 48 * 3600
    ? `${formatNumber(seconds / 3600)} h`
    : `${formatNumber(seconds / 86400)} days`;
}

/** Adds the command to the program. */
export function defineExperiment(program: Command, terminal: Terminal): void {
  const command = program
    .command("experiment")
    .description("reproduce a result of the paper: numbers, figures and a report")
    .argument("[name]", `one of ${experiments.map(({ name }) => name).join(", ")}`)
    .option("--list", "list what each one shows and how long it takes here", false)
    .addOption(
      new Option("--scale <name>", "minutes on two cores, an hour, or the published settings")
        .choices(scaleNames)
        .default("quick"),
    );
  addAmount(command, "--seed", "count", 0, "seed of all noise and orders", 1);
  command
    .option("--out <folder>", "folder of the experiment (default: runs/experiments/NAME-SCALE)")
    .option("--resume <run>", "go on with an interrupted experiment")
    .option("--fashion <folder>", "Fashion-MNIST for latent (default: where Debian installs it)")
    .option("--overwrite", "replace an existing experiment", false);
  addDevice(command);
  command
    .addHelpText(
      "after",
      `
Examples:
  nlm experiment --list
  nlm experiment bias
  nlm experiment bias --scale paper --backend webgpu
  nlm experiment --resume runs/experiments/bias-paper`,
    )
    .action((name: string | undefined, { list, ...options }) =>
      list ? listExperiments(terminal, options) : experimentCommand(terminal, name, options),
    );
}
