// What a demo leaves in its run besides the training: pictures, images, its machine in a file, and a summary.
import type { WorkOptions } from "@neural-langevin/core";
import { encodeNpy } from "@neural-langevin/datasets";
import { dynamicsOf, encodeNetwork, requireImages } from "@neural-langevin/runs";
import { loadNetwork, type OpenedTraining } from "@neural-langevin/runs/node";
import { drawTrainingCurve } from "../training-curve-files.js";
import { drawDemo } from "./figures.js";
import { type DemoMeasures, measureDemo, runDemo } from "./measure.js";
import { publishedDemo } from "./settings.js";

/** How its training went. */
interface DemoTraining extends Pick<OpenedTraining, "settings" | "data" | "backend" | "run"> {
  readonly scale: string;
  readonly outcome: { readonly seconds: number; readonly flop: number };
  /** When the demo began, in milliseconds of `performance.now`. */
  readonly began: number;
}

/** What came of a demo. */
export interface FinishedDemo {
  /** What was measured of the images. */
  readonly measures: DemoMeasures;
  /** Paths of what was written. */
  readonly files: Readonly<Record<"grid" | "images" | "curve" | "checkpoint" | "summary", string>>;
  /** By the clock. */
  readonly seconds: Readonly<Record<"training" | "generation" | "total", number>>;
  /** What summary.json holds. */
  readonly summary: object;
}

/**
 * Has the machine of a finished training make all that the demo shows, measures it and writes everything into its run.
 *
 * @throws aborted, diverged; unsupported, for data that are not images; invalid-value, wrong-length, not-finite,
 *   not-found, bad-file, exists, unavailable
 */
export async function finishDemo(
  { scale, settings, data, backend, run, outcome, began }: DemoTraining,
  renderPng: (svg: string, zoom: number) => Promise<Uint8Array>,
  work: WorkOptions = {},
): Promise<FinishedDemo> {
  requireImages(data, "the pictures of a demo");
  const machine = await loadNetwork(run.path);
  const dynamics = { steps: scale === "paper" ? publishedDemo.steps : undefined };
  const start = performance.now();
  const results = await runDemo(backend, machine, data, { seed: settings.seed, dynamics }, work);
  const generated = performance.now();
  const measures = measureDemo(results, data);

  const shown = (results.asked?.rates ?? results.free).map((rate) => (rate + 1) / 2);
  const { width, height } = data.training;
  const picture = await renderPng(drawDemo(data, results, measures), 2);
  const shape = [shown.length / data.pixels, height, width];
  // The machine goes without what only its training needs.
  const metadata = { update: String(settings.updates), integrator: settings.integrator };
  const network = encodeNetwork(machine.network, metadata);
  const files = {
    grid: await run.writeFile("grid.png", picture),
    images: await run.writeFile("images.npy", encodeNpy(shown, shape)),
    curve: await drawTrainingCurve(run, "curve", renderPng),
    checkpoint: await run.writeFile("machine.safetensors", network),
    summary: `${run.path}/summary.json`,
  };
  const seconds = {
    training: outcome.seconds,
    generation: (generated - start) / 1000,
    total: (performance.now() - began) / 1000,
  };
  const summary = {
    scale,
    settings,
    device: backend.device,
    backend: backend.id,
    seconds,
    trainingFlop: outcome.flop,
    peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
    steps: dynamicsOf(machine, dynamics).steps,
    ...measures,
    files,
  };
  await run.writeFile("summary.json", `${JSON.stringify(summary, null, 2)}\n`);
  return { measures, files, seconds, summary };
}
