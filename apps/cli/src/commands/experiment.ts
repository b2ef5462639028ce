// `nlm experiment`: compute something that the paper shows, and write numbers, figures and a report.
import { isLangevinError, LangevinError } from "@neural-langevin/core";
import { readIdxFolder } from "@neural-langevin/datasets/node";
import { type ComputedBy, computedBy } from "@neural-langevin/runs";
import { type Command, Option } from "commander";
import { chooseDefault, openBackend } from "../default-backend.js";
import { type Experiment, type Scale, scaleNames } from "../experiments/experiment.js";
import { ExperimentFolder } from "../experiments/experiment-folder.js";
import { experiments } from "../experiments/index.js";
import { writeReport } from "../experiments/report.js";
import { Workbench } from "../experiments/workbench.js";
import { nextFreePath } from "../files/outputs.js";
import { reopenBackend } from "../files/training-run.js";
import { addAmount, addDevice, pick } from "../options.js";
import { measureSpeed, timed, timedCouplings } from "../speed.js";
import { clock, ownName, readable, type Terminal, wrap } from "../terminal.js";
import { versions } from "../versions.js";

/** What an experiment may be told. */
interface ExperimentOptions {
  readonly scale: Scale;
  readonly seed: number;
  readonly out?: string;
  readonly resume?: string;
  /** Folder of Fashion-MNIST, for an experiment that takes it. */
  readonly fashion?: string;
  readonly overwrite: boolean;
  readonly backend?: string;
  readonly threads?: number;
}

/**
 * The experiment of a name.
 *
 * @throws invalid-value
 */
function experimentNamed(name: string, all = experiments): Experiment {
  const found = all.find((experiment) => experiment.name === name);
  if (found) return found;
  throw new LangevinError(
    "invalid-value",
    `There is no experiment "${name}".`,
    `Choose one of ${all.map((experiment) => experiment.name).join(", ")}.`,
  );
}

/** Runs a named experiment at its scale, or goes on with the one in `options.resume`. */
async function experimentCommand(
  terminal: Terminal,
  name: string | undefined,
  options: ExperimentOptions,
): Promise<void> {
  const { resume } = options;
  if (resume !== undefined) {
    const folder = await ExperimentFolder.open(resume);
    const experiment = experimentNamed(folder.record.experiment);
    if (name !== undefined && name !== experiment.name) {
      throw new LangevinError(
        "invalid-value",
        `The experiment in ${resume} is ${experiment.name}, not ${name}.`,
        "Leave the name out.",
      );
    }
    return runExperiment(terminal, experiment, options, folder);
  }
  if (name === undefined) {
    throw new LangevinError(
      "invalid-value",
      "Which experiment is not said.",
      `Name one of ${experiments.map((one) => one.name).join(", ")}, or say --list.`,
    );
  }
  const experiment = experimentNamed(name);
  return runExperiment(terminal, experiment, {
    ...options,
    settings: await settingsOf(experiment, options),
  });
}

/**
 * The settings of a scale, with Fashion-MNIST from the folder that was named.
 *
 * @throws invalid-value, not-found
 */
async function settingsOf(
  { name, scales }: Experiment,
  { scale, fashion }: ExperimentOptions,
): Promise<object> {
  const settings: { fashion?: object } = scales[scale];
  if (fashion === undefined) return settings;
  if (!settings.fashion) {
    throw new LangevinError(
      "invalid-value",
      `--fashion is given, but ${name} does not take Fashion-MNIST.`,
      "Leave it out.",
    );
  }
  await readIdxFolder(fashion, "train");
  return { ...settings, fashion: { ...settings.fashion, data: fashion } };
}

/**
 * Runs an experiment with given settings into a new folder, or goes on in `resumed`.
 *
 * @throws aborted, with the command that goes on
 */
export async function runExperiment(
  terminal: Terminal,
  experiment: Experiment,
  options: Omit<ExperimentOptions, "scale" | "fashion"> & { scale?: string; settings?: object },
  resumed?: ExperimentFolder,
): Promise<void> {
  const opened = resumed
    ? await reopenBackend(terminal, manifestOf(resumed), options)
    : await openBackend(terminal, options.backend, options.threads);
  const { backend, name } = opened;
  try {
    const { scale = "quick", settings = {}, seed } = options;
    const stem = `runs/experiments/${experiment.name}-${scale}`;
    const folder =
      resumed ??
      (await ExperimentFolder.create(
        options.out ?? (await nextFreePath(stem)),
        {
          ...{ experiment: experiment.name, scale, settings, seed, state: "running" },
          versions: versions(),
          ...computedBy(backend, name),
          ...{ started: new Date().toISOString(), changed: "", stages: {} },
        },
        options.overwrite,
      ));
    await folder.update({ state: "running" });
    terminal.say(`${experiment.name}: ${experiment.shows}.`);
    terminal.say(`  on    ${backend.device.label}`);
    terminal.say(`  into  ${folder.path}`);
    const resume = `${ownName()} experiment --resume ${folder.path}`;
    const bench = new Workbench(terminal, folder, { name, backend }, resume);
    try {
      const findings = await experiment.run(bench, folder.record.settings);
      const { path, report } = await writeReport(folder, experiment, bench, findings);
      await folder.update({ state: "finished" });
      terminal.result(
        { run: folder.path, report: path, ...report },
        describe(terminal, path, report),
      );
    } catch (error) {
      if (!(isLangevinError(error) && error.code === "aborted")) throw error;
      await folder.update({ state: "interrupted" });
      throw new LangevinError("aborted", error.message, `Go on with: ${resume}`);
    }
  } finally {
    await backend.close();
  }
}

/** The record of an experiment, as something on disk that says what computed it. */
const manifestOf = (folder: ExperimentFolder) => ({
  readManifest: async () => folder.record,
  updateManifest: (patch: ComputedBy) => folder.update(patch),
});

function describe(
  terminal: Terminal,
  path: string,
  report: Awaited<ReturnType<typeof writeReport>>["report"],
): string {
  const width = Math.min(terminal.columns, 100);
  return [
    "",
    ...report.findings.map(({ found }) => wrap(`• ${found}`, width)),
    "",
    `  report  ${path}`,
    `Done in ${clock(report.seconds)}, ${readable(report.flop / 1e12)} TFLOP.`,
  ].join("\n");
}

/** Operations per second that JavaScript reaches in measures; for estimates only. */
const HOST_SPEED = 1e9;

/** Lists every experiment with what it would take here. */
async function listExperiments(
  terminal: Terminal,
  options: { readonly backend?: string; readonly threads?: number },
): Promise<void> {
  const { name, flopPerSecond } = await speedOf(terminal, options);
  const list = experiments.map((experiment) => ({
    name: experiment.name,
    shows: experiment.shows,
    scales: Object.fromEntries(
      scaleNames.map((scale) => {
        const { backend, host } = experiment.work(experiment.scales[scale]);
        return [scale, { backend, host, seconds: backend / flopPerSecond + host / HOST_SPEED }];
      }),
    ) as Record<Scale, { backend: number; host: number; seconds: number }>,
  }));
  const width = Math.min(terminal.columns, 100);
  const indent = " ".repeat(15);
  const lines = list.flatMap((one) => [
    `${one.name.padEnd(15)}${wrap(one.shows, width - 15).replaceAll("\n", `\n${indent}`)}`,
    indent +
      scaleNames.map((scale) => `${scale} ${duration(one.scales[scale].seconds)}`).join(", "),
  ]);
  lines.push(
    "",
    wrap(
      `Times are estimates for ${name}, which does ${readable(flopPerSecond / 1e9)} GFLOP/s here ` +
        "with 784 units and 96 chains.",
      width,
    ),
  );
  terminal.result({ backend: name, flopPerSecond, experiments: list }, lines.join("\n"));
}

/** The backend that would compute, and the operations per second that it reaches. */
async function speedOf(
  terminal: Terminal,
  options: { readonly backend?: string; readonly threads?: number },
): Promise<{ name: string; flopPerSecond: number }> {
  const perStep = 4 * timed.units ** 2 * timed.chains;
  if (options.backend === undefined && options.threads === undefined) {
    const { chosen, candidates } = await chooseDefault(terminal);
    const known = candidates.find((candidate) => candidate.name === chosen)?.stepsPerSecond;
    if (typeof known === "number") return { name: chosen, flopPerSecond: known * perStep };
  }
  const { name, backend } = await openBackend(terminal, options.backend, options.threads);
  const speed = await measureSpeed(backend, timedCouplings()).finally(() => backend.close());
  return { name, flopPerSecond: speed * perStep };
}

/** A duration that nobody should take to the second. */
function duration(seconds: number): string {
  if (seconds < 90) return `${Math.max(1, Math.round(seconds))} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  return seconds < 48 * 3600
    ? `${readable(seconds / 3600)} h`
    : `${readable(seconds / 86400)} days`;
}

/** Adds the command to the program. */
export function defineExperiment(program: Command, terminal: Terminal): void {
  const command = program
    .command("experiment")
    .description("compute what the paper shows: numbers, figures and a report")
    .argument("[name]", `one of ${experiments.map(({ name }) => name).join(", ")}`)
    .option("--list", "say what each one shows, and what it would take here", false)
    .addOption(
      new Option("--scale <name>", "minutes on two cores, an hour, or the published settings")
        .choices(scaleNames)
        .default("quick"),
    );
  addAmount(command, "--seed", "count", 0, "seed of all noise and orders", 1);
  command
    .option("--out <folder>", "where it is written (default: runs/experiments/NAME-SCALE)")
    .option("--resume <run>", "go on with an interrupted experiment")
    .option("--fashion <folder>", "Fashion-MNIST for latent (default: where Debian installs it)")
    .option("--overwrite", "replace an experiment that is there", false);
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
    .action(async (name: string | undefined, { list, ...rest }) => {
      const device = pick({ backend: rest.backend, threads: rest.threads });
      if (list) return listExperiments(terminal, device);
      const { scale, seed, overwrite } = rest;
      const places = pick({ out: rest.out, resume: rest.resume, fashion: rest.fashion });
      await experimentCommand(terminal, name, { ...device, ...places, scale, seed, overwrite });
    });
}
