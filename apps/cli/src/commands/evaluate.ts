// `nlm evaluate`: measure what a machine generates against images that it never saw.
import { LangevinError } from "@neural-langevin/core";
import { encodeImages, pickImages } from "@neural-langevin/datasets";
import type { TrainingData, TrainingSettings } from "@neural-langevin/runs";
import type { Command } from "commander";
import { openBackend } from "../default-backend.js";
import { describeEquilibrium, requireWarm, watchEquilibrium } from "../equilibrium.js";
import { describeEvaluation, evaluate } from "../evaluation.js";
import { loadData } from "../files/data.js";
import { loadNetwork } from "../files/network.js";
import { Generator } from "../generation.js";
import { describeLikelihood, measureLikelihood } from "../log-likelihood.js";
import { mean } from "../mean.js";
import { addAmount, addDevice, addSettings, pick, settingsOf } from "../options.js";
import type { Terminal } from "../terminal.js";

/** Settings that say what the images are and how the machine is sampled. */
const overridable = [
  ...["data", "labels", "images", "held-out"],
  ...["temperature", "step-size", "integrator", "seed"],
];

interface EvaluateOptions {
  readonly steps: number;
  /** Watches so many frames, one every so many steps. */
  readonly equilibrium: { readonly frames: number; readonly every: number } | undefined;
  /** How log Z is estimated: so many values of β, and Langevin steps at each. */
  readonly annealing: { readonly anneals: number; readonly steps: number } | undefined;
  readonly settings: Partial<TrainingSettings>;
  readonly backend?: string;
  readonly threads?: number;
}

/** Generates as many images as were kept back, and compares the two. */
async function evaluateCommand(
  terminal: Terminal,
  path: string,
  options: EvaluateOptions,
): Promise<void> {
  const { network: machine, file, settings: own } = await loadNetwork(path);
  const config = { ...own, ...options.settings };
  const { temperature, seed, integrator, "step-size": dt } = config;
  if (options.equilibrium) requireWarm("--equilibrium", temperature);
  if (options.annealing) requireWarm("--log-likelihood", temperature);
  const data = await loadData(config);
  const { units } = machine;
  if (data.units !== units) {
    const { width, height, source } = data.training;
    throw new LangevinError(
      "invalid-value",
      `The machine has ${units} units, but images of ${source} have ${width} × ${height} pixels.`,
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
  try {
    const chains = data.heldOut.count;
    const sampling = { chains, seed, dt, integrator };
    const generator = await Generator.open(terminal, backend, machine, sampling);
    const states = await generator.run("Sampling", [{ steps: options.steps, temperature }]);
    const evaluation = evaluate(states, data);
    const virials = await generator.measure("virial");
    const virialRatio = temperature > 0 ? mean(virials) / (units * temperature) : null;
    const rates = data.heldOutRates;
    const equilibrium =
      options.equilibrium &&
      (await watchEquilibrium(generator, {
        ...options.equilibrium,
        ...{ chains, temperature, rates, units },
      }));
    const likelihood =
      options.annealing &&
      (await measureLikelihood(terminal, backend, machine, {
        ...options.annealing,
        ...{ dt, temperature, integrator, seed },
        firstStep: generator.steps,
        equilibrium: await generator.states(),
        images: imagesOf(data),
      }));
    const width = Math.min(terminal.columns, 100);
    terminal.result(
      {
        ...{ machine: file, steps: options.steps, temperature, ...evaluation, virialRatio },
        ...(equilibrium && { equilibrium }),
        ...(likelihood && { likelihood }),
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
  } finally {
    await backend.close();
  }
}

/** States of the held-out images, and of as many that were learned. */
function imagesOf({ training, heldOut }: TrainingData): Record<string, Float32Array> {
  const count = Math.min(heldOut.count, training.count);
  const learned = pickImages(
    training,
    Array.from({ length: count }, (_, place) => place),
  );
  return { "held out": encodeImages(heldOut), learned: encodeImages(learned) };
}

/** Adds the command to the program. */
export function defineEvaluate(program: Command, terminal: Terminal): void {
  const evaluating = program
    .command("evaluate")
    .description("measure what a machine generates against images that it never saw")
    .argument("<machine>", "a run folder or a safetensors file");
  addAmount(evaluating, "--steps", "count", 1, "Langevin steps", 2000);
  evaluating.option("--equilibrium", "watch the chains, and say whether they are in equilibrium");
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
Settings that are not given, from --data to --seed, are the run's.

Examples:
  nlm evaluate runs/demo --steps 5000
  nlm evaluate runs/demo --equilibrium --dt 0.02
  nlm evaluate runs/demo --log-likelihood --anneal-steps 1000
  nlm evaluate published.safetensors --labels 1,3,6`,
    )
    .action(async (path: string, options) => {
      const { steps, equilibrium, frames, every, logLikelihood, ...rest } = options;
      const { anneals, annealSteps, backend, threads, ...settings } = rest;
      await evaluateCommand(terminal, path, {
        ...{ steps, settings: settingsOf(settings) },
        equilibrium: equilibrium ? { frames, every } : undefined,
        annealing: logLikelihood ? { anneals, steps: annealSteps } : undefined,
        ...pick({ backend, threads }),
      });
    });
}
