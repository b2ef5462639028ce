// `nlm evaluate`: measure what a machine generates against images that it never saw.
import { evaluate, requireEvaluable } from "@neural-langevin/experiments";
import { evaluationFiles, writeEvaluation } from "@neural-langevin/experiments/node";
import { dynamicsOf, type TrainingSettings } from "@neural-langevin/runs";
import { commandRecord, loadEvaluationData, requireWritable } from "@neural-langevin/runs/node";
import type { Command } from "commander";
import { addRanks, type DeviceOptions, onRanks, openDevice } from "../backends/job.js";
import { mnistPlace } from "../files/mnist.js";
import { openMachine } from "../files/open-machine.js";
import {
  addAmount,
  addDevice,
  addMachine,
  addSettings,
  addTempering,
  machineSettings,
  refusal,
  settingsOf,
} from "../options.js";
import { workOn } from "../terminal/progress.js";
import type { Terminal } from "../terminal/terminal.js";
import { describeEvaluation, describeMeanings } from "../text/evaluation.js";
import { caller } from "../versions.js";

interface EvaluateOptions extends DeviceOptions {
  /** The update whose checkpoint is measured; the latest unless given. */
  readonly checkpoint: number | undefined;
  /** Whether the test part of the data is what the machine is held against. */
  readonly test: boolean;
  /** Whether the machine's labels are asked for, in turn. */
  readonly asked: boolean;
  /** As long as the chains of its training lived, unless given. */
  readonly steps: number | undefined;
  /** Watches so many frames, one every so many steps. */
  readonly equilibrium: { readonly frames: number; readonly every: number } | undefined;
  /** How log Z is estimated: so many values of β, and Langevin steps at each. */
  readonly annealing: { readonly anneals: number; readonly steps: number } | undefined;
  /** T of a ladder over which chains swap. */
  readonly tempering: readonly number[] | undefined;
  /** The folder of its files; none unless given. */
  readonly out: string | undefined;
  readonly overwrite: boolean;
  readonly settings: Partial<TrainingSettings>;
}

/** Generates as many images as were kept back, and compares the two. */
async function evaluateCommand(
  terminal: Terminal,
  path: string,
  options: EvaluateOptions,
): Promise<void> {
  const machine = await openMachine(terminal, path, options.checkpoint);
  const { network, file, settings: own } = machine;
  const { settings: given, equilibrium, annealing, tempering, out } = options;
  const dynamics = dynamicsOf(machine, {
    steps: options.steps,
    temperature: given.temperature ?? tempering?.[0],
    dt: given["step-size"],
    integrator: given.integrator,
  });
  const data = await loadEvaluationData(machine, given, { ...mnistPlace(), test: options.test });
  const seed = given.seed ?? own.seed;
  const plan = { seed, dynamics, asked: options.asked, equilibrium, annealing, tempering };
  requireEvaluable(machine, data, plan);
  const mayBeLearned = !machine.run && !network.learnedData;
  if (mayBeLearned)
    terminal.print(`${file} does not say what it learned: it may have seen these images.`);
  if (out !== undefined) await requireWritable(evaluationFiles(out), options.overwrite);
  const opened = await openDevice(terminal, options);
  await using backend = opened.backend;
  const work = workOn(terminal);
  const { details, ...evaluation } = await evaluate(backend, machine, data, plan, work);
  const { sha256, heldOutSha256, training, split } = data;
  const record = {
    ...(await commandRecord(machine, opened, dynamics, plan.seed, await caller())),
    data: {
      source: training.source,
      sha256,
      heldOutSha256,
      heldOutFrom: split.heldOutFrom,
      splitSeed: split.seed,
      labels: given.labels ?? own.labels,
      mayBeLearned: mayBeLearned || undefined,
    },
    ...evaluation,
  };
  const files = out === undefined ? [] : await writeEvaluation(out, record, details);
  const width = Math.min(terminal.columns, 100);
  const said = describeEvaluation(file, evaluation, network.units, width);
  terminal.result(record, [said, ...files.map((name) => `  ${name}`)].join("\n"));
}

/** Adds the command to the program. */
export function defineEvaluate(program: Command, terminal: Terminal): void {
  const evaluating = program
    .command("evaluate")
    .description("measure what a machine generates against images that it never saw");
  addMachine(evaluating);
  evaluating.option("--test", "compare with the test part of the data, such as t10k", false);
  evaluating.option("--asked", "ask for the machine's labels in turn, as sample --label", false);
  evaluating.option("--equilibrium", "record the chains and judge whether they are in equilibrium");
  addAmount(evaluating, "--frames", "count", 16, "frames that --equilibrium records", 500);
  addAmount(evaluating, "--every", "count", 1, "steps between two frames", 10);
  evaluating.option("--log-likelihood", "estimate log Z and the images' likelihood by annealing");
  addAmount(evaluating, "--anneals", "count", 1, "values of β, forward and backward", 100);
  addAmount(evaluating, "--anneal-steps", "count", 1, "Langevin steps at each value", 100);
  addTempering(evaluating);
  evaluating
    .option("--out <folder>", "write evaluation.json, traces.csv and log-likelihoods.csv there")
    .option("--overwrite", "replace existing files", false);
  addSettings(evaluating, [...machineSettings, "seed"], true);
  addRanks(evaluating);
  addDevice(evaluating);
  evaluating
    .addHelpText(
      "after",
      `
Settings that you leave out, from --data to --seed, are the run's. Its split of the data
never changes: --seed is the seed of the noise alone, and --labels, --images and
--held-out take a part of the images that the run learned and kept back.

Measures, as trainings with --evaluate-every print them too:
${describeMeanings(["A_S", "A_T", "AAI", "E2", "legible", "frechetDistance", "virialRatio"], 88)}

Examples:
  nlm evaluate runs/demo --steps 5000
  nlm evaluate zoo:ten-digits --asked
  nlm evaluate runs/demo --equilibrium --dt 0.02
  nlm evaluate runs/demo --log-likelihood --anneal-steps 1000
  nlm evaluate runs/demo --equilibrium --tempering 1,1.05,1.1,1.2 --out runs/demo/evaluation
  nlm evaluate published.safetensors --labels 1,3,6
  mpirun -n 4 nlm evaluate runs/demo --log-likelihood`,
    )
    .action(async (path: string, options, command: Command) => {
      for (const [name, flag, of] of [
        ["frames", "equilibrium", "--frames"],
        ["every", "equilibrium", "--every"],
        ["anneals", "logLikelihood", "--anneals"],
        ["annealSteps", "logLikelihood", "--anneal-steps"],
      ] as const) {
        if (options[flag] || command.getOptionValueSource(name) !== "cli") continue;
        const wanted = flag === "equilibrium" ? "--equilibrium" : "--log-likelihood";
        throw refusal(`${of} only works with ${wanted}`, `Add ${wanted}, or leave ${of} out.`);
      }
      const { frames, every, anneals, annealSteps, ranks, ...given } = options;
      const plan = {
        ...given,
        settings: settingsOf(given),
        equilibrium: given.equilibrium ? { frames, every } : undefined,
        annealing: given.logLikelihood ? { anneals, steps: annealSteps } : undefined,
      };
      await onRanks(ranks, (job) => evaluateCommand(terminal, path, { ...plan, job }));
    });
}
