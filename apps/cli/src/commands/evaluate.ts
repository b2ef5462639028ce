// `nlm evaluate`: measure what a run generates against images that it never saw.

import type { Command } from "commander";
import { loadData } from "../data.js";
import { openBackend } from "../default-backend.js";
import { describeEvaluation, evaluate } from "../evaluation.js";
import { Generator } from "../generation.js";
import { loadMachine } from "../machine.js";
import { addAmount, addDevice, pick } from "../options.js";
import type { Terminal } from "../terminal.js";

/** What an evaluation may be told. */
interface EvaluateOptions {
  readonly steps: number;
  readonly backend?: string;
  readonly threads?: number;
}

/** Generates as many images as were kept back, and compares the two. */
async function evaluateCommand(
  terminal: Terminal,
  path: string,
  options: EvaluateOptions,
): Promise<void> {
  const { machine, file, config } = await loadMachine(path);
  const data = await loadData({ ...config, units: machine.units });
  const { backend } = await openBackend(terminal, options.backend, options.threads);
  try {
    const { temperature } = config;
    const generator = await Generator.open(terminal, backend, machine, {
      chains: data.heldOut.count,
      seed: config.seed,
      dt: config["step-size"],
      integrator: config.integrator,
    });
    const stages = [{ steps: options.steps, temperature }];
    const evaluation = evaluate(await generator.run("Sampling", stages), data);
    const virials = await generator.measure("virial");
    const mean = virials.reduce((sum, value) => sum + value, 0) / virials.length;
    const virialRatio = temperature > 0 ? mean / (machine.units * temperature) : null;
    terminal.result(
      { machine: file, steps: options.steps, temperature, ...evaluation, virialRatio },
      [
        describeEvaluation(`${file}, T = ${temperature}`, evaluation),
        ...(virialRatio === null
          ? []
          : [`  ⟨x·∇E⟩/(NT) ${virialRatio.toFixed(3)}  (1 in equilibrium at a small step size)`]),
      ].join("\n"),
    );
  } finally {
    await backend.close();
  }
}

/** Adds the command to the program. */
export function defineEvaluate(program: Command, terminal: Terminal): void {
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
}
