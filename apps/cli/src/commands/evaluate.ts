// `nlm evaluate`: measure what a machine generates against images that it never saw.
import {
  estimateLikelihood,
  mean,
  points,
  principalComponents,
  watchEquilibrium,
} from "@neural-langevin/analysis";
import { LangevinError } from "@neural-langevin/core";
import {
  appendLabels,
  encodeImages,
  type ImageSet,
  pickImages,
  pixelStates,
  ratesOfStates,
} from "@neural-langevin/datasets";
import {
  narrowData,
  type StoredNetwork,
  type TrainingData,
  type TrainingSettings,
} from "@neural-langevin/runs";
import type { RunFolder } from "@neural-langevin/runs/node";
import type { Command } from "commander";
import { openBackend } from "../backends/default-backend.js";
import { loadData, loadRunData } from "../files/data.js";
import { loadNetwork, pixelsOf } from "../files/network.js";
import { addAmount, addDevice, addSettings, settingsOf } from "../options.js";
import { showProgress } from "../terminal/progress.js";
import type { Terminal } from "../terminal/terminal.js";
import { describeEquilibrium } from "../text/equilibrium.js";
import { describeEvaluation } from "../text/evaluation.js";
import { describeLikelihood } from "../text/likelihood.js";
import { openChains, runChains } from "./chains.js";
import { evaluate } from "./evaluation.js";
import { dynamicsOf } from "./generation.js";

/** Settings that say what the images are and how the machine is sampled. */
const overridable = [
  "data",
  "labels",
  "images",
  "held-out",
  "temperature",
  "step-size",
  "integrator",
  "seed",
];

interface EvaluateOptions {
  /** The update whose checkpoint is measured; the latest unless given. */
  readonly checkpoint: number | undefined;
  /** Whether the test part of the data is what the machine is held against. */
  readonly test: boolean;
  /** As long as the chains of its training lived, unless given. */
  readonly steps: number | undefined;
  /** Watches so many frames, one every so many steps. */
  readonly equilibrium: { readonly frames: number; readonly every: number } | undefined;
  /** How log Z is estimated: so many values of β, and Langevin steps at each. */
  readonly annealing: { readonly anneals: number; readonly steps: number } | undefined;
  readonly settings: Partial<TrainingSettings>;
  readonly backend: string | undefined;
  readonly threads: number | undefined;
}

/** Generates as many images as were kept back, and compares the two. */
async function evaluateCommand(
  terminal: Terminal,
  path: string,
  options: EvaluateOptions,
): Promise<void> {
  const machine = await loadNetwork(path, options.checkpoint);
  const { network, file, settings: own, run } = machine;
  const dynamics = dynamicsOf(machine);
  const settings = {
    ...own,
    temperature: dynamics.temperature,
    "step-size": dynamics.dt,
    ...options.settings,
  };
  const { temperature, seed, integrator, "step-size": dt } = settings;
  const { steps = dynamics.steps } = options;
  if (options.equilibrium) requireWarm("--equilibrium", temperature);
  if (options.annealing) requireWarm("--log-likelihood", temperature);
  const data = await dataOf(run, { ...own, "label-units": 0 }, options);
  const { units } = network;
  const pixels = pixelsOf(network);
  if (data.pixels !== pixels) {
    const { width, height, source } = data.training;
    throw new LangevinError(
      "invalid-value",
      `The machine sees ${pixels} pixels, but images of ${source} have ${width} × ${height} pixels.`,
      "Name the images of this machine with --data.",
    );
  }
  if (data.heldOut.count < 2) {
    throw new LangevinError(
      "invalid-value",
      `Evaluation compares at least 2 images that were kept for it, and ${data.heldOut.count} were.`,
      "Keep more with --held-out.",
    );
  }
  const { backend } = await openBackend(terminal, options.backend, options.threads);
  await using _backend = backend;
  const session = await openChains(backend, network, { chains: data.heldOut.count, seed });
  const { states } = await runChains(terminal, "sampling", session, {
    stages: [{ steps, temperature }],
    start: dynamics.chainStart,
    dt,
    integrator,
  });
  const evaluation = evaluate(pixelStates(states, network.labelUnits), data);
  const virials = await session.measure("virial", "chains");
  const virialRatio = temperature > 0 ? mean(virials) / (units * temperature) : null;
  const pace = { dt, temperature, integrator };
  const images = imagesOf(data, network);
  const work = { signal: terminal.interrupted, onProgress: showProgress(terminal) };
  const equilibrium = options.equilibrium && {
    ...(await watchEquilibrium(
      session,
      { ...options.equilibrium, ...pace, components: componentsOf(images, units) },
      work,
    )),
    ...options.equilibrium,
  };
  const likelihood =
    options.annealing &&
    (await estimateLikelihood(
      session,
      network,
      {
        ...options.annealing,
        ...pace,
        firstStep: session.nextStep,
        equilibrium: await session.read("chains"),
        images,
      },
      work,
    ));
  const width = Math.min(terminal.columns, 100);
  terminal.result(
    {
      machine: file,
      steps,
      temperature,
      ...evaluation,
      virialRatio,
      equilibrium,
      likelihood,
    },
    [
      describeEvaluation(`${file}, T = ${temperature}`, evaluation),
      ...(virialRatio === null
        ? []
        : [`  ⟨x·∇E⟩/(NT) ${virialRatio.toFixed(3)}  (1 in equilibrium at a small step size)`]),
      ...(equilibrium ? describeEquilibrium(equilibrium, width) : []),
      ...(likelihood ? describeLikelihood(likelihood, units, width) : []),
    ].join("\n"),
  );
}

/**
 * The images that a machine is held against. A run's split never changes: its own images are those that it learned and
 * kept back, or fewer of them, or the test part of its data. Other data, and those of a file, are split by the seed of
 * the split.
 */
async function dataOf(
  run: RunFolder | undefined,
  own: TrainingSettings,
  { settings, test }: EvaluateOptions,
): Promise<TrainingData> {
  const { labels, images, "held-out": heldOut } = settings;
  if (run && settings.data === undefined && !test) {
    return narrowData(await loadRunData(run, own), { labels, images, heldOut });
  }
  return loadData({
    ...own,
    "split-seed": own["split-seed"] ?? own.seed,
    ...settings,
    "held-out": heldOut ?? (run ? undefined : own["held-out"]),
    "held-out-from": test ? "test" : "training",
  });
}

/** Refuses a measure that has no meaning at T = 0. */
function requireWarm(flag: string, temperature: number): void {
  if (temperature > 0) return;
  throw new LangevinError(
    "invalid-value",
    `${flag} measures the distribution at T > 0, and this machine is sampled at T = 0.`,
    "Give a temperature with --temperature.",
  );
}

/** Directions of the held-out images that are followed besides the energy: the slow ones, along which modes differ. */
const COMPONENTS = 3;

const componentsOf = ({ "held out": states }: Record<"held out", Float32Array>, units: number) =>
  principalComponents(points(ratesOfStates(states), units), Math.min(COMPONENTS, units));

/** States of the held-out images, and of as many that were learned, with their labels where the machine learns them. */
function imagesOf({ training, heldOut }: TrainingData, { labelUnits }: StoredNetwork) {
  const count = Math.min(heldOut.count, training.count);
  const learned = pickImages(
    training,
    Array.from({ length: count }, (_, place) => place),
  );
  const statesOf = (set: ImageSet) => {
    const states = encodeImages(set);
    return labelUnits && set.labels ? appendLabels(states, set.labels, labelUnits) : states;
  };
  return { "held out": statesOf(heldOut), learned: statesOf(learned) };
}

/** Adds the command to the program. */
export function defineEvaluate(program: Command, terminal: Terminal): void {
  const evaluating = program
    .command("evaluate")
    .description("measure what a machine generates against images that it never saw")
    .argument("<machine>", "a run folder or a safetensors file");
  addAmount(evaluating, "--checkpoint", "count", 0, "update of a run (default: the latest)");
  evaluating.option("--test", "compare with the test part of the data, such as t10k", false);
  addAmount(
    evaluating,
    "--steps",
    "count",
    1,
    "Langevin steps (default: as chains live in training)",
  );
  evaluating.option("--equilibrium", "watch the chains and judge whether they are in equilibrium");
  addAmount(evaluating, "--frames", "count", 16, "states that --equilibrium looks at", 500);
  addAmount(evaluating, "--every", "count", 1, "steps between two of them", 10);
  evaluating.option("--log-likelihood", "estimate log Z by annealing, and the images' likelihood");
  addAmount(evaluating, "--anneals", "count", 1, "values of β on the way, and back", 100);
  addAmount(evaluating, "--anneal-steps", "count", 1, "Langevin steps at each of them", 100);
  addSettings(evaluating, overridable, true);
  addDevice(evaluating);
  evaluating
    .addHelpText(
      "after",
      `
Settings that are not given, from --data to --seed, are the run's. Its split stays as it
was when the run began: --seed is the seed of the noise, and --labels, --images and
--held-out take fewer of the images that the run learned and kept back.

Examples:
  nlm evaluate runs/demo --steps 5000
  nlm evaluate runs/demo --equilibrium --dt 0.02
  nlm evaluate runs/demo --log-likelihood --anneal-steps 1000
  nlm evaluate published.safetensors --labels 1,3,6`,
    )
    .action(async (path: string, options) => {
      const { steps, equilibrium, frames, every, logLikelihood, ...rest } = options;
      const { anneals, annealSteps, checkpoint, test, backend, threads, ...settings } = rest;
      await evaluateCommand(terminal, path, {
        steps,
        checkpoint,
        test,
        settings: settingsOf(settings),
        equilibrium: equilibrium ? { frames, every } : undefined,
        annealing: logLikelihood ? { anneals, steps: annealSteps } : undefined,
        backend,
        threads,
      });
    });
}
