// What an experiment works with: stages that are computed once, trainings and generations that go on where they were
// interrupted, and a place for arrays, tables and figures.
import { type Backend, flopPerUpdate, LangevinError } from "@neural-langevin/core";
import { encodeNpy, type NpyArray, parseNpy } from "@neural-langevin/datasets";
import type { Picture } from "@neural-langevin/figures";
import { renderPng } from "@neural-langevin/figures/node";
import {
  completeSettings,
  computedBy,
  decodeNetwork,
  newManifest,
  planOf,
  type StoredNetwork,
  type TrainingData,
  type TrainingSettings,
} from "@neural-langevin/runs";
import { createRun, isRun, openRun, readWhole } from "@neural-langevin/runs/node";
import { loadData } from "../files/data.js";
import { runTraining } from "../files/training-run.js";
import type { Terminal } from "../terminal.js";
import { versions } from "../versions.js";
import type { ExperimentFolder } from "./experiment-folder.js";
import { type Generation, runGeneration } from "./generation.js";

/** A machine at one update of its training. */
export interface Checkpoint extends StoredNetwork {
  readonly update: number;
}

/** A figure or table of the report. */
export interface Exhibit {
  readonly name: string;
  readonly caption: string;
}

/** One row of a table; a number that is not finite is written as an empty cell. */
export type Row = Readonly<Record<string, number | string>>;

/** The tools of one experiment. Stages have names of their own and do not lie inside each other. */
export class Workbench {
  readonly seed: number;
  readonly backend: Backend;
  readonly terminal: Terminal;
  readonly figures: Exhibit[] = [];
  readonly tables: (Exhibit & { readonly rows: readonly Row[] })[] = [];
  readonly #folder: ExperimentFolder;
  readonly #backendName: string;
  /** The command that goes on after an interruption. */
  readonly #resume: string;

  constructor(
    terminal: Terminal,
    folder: ExperimentFolder,
    computing: { name: string; backend: Backend },
    resume: string,
  ) {
    this.terminal = terminal;
    this.seed = folder.record.seed;
    this.backend = computing.backend;
    this.#folder = folder;
    this.#backendName = computing.name;
    this.#resume = resume;
  }

  /** Images by the settings of a training; the seed is the experiment's. */
  data(config: Partial<TrainingSettings>): Promise<TrainingData> {
    return loadData(this.#complete(config));
  }

  /**
   * A value that JSON can hold, computed once. It is what was read back from stages/NAME.json, so an interrupted
   * experiment sees the same; numbers that are not finite become null.
   */
  async stage<T>(name: string, compute: () => T | Promise<T>): Promise<T> {
    const file = `stages/${name}.json`;
    if (!(await this.#folder.read(file))) {
      await this.#charged(name, 0, async () => this.#folder.writeJson(file, await compute()));
    }
    return (await this.#folder.readJson(file)) as T;
  }

  /** An array, computed once and kept in arrays/NAME.npy. */
  array(name: string, compute: () => NpyArray | Promise<NpyArray>): Promise<NpyArray> {
    return this.#array(name, 0, compute);
  }

  /**
   * Trains in the run folder machines/NAME, from where it was interrupted if it was, and returns the machine at the
   * given updates, ascending. The last update is always among them.
   *
   * @param config settings of `nlm train`; the seed is the experiment's unless given
   * @param data loaded by the settings unless given
   */
  async train(
    name: string,
    config: Partial<TrainingSettings>,
    options: { readonly at?: readonly number[]; readonly data?: TrainingData } = {},
  ): Promise<Checkpoint[]> {
    const complete = this.#complete(config);
    const { updates, chains } = complete;
    const wanted = new Set([...(options.at ?? []), updates]);
    const keep = [...wanted].filter((update) => update <= updates).sort((a, b) => a - b);
    const path = this.#folder.at("machines", name);
    const begun = (await isRun(path)) ? await openRun(path) : undefined;
    let run = begun;
    if ((await begun?.readManifest())?.state !== "finished") {
      const data = options.data ?? (await loadData(complete));
      const { backend, terminal } = this;
      const batch = Math.min(complete.batch, data.training.count);
      const size = { units: data.units, chains, batch };
      const flop = updates * flopPerUpdate(size, planOf(complete).negativePhase);
      const manifest = newManifest({
        settings: complete,
        data,
        computedBy: computedBy(backend, this.#backendName),
        versions: versions(),
      });
      const begin = () => createRun(path, { settings: complete, manifest, overwrite: true });
      // A run without a checkpoint has nothing to go on with.
      const goesOn = begun !== undefined && (await begun.checkpoints()).length > 0;
      run = goesOn ? begun : await begin();
      const from = goesOn ? await run.resume() : undefined;
      const work = {
        backend,
        settings: complete,
        data,
        run,
        from,
        resume: this.#resume,
        checkpointAt: keep,
      };
      terminal.say(`${name}: ${data.training.count} images, ${complete["negative-phase"]}`);
      await this.#charged(name, flop, () => runTraining(terminal, work));
    }
    const machines: Checkpoint[] = [];
    for (const update of keep) {
      const file = await run!.checkpointFile(update);
      machines.push({ update, ...decodeNetwork(await readWhole(file), file) });
    }
    return machines;
  }

  /** Runs chains of a machine and keeps what was read of them in arrays/NAME.npy; one row for each of `at`. */
  async generate(name: string, generation: Generation): Promise<Float64Array[]> {
    const { at, machine, chains } = generation;
    const flop = 4 * machine.bias.length ** 2 * chains * (at.at(-1) ?? 0);
    const folder = this.#folder;
    const { terminal, backend, seed } = this;
    const { values, shape } = await this.#array(name, flop, () =>
      runGeneration({ name, terminal, backend, seed, folder }, generation),
    );
    const width = shape[1]!;
    return at.map((_, row) => (values as Float64Array).slice(row * width, (row + 1) * width));
  }

  /** Writes tables/NAME.csv; a short one is shown in the report. */
  async table(name: string, caption: string, rows: readonly Row[]): Promise<void> {
    this.tables.push({ name, caption, rows });
    const columns = Object.keys(rows[0] ?? {});
    const lines = rows.map((row) => columns.map((column) => cell(row[column])).join(","));
    await this.#folder.write(`tables/${name}.csv`, `${[columns.join(","), ...lines].join("\n")}\n`);
  }

  /** Writes figures/NAME.svg and figures/NAME.png. */
  async figure(name: string, caption: string, svg: string): Promise<void> {
    this.figures.push({ name, caption });
    await this.#folder.write(`figures/${name}.svg`, svg);
    await this.#folder.write(`figures/${name}.png`, await renderPng(svg, 2));
  }

  /** Writes a picture, such as an animation, as figures/NAME.png. */
  async picture(name: string, caption: string, { png }: Picture): Promise<void> {
    this.figures.push({ name, caption });
    await this.#folder.write(`figures/${name}.png`, png);
  }

  #complete(config: Partial<TrainingSettings>): TrainingSettings {
    return completeSettings({ seed: this.seed, ...config });
  }

  async #array(
    name: string,
    flop: number,
    compute: () => NpyArray | Promise<NpyArray>,
  ): Promise<NpyArray> {
    const file = `arrays/${name}.npy`;
    const found = await this.#folder.read(file);
    if (found) return parseNpy(found, this.#folder.at(file));
    return this.#charged(name, flop, async () => {
      const array = await compute();
      await this.#folder.write(file, encodeNpy(array.values, array.shape));
      return array;
    });
  }

  /** Does the work of a stage, and writes down what it took, also when it fails. */
  async #charged<T>(name: string, flop: number, work: () => Promise<T>): Promise<T> {
    if (this.terminal.interrupted.aborted) {
      throw new LangevinError("aborted", `Stopped before ${name}.`);
    }
    const began = performance.now();
    let done = 0;
    try {
      const result = await work();
      done = flop;
      return result;
    } finally {
      await this.#folder.charge(name, (performance.now() - began) / 1000, done);
    }
  }
}

function cell(value: number | string | undefined): string {
  if (typeof value === "string") {
    return /[",\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
  }
  return Number.isFinite(value) ? String(value) : "";
}
