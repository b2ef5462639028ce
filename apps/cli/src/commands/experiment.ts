// `nlm experiment`: compute something that the paper shows, and write numbers, figures and a report.
import { shellWord } from "@neural-langevin/backend-ranks/node";
import { timeBackend, timedMachine } from "@neural-langevin/backend-testkit";
import { isLangevinError, LangevinError } from "@neural-langevin/core";
import {
  costsOf,
  type ExperimentRun,
  experiments,
  type Report,
  readRecord,
  runExperiment,
  runExperimentShard,
  scaleNames,
} from "@neural-langevin/experiments";
import {
  chooseExperiment,
  createExperimentFolder,
  type ExperimentChoice,
  loadExperiment,
  namedImages,
  openExperimentFolder,
} from "@neural-langevin/experiments/node";
import { renderPng } from "@neural-langevin/figures/node";
import { computedBy, type Shard } from "@neural-langevin/runs";
import { nextFreePath } from "@neural-langevin/runs/node";
import { type Command, Option } from "commander";
import { chooseDefault, openBackend } from "../backends/default-backend.js";
import { imagePlaces } from "../files/mnist.js";
import { reopenBackend } from "../files/training-run.js";
import { addAmount, addDevice, readAssignment, refusal } from "../options.js";
import { workOn } from "../terminal/progress.js";
import type { Terminal } from "../terminal/terminal.js";
import { counted, describeTerm, formatDuration, formatNumber, wrapText } from "../text/format.js";
import { ownName, versions } from "../versions.js";

/** What an experiment may be told. */
interface ExperimentOptions extends ExperimentChoice {
  readonly seed: number;
  readonly out?: string | undefined;
  readonly resume?: string | undefined;
  readonly overwrite: boolean;
  readonly backend?: string | undefined;
  readonly threads?: number | undefined;
}

/** Runs an experiment as it is asked for, or goes on with the one in `options.resume`. */
async function experimentCommand(
  terminal: Terminal,
  name: string | undefined,
  options: ExperimentOptions,
): Promise<void> {
  if (options.resume !== undefined) {
    const given = (["data", "set", "shard", "fashion"] as const).find((flag) => options[flag]);
    if (!given) return resumeExperiment(terminal, name, options.resume, options);
    throw refusal(
      `A resumed experiment keeps its settings, so --${given} cannot be given`,
      "Leave it out.",
    );
  }
  const chosen = await chooseExperiment(name, options, {
    ...imagePlaces(),
    ...workOn(terminal),
  });
  const { experiment, scale, shard } = chosen;
  const { seed, overwrite } = options;
  const opened = await openBackend(terminal, options.backend, options.threads);
  await using backend = opened.backend;
  const share = shard ? `-shard-${shard.index + 1}-of-${shard.count}` : "";
  const stem = `runs/experiments/${experiment.name}-${scale}${share}`;
  const path = options.out ?? (await nextFreePath(stem));
  await using storage = await createExperimentFolder(path, { overwrite });
  const computed = computedBy(backend, opened.name);
  await follow(terminal, path, { ...chosen, seed, storage, backend, computedBy: computed });
}

/** Goes on with the experiment in a folder, on the backend that it began on unless another one is named. */
export async function resumeExperiment(
  terminal: Terminal,
  name: string | undefined,
  path: string,
  device: Pick<ExperimentOptions, "backend" | "threads">,
): Promise<void> {
  await using storage = await openExperimentFolder(path);
  const record = (await readRecord(storage))!;
  const { experiment } = await loadExperiment(record.module ?? record.experiment);
  if (name !== undefined && name !== record.module && name !== experiment.name) {
    throw refusal(
      `The experiment in ${path} is ${experiment.name}, not ${name}`,
      "Leave the name out.",
    );
  }
  const opened = await reopenBackend(terminal, record, device);
  await using backend = opened.backend;
  await follow(terminal, path, {
    experiment,
    shard: record.shard,
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
  { shard, ...run }: Omit<ExperimentRun<object>, "data"> & { readonly shard: Shard | undefined },
): Promise<void> {
  const { experiment, backend } = run;
  terminal.print(`${experiment.name}: ${experiment.description}.`);
  terminal.print(`  on    ${backend.device.label}`);
  terminal.print(`  into  ${path}`);
  const full = {
    ...run,
    data: namedImages(imagePlaces()),
    versions: versions(),
    renderPng,
    ...workOn(terminal),
  };
  const stopped = (error: unknown): never => {
    if (!isLangevinError(error, "aborted")) throw error;
    const resume = `Go on with: ${ownName()} experiment --resume ${shellWord(path)}`;
    throw new LangevinError("aborted", error.message, resume);
  };
  if (shard) {
    const parts = await runExperimentShard(full, shard).catch(stopped);
    const name = `Shard ${shard.index + 1} of ${shard.count}`;
    terminal.result(
      { run: path, shard, parts },
      `${name} is done: ${counted(parts.length, "part")} of ${experiment.parts}, in ${path}.\n` +
        `Put all shards together with: ${ownName()} gather FOLDER… --out FOLDER`,
    );
    return;
  }
  const report = await runExperiment(full).catch(stopped);
  const file = `${path}/report.md`;
  terminal.result({ run: path, report: file, ...report }, describe(terminal, file, report));
}

function describe(terminal: Terminal, file: string, report: Report): string {
  const width = Math.min(terminal.columns, 100);
  return [
    "",
    ...report.findings.map(({ found }) => wrapText(`• ${found}`, width)),
    "",
    ...Object.entries(report.symbols).map(([of, is]) => wrapText(`${of}: ${is}`, width, "  ")),
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
    .argument(
      "[name]",
      `one of ${experiments.map(({ name }) => name).join(", ")}; or your own, from a file or package`,
    )
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
    .option("--data <source>", "images to learn in place of MNIST, as nlm train takes them")
    .addOption(
      new Option("--set <name=value>", "change a setting of the scale; may be repeated").argParser(
        readAssignment,
      ),
    )
    .option("--shard [i/n]", "compute every n-th part, from the i-th on, for nlm gather")
    .option(
      "--fashion <folder>",
      "Fashion-MNIST for latent (default: $NLM_FASHION_MNIST, or where Debian installs it)",
    )
    .option("--overwrite", "replace an existing experiment", false);
  addDevice(command);
  command
    .addHelpText(
      "after",
      `
A name in --set is a setting of the experiment, else of its trainings; training.chains is
that of the trainings where both have one. What an experiment compares cannot be set.
These have independent parts, and so shards: ${experiments
        .filter(({ parts }) => parts)
        .map(({ name }) => name)
        .join(", ")}.
In a Slurm array write --shard alone, in a Kubernetes job of N pods --shard N.

Examples:
  nlm experiment --list
  nlm experiment bias
  nlm experiment spectrum --data photos/ --set updates=4000 --set at=100,1000
  nlm experiment memorisation --shard 2/7
  nlm experiment ./my-experiment.js
  nlm experiment bias --scale paper --backend webgpu
  nlm experiment --resume runs/experiments/bias-paper`,
    )
    .action((name: string | undefined, { list, ...options }) =>
      list ? listExperiments(terminal, options) : experimentCommand(terminal, name, options),
    );
}
