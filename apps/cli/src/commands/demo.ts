// `nlm demo`: train on MNIST, generate from noise, show and measure what comes out.
import {
  type Backend,
  isLangevinError,
  LangevinError,
  type TrainingState,
} from "@neural-langevin/core";
import { greyLevels } from "@neural-langevin/datasets";
import { encodeMachine } from "@neural-langevin/runs";
import { createRun, openRun, type RunFolder } from "@neural-langevin/runs/node";
import { type Command, Option } from "commander";
import { type Data, loadData } from "../data.js";
import { openBackend } from "../default-backend.js";
import { describeEvaluation, type Evaluation, evaluate } from "../evaluation.js";
import { freePlace } from "../free-place.js";
import { COOLING, Generator } from "../generation.js";
import { readRunConfig } from "../machine.js";
import { addDevice, addSettings, pick, settingsOf } from "../options.js";
import { drawPanels, drawTrainingCurve, gridOf, gridOfStates } from "../pictures.js";
import { completeSettings, type TrainingConfig } from "../settings.js";
import { clock, ownName, type Terminal } from "../terminal.js";
import { newManifest, reopenBackend, runTraining, type TrainingOutcome } from "../training.js";

/** Size of the demo: minutes on two cores, or the published setting. */
type Scale = "quick" | "paper";

/** Images that are generated and measured. */
const IMAGES = 256;

/** How the demo trains and samples; docs/adr says what else was tried. */
const scales: Record<Scale, { config: Partial<TrainingConfig>; steps: number }> = {
  quick: {
    config: { chains: 96, batch: 96, "step-size": 0.08, updates: 2000, rate: 1e-3 },
    steps: 2000,
  },
  paper: {
    config: {
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
  readonly out?: string;
  readonly resume?: string;
  readonly overwrite: boolean;
  readonly backend?: string;
  readonly threads?: number;
  readonly settings: Partial<TrainingConfig>;
}

/** Runs the demo. */
async function demo(terminal: Terminal, options: DemoOptions): Promise<void> {
  const began = performance.now();
  const resumed = options.resume !== undefined ? await openRun(options.resume) : undefined;
  const scale = resumed ? await scaleOf(resumed) : options.scale;
  const config: TrainingConfig = resumed
    ? await readRunConfig(resumed)
    : completeSettings({
        labels: [1, 3, 6],
        images: 10_000,
        seed: 3,
        ...scales[scale].config,
        ...options.settings,
      });
  const data = await loadData(config);
  const { name, backend } = resumed
    ? await reopenBackend(terminal, resumed, options)
    : await openBackend(terminal, options.backend, options.threads);
  try {
    const run =
      resumed ??
      (await createRun(
        options.out ?? (await freePlace(scale === "quick" ? "runs/demo" : "runs/demo-paper")),
        {
          config: { scale, ...config },
          manifest: newManifest(name, backend, config, data),
          overwrite: options.overwrite,
        },
      ));
    introduce(terminal, backend, config, data, run);
    const from = resumed ? await resumed.resume() : undefined;
    const resume = `${ownName()} demo --resume ${run.path}`;
    const outcome = await runTraining(terminal, { backend, config, data, run, from, resume });
    try {
      await show(terminal, { scale, config, data, backend, run, outcome, began });
    } catch (error) {
      if (!(isLangevinError(error) && error.code === "aborted")) throw error;
      throw new LangevinError("aborted", error.message, `Go on with: ${resume}`);
    }
  } finally {
    await backend.close();
  }
}

async function scaleOf(run: RunFolder): Promise<Scale> {
  const { scale } = await run.readConfig();
  if (scale === "quick" || scale === "paper") return scale;
  throw new LangevinError(
    "invalid-value",
    `The run ${run.path} is not a demo.`,
    `Go on with: ${ownName()} train --resume ${run.path}`,
  );
}

function introduce(
  terminal: Terminal,
  backend: Backend,
  config: TrainingConfig,
  data: Data,
  run: RunFolder,
): void {
  const { device } = backend;
  const { training } = data;
  const digits = config.labels ? `, digits ${config.labels.join(", ")}` : "";
  terminal.say(`A neural Langevin machine of ${data.units} units learns ${training.count} images`);
  terminal.say(`of ${training.source}${digits}.`);
  terminal.say(`  on    ${device.label}`);
  for (const detail of device.details) terminal.say(`        ${detail}`);
  terminal.say(`  into  ${run.path}`);
  terminal.say();
}

interface Finished {
  readonly scale: Scale;
  readonly config: TrainingConfig;
  readonly data: Data;
  readonly backend: Backend;
  readonly run: RunFolder;
  readonly outcome: TrainingOutcome;
  readonly began: number;
}

/** Generates at T and cooled to 0, measures both, and writes everything down. */
async function show(terminal: Terminal, finished: Finished): Promise<void> {
  const { scale, config, data, backend, run, outcome } = finished;
  const { state } = outcome;
  const { temperature, seed, integrator } = config;
  const generator = await Generator.open(terminal, backend, state, {
    chains: IMAGES,
    seed,
    dt: config["step-size"],
    integrator,
  });
  const start = performance.now();
  const warm = await generator.run("Sampling", [{ steps: scales[scale].steps, temperature }]);
  const sampled = performance.now();
  const cold = await generator.run("Cooling ", COOLING);
  const cooled = performance.now();
  await generator.close();

  const measures = { warm: evaluate(warm, data), cold: evaluate(cold, data) };
  const files = {
    grid: await run.writeFile("grid.png", await drawGrid(config, data, warm, cold, measures.warm)),
    curve: await drawTrainingCurve(run, "curve"),
    checkpoint: await writeMachine(run, state, config),
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
    settings: config,
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
    `Done in ${clock(seconds.total)}, of which ${clock(seconds.training)} were training.`,
  ];
  terminal.result(summary, lines.join("\n"));
}

async function drawGrid(
  config: TrainingConfig,
  data: Data,
  warm: Float32Array,
  cold: Float32Array,
  measured: Evaluation,
): Promise<Uint8Array> {
  const size = data.heldOut;
  const labels = config.labels ? `digits ${config.labels.join(", ")}` : "all labels";
  const accuracy = `A_T ${measured.A_T.toFixed(2)}, E⁽²⁾ ${measured.covarianceError.toFixed(4)}`;
  return drawPanels([
    {
      title: "Real, held out",
      caption: `MNIST, ${labels}`,
      picture: gridOf(greyLevels(data.heldOut.pixels), size, 8, 8),
    },
    {
      title: `Generated, T = ${config.temperature}`,
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
  config: TrainingConfig,
): Promise<string> {
  const { couplings, bias, update } = state;
  const metadata = {
    update: String(update),
    temperature: String(config.temperature),
    "step-size": String(config["step-size"]),
    integrator: config.integrator,
  };
  const bytes = encodeMachine({ units: bias.length, couplings, bias }, metadata);
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
    .action(async ({ scale, out, resume, overwrite, backend, threads, ...rest }) => {
      const given = settingsOf(rest);
      await demo(terminal, {
        ...pick({ out, resume, backend, threads }),
        scale: scale as Scale,
        overwrite,
        settings: given,
      });
    });
}
