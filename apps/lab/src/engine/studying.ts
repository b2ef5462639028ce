// Experiments: each is run to its end, or until somebody stops it; what is computed is kept until the page is closed.
import { isLangevinError, LangevinError } from "@neural-langevin/core";
import {
  bias,
  classes,
  createMemoryStorage,
  denoise,
  type Experiment,
  exploration,
  fixedPoints,
  type MemoryStorage,
  memorisation,
  oneChain,
  oneSample,
  type Report,
  regimes,
  runExperiment,
  spectrum,
} from "@neural-langevin/experiments";
import { computedBy } from "@neural-langevin/runs";
import { loadDigits } from "../files/digits.js";
import { halfSize } from "../files/half-size.js";
import type { Connection } from "./connection.js";
import { Loop } from "./loop.js";
import type { Emit, StudyFile, StudyResult } from "./protocol.js";
import { studyPlans } from "./study-plans.js";

/** Milliseconds between two words of progress. */
const TELL_EVERY = 100;

/** Those that a page can run; named one by one, so that what the others need is not in the site. */
const offered: readonly Experiment[] = [
  denoise,
  memorisation,
  regimes,
  exploration,
  classes,
  spectrum,
  fixedPoints,
  bias,
  oneSample,
  oneChain,
];

export class Studying {
  readonly #connection: Connection;
  readonly #emit: Emit;
  readonly #loop = new Loop();
  /** What was computed of every experiment and seed. */
  readonly #storages = new Map<string, MemoryStorage>();

  constructor(connection: Connection, emit: Emit) {
    this.#connection = connection;
    this.#emit = emit;
  }

  /** Begins an experiment, or goes on with it where it was stopped. Throws invalid-value, closed. */
  begin(name: string, seed: number): void {
    const experiment = offered.find((one) => one.name === name);
    const plan = studyPlans.find((one) => one.name === name);
    if (!experiment || !plan) {
      throw new LangevinError(
        "invalid-value",
        `The experiment ${name} does not run in a page.`,
        `Run \`nlm experiment ${name}\`.`,
      );
    }
    const { backend, id } = this.#connection.opened;
    const key = `${name} ${seed}`;
    const storage = this.#storages.get(key) ?? createMemoryStorage();
    this.#storages.set(key, storage);
    let told = 0;
    this.#loop.start(async (signal) => {
      try {
        const report = await runExperiment({
          experiment,
          settings: plan.settings,
          backend,
          computedBy: computedBy(backend, id),
          seed,
          storage,
          data: digits,
          versions: { browser: navigator.userAgent },
          signal,
          onProgress: (progress) => {
            const now = performance.now();
            if (now - told < TELL_EVERY) return;
            told = now;
            this.#emit({ kind: "study", progress });
          },
        });
        this.#emit({ kind: "studied", result: resultOf(report, storage) });
      } catch (error) {
        if (isLangevinError(error, "aborted")) return;
        const { message, remedy } = error as Error & { remedy?: string };
        const sentences = [message, remedy].filter(Boolean).join(" ");
        this.#emit({ kind: "failure", message: sentences, stopped: true });
      }
    });
  }

  /** Stops what runs, and waits until it has ended; measures in JavaScript end first. */
  stop(): Promise<void> {
    return this.#loop.stop();
  }
}

let images: ReturnType<typeof halfSize> | undefined;

/** The digits that the lab brings along, at half their size. */
async function digits() {
  images ??= halfSize((await loadDigits()).training);
  return images;
}

function resultOf(report: Report, { files }: MemoryStorage): StudyResult {
  const { experiment, seed, device, seconds, flop, findings, symbols } = report;
  const file = (name: string, caption: string, path: string): StudyFile[] => {
    const bytes = files.get(path) as Uint8Array<ArrayBuffer> | undefined;
    return bytes ? [{ name, caption, bytes }] : [];
  };
  return {
    experiment,
    seed,
    device,
    seconds,
    flop,
    findings,
    symbols,
    figures: report.figures.flatMap(({ name, caption }) => [
      ...file(`${name}.svg`, caption, `figures/${name}.svg`),
      ...file(`${name}.png`, caption, `figures/${name}.png`),
    ]),
    tables: report.tables.flatMap(({ name, caption }) =>
      file(`${name}.csv`, caption, `tables/${name}.csv`),
    ),
  };
}
