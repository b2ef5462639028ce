// `nlm demo`: train on MNIST, generate from noise, show and measure what comes out.
import { isLangevinError, LangevinError, type TrainingState } from "@neural-langevin/core";
import { greyLevels } from "@neural-langevin/datasets";
import {
  completeSettings,
  encodeNetwork,
  type TrainingData,
  type TrainingSettings,
} from "@neural-langevin/runs";
import { openRun, type RunFolder } from "@neural-langevin/runs/node";
import { type Command, Option } from "commander";
import { nextFreePath } from "../files/outputs.js";
import { drawPanels, drawTrainingCurve, gridOf, gridOfStates } from "../files/pictures.js";
import {
  type OpenedTraining,
  openTraining,
  runTraining,
  type TrainingOutcome,
} from "../files/training-run.js";
import { addDevice, addSettings, settingsOf } from "../options.js";
import type { Terminal } from "../terminal/terminal.js";
import { describeEvaluation } from "../text/evaluation.js";
import { formatDuration } from "../text/format.js";
import { ownName } from "../versions.js";
import { cooling, openChains, runChains } from "./chains.js";
import { type Evaluation, evaluate } from "./evaluation.js";

/** Size of the demo: minutes on two cores, or the published setting. */
type Scale = "quick" | "paper";

/** Images that are generated and measured. */
const IMAGES = 256;

/** How the demo trains and samples; docs/notes/demo-settings.md has what else was tried. */
const scales: Record<Scale, { settings: Partial<TrainingSettings>; steps: number }> = {
  quick: {
    settings: { chains: 96, batch: 96, "step-size": 0.08, updates: 2000, rate: 1e-3 },
    steps: 2000,
  },
  paper: {
    settings: {
      chains: 1000,
      batch: 1000,
      "step-size": 0.01,
      integrator: "euler-maruyama",
      updates: 120_000,
      rate: 5e-5,
      schedule: "constant",
      "checkpoint-every": 1000,
    },
    steps: 24_939,
  },
};

/** What the demo may be told. */
interface DemoOptions {
  readonly scale: Scale;
  readonly out: string | undefined;
  readonly resume: string | undefined;
  readonly overwrite: boolean;
  readonly backend: string | undefined;
  readonly threads: number | undefined;
  readonly settings: Partial<TrainingSettings>;
}

/** Runs the demo. */
async function demo(terminal: Terminal, options: DemoOptions): Promise<void> {
  const began = performance.now();
  const scale = options.resume === undefined ? options.scale : await scaleOf(options.resume);
  const training = await openTraining(terminal, await readTraining(options), options);
  await using _backend = training.backend;
  await using _run = training.run;
  introduce(terminal, training);
  const resume = `${ownName()} demo --resume ${training.run.path}`;
  const outcome = await runTraining(terminal, { ...training, resume });
  try {
    await show(terminal, { ...training, scale, outcome, began });
  } catch (error) {
    if (!isLangevinError(error, "aborted")) throw error;
    throw new LangevinError("aborted", error.message, `Go on with: ${resume}`);
  }
}

/** The demo to go on with, or a new one. */
async function readTraining({ scale, out, resume, overwrite, settings }: DemoOptions) {
  if (resume !== undefined) return { resume };
  const stem = scale === "quick" ? "runs/demo" : "runs/demo-paper";
  const digits = { labels: [1, 3, 6], images: 10_000, seed: 3 };
  return {
    settings: completeSettings({ ...digits, ...scales[scale].settings, ...settings }),
    out: out ?? (await nextFreePath(stem)),
    overwrite,
    scale,
  };
}

/** The scale of the demo in a run folder. */
async function scaleOf(path: string): Promise<Scale> {
  const { scale } = await (await openRun(path)).readManifest();
  if (scale === "quick" || scale === "paper") return scale;
  throw new LangevinError(
    "invalid-value",
    `The run ${path} is not a demo.`,
    `Go on with: ${ownName()} train --resume ${path}`,
  );
}

function introduce(terminal: Terminal, { backend, settings, data, run }: OpenedTraining): void {
  const { device } = backend;
  const { training } = data;
  const digits = settings.labels ? `, digits ${settings.labels.join(", ")}` : "";
  terminal.print(
    `A neural Langevin machine of ${data.units} units learns ${training.count} images`,
  );
  terminal.print(`of ${training.source}${digits}.`);
  terminal.print(`  on    ${device.label}`);
  for (const detail of device.details) terminal.print(`        ${detail}`);
  terminal.print(`  into  ${run.path}`);
  terminal.print();
}

interface Finished extends OpenedTraining {
  readonly scale: Scale;
  readonly outcome: TrainingOutcome;
  /** When the demo began, in milliseconds. */
  readonly began: number;
}

/** Generates at T and cooled to 0, measures both, and writes everything down. */
async function show(terminal: Terminal, finished: Finished): Promise<void> {
  const { scale, settings, data, backend, run, outcome } = finished;
  const { state } = outcome;
  const { temperature, seed, integrator } = settings;
  const { couplings, bias } = state;
  const network = { units: data.units, couplings, bias };
  const session = await openChains(backend, network, { chains: IMAGES, seed });
  const dynamics = { dt: settings["step-size"], integrator };
  const start = performance.now();
  const { states: warm } = await runChains(terminal, "sampling", session, {
    ...dynamics,
    stages: [{ steps: scales[scale].steps, temperature }],
  });
  const sampled = performance.now();
  const { states: cold } = await runChains(terminal, "cooling", session, {
    ...dynamics,
    stages: cooling,
  });
  const cooled = performance.now();
  await session.close();

  const measures = { warm: evaluate(warm, data), cold: evaluate(cold, data) };
  const files = {
    grid: await run.writeFile(
      "grid.png",
      await drawGrid(settings, data, warm, cold, measures.warm),
    ),
    curve: await drawTrainingCurve(run, "curve"),
    checkpoint: await writeMachine(run, state, settings),
    summary: `${run.path}/summary.json`,
  };
  const seconds = {
    training: outcome.seconds,
    sampling: (sampled - start) / 1000,
    cooling: (cooled - sampled) / 1000,
    total: (performance.now() - finished.began) / 1000,
  };
  const summary = {
    scale,
    settings,
    device: backend.device,
    backend: backend.id,
    seconds,
    trainingFlop: outcome.flop,
    peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
    atTrainingTemperature: measures.warm,
    cooledToZero: measures.cold,
    files,
  };
  await run.writeFile("summary.json", `${JSON.stringify(summary, null, 2)}\n`);
  const lines = [
    "",
    describeEvaluation(`Generated at T = ${temperature}`, measures.warm),
    describeEvaluation("Cooled to T = 0", measures.cold),
    "  Cooling makes images sharper than the data, which A_T sees; look at them instead.",
    "",
    `  pictures    ${files.grid}`,
    `  curve       ${files.curve}`,
    `  checkpoint  ${files.checkpoint}`,
    `  summary     ${files.summary}`,
    "",
    `Done in ${formatDuration(seconds.total)}, of which ${formatDuration(seconds.training)} were training.`,
  ];
  terminal.result(summary, lines.join("\n"));
}

async function drawGrid(
  settings: TrainingSettings,
  data: TrainingData,
  warm: Float32Array,
  cold: Float32Array,
  measured: Evaluation,
): Promise<Uint8Array> {
  const size = data.heldOut;
  const labels = settings.labels ? `digits ${settings.labels.join(", ")}` : "all labels";
  const accuracy = `A_T ${measured.A_T.toFixed(2)}, E⁽²⁾ ${measured.covarianceError.toFixed(4)}`;
  return drawPanels([
    {
      title: "Real, held out",
      caption: `MNIST, ${labels}`,
      picture: gridOf(greyLevels(data.heldOut.pixels), size, 8, 8),
    },
    {
      title: `Generated, T = ${settings.temperature}`,
      caption: `from noise; ${accuracy}`,
      picture: gridOfStates(warm, size, 8, 8),
    },
    {
      title: "Cooled to T = 0",
      caption: "the same chains, at fixed points",
      picture: gridOfStates(cold, size, 8, 8),
    },
  ]);
}

function writeMachine(
  run: RunFolder,
  state: TrainingState,
  settings: TrainingSettings,
): Promise<string> {
  const { couplings, bias, update } = state;
  const metadata = {
    update: String(update),
    temperature: String(settings.temperature),
    "step-size": String(settings["step-size"]),
    integrator: settings.integrator,
  };
  const bytes = encodeNetwork({ units: bias.length, couplings, bias }, metadata);
  return run.writeFile("machine.safetensors", bytes);
}

/** Adds the command to the program. */
export function defineDemo(program: Command, terminal: Terminal): void {
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
    .action(({ scale, out, resume, overwrite, backend, threads, ...rest }) => {
      const settings = settingsOf(rest);
      return demo(terminal, { scale, out, resume, overwrite, backend, threads, settings });
    });
}
