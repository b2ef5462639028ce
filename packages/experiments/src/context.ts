// What the measure of an experiment works with: data, and stages that are computed once and read instead of computed
// when the experiment goes on after an interruption.
import {
  type Backend,
  flopPerUpdate,
  type InitialNetwork,
  LangevinError,
  type WorkOptions,
} from "@neural-langevin/core";
import type { DataSet } from "@neural-langevin/datasets";
import {
  type ComputedBy,
  completeSettings,
  type GivenSettings,
  initialNetwork,
  newManifest,
  planOf,
  prepareData,
  requireImages,
  type StoredNetwork,
  sessionOf,
  type TrainingData,
  type TrainingSettings,
  trainRun,
} from "@neural-langevin/runs";
import {
  type ArrayValues,
  type Columns,
  decodeArrays,
  encodeArrays,
  type ObservedRow,
  stackRows,
  unstackRows,
} from "./arrays.js";
import { readJson, type StageCost, writeJson } from "./record.js";
import { keptChains, type SamplingPlan, sampleChains } from "./sampling.js";
import type { ExperimentStorage } from "./storage.js";
import { StoredRun } from "./stored-run.js";

/**
 * The data that a training's `data` setting names; what their numbers may be depends on its encoding. Most experiments need
 * images. Reading stops where the experiment does.
 */
export type ImageSource = (
  name: string,
  settings?: Pick<TrainingSettings, "encoding">,
  options?: WorkOptions,
) => DataSet | Promise<DataSet>;

/** A network at one update of its training. */
export interface TrainedNetwork extends StoredNetwork {
  /** Updates done. */
  readonly update: number;
}

/** What a context is made of. */
export interface ContextOptions extends WorkOptions {
  readonly backend: Backend;
  readonly seed: number;
  readonly storage: ExperimentStorage;
  readonly data: ImageSource;
  readonly computedBy: ComputedBy;
  readonly versions: Readonly<Record<string, string>>;
  /** Hears what a stage took, also when it failed. */
  readonly onCost: (stage: string, cost: StageCost) => Promise<void>;
}

/** Stages have names of their own and do not lie inside each other. */
export class ExperimentContext {
  /** Of all noise that is not told otherwise. */
  readonly seed: number;
  readonly #options: ContextOptions;
  readonly #sets = new Map<string, Promise<DataSet>>();

  constructor(options: ContextOptions) {
    this.seed = options.seed;
    this.#options = options;
  }

  /** What stops and follows the work. */
  get #work(): WorkOptions {
    const { signal, onProgress } = this.#options;
    return { signal, onProgress };
  }

  /** Whether the work was told to stop; stages then throw `aborted`. */
  get aborted(): boolean {
    return this.#options.signal?.aborted ?? false;
  }

  /** Reports how far the work between two stages has come. */
  progress(task: string, done: number, total: number, unit: string): void {
    this.#options.onProgress?.({ task, done, total, unit });
  }

  /**
   * Images as a training learns them; the seed is the experiment's unless given.
   *
   * @throws not-found, wrong-length, not-finite, bad-file, unavailable, aborted; what else the source throws;
   *   invalid-value; unsupported, for data that are not images
   */
  async data(given: GivenSettings): Promise<TrainingData> {
    const data = await this.numbers(given);
    requireImages(data, "the measures of this experiment");
    return data;
  }

  /**
   * The same for an experiment that needs no images (`takesNumbers`).
   *
   * @throws not-found, wrong-length, not-finite, bad-file, unavailable, aborted; what else the source throws;
   *   invalid-value
   */
  async numbers(given: GivenSettings): Promise<TrainingData<DataSet>> {
    const settings = this.#complete(given);
    const { data: name, encoding } = settings;
    const key = `${encoding} ${name}`;
    if (!this.#sets.has(key)) {
      this.#sets.set(
        key,
        Promise.resolve(name).then((one) => this.#options.data(one, settings, this.#work)),
      );
    }
    return prepareData(await this.#sets.get(key)!, settings, this.#work);
  }

  /**
   * The network that a training of these settings begins with.
   *
   * @throws invalid-value; wrong-length, for states that are not whole rows; aborted
   */
  initialNetwork(
    settings: TrainingSettings,
    data: Pick<TrainingData, "units" | "states">,
  ): Promise<InitialNetwork> {
    return initialNetwork(settings, data, this.#work);
  }

  /**
   * A value that JSON can hold, computed once and kept in stages/NAME.json. It is what was read back, so that an
   * interrupted experiment sees the same; numbers that are not finite become null.
   *
   * @throws aborted; bad-file, for a kept value that cannot be read; what `compute` throws
   */
  async value<T>(name: string, compute: () => T | Promise<T>): Promise<T> {
    const { storage } = this.#options;
    const file = `stages/${name}.json`;
    if (!(await storage.read(file))) {
      await this.#stage(name, 0, async () => writeJson(storage, file, await compute()));
    }
    return (await readJson(storage, file)) as T;
  }

  /**
   * Named arrays, computed once and kept in arrays/NAME.npz; an empty array comes back as none.
   *
   * @throws aborted; bad-file, for kept arrays that cannot be read; not-found, unsupported; what `compute` throws
   */
  async arrays<T extends { readonly [Name in keyof T]: ArrayValues | undefined }>(
    name: string,
    compute: () => T | Promise<T>,
  ): Promise<T> {
    const arrays = await this.#arrays(name, 0, async () => {
      const computed = Object.entries<ArrayValues | undefined>(await compute());
      const there = computed.filter(([, values]) => values !== undefined && values.length > 0);
      const stored = there.map(([key, values]) => [
        key,
        { shape: [values!.length], values: values! },
      ]);
      return Object.fromEntries(stored);
    });
    return Object.fromEntries(
      Object.entries(arrays).map(([key, { values }]) => [key, values]),
    ) as T;
  }

  /**
   * Trains in the run machines/NAME, from where it was interrupted if it was, and returns the network at the given
   * updates, ascending. The last update is always among them.
   *
   * @param given settings of the training; the seed is the experiment's unless given
   * @param options.data what the settings name unless given
   * @throws aborted, diverged; invalid-value, wrong-length, not-finite, not-found, bad-file, unsupported, unavailable;
   *   what the data, the backend and the storage throw
   */
  async train(
    name: string,
    given: GivenSettings,
    options: {
      readonly at?: readonly number[] | undefined;
      readonly data?: TrainingData<DataSet> | undefined;
    } = {},
  ): Promise<TrainedNetwork[]> {
    const { storage } = this.#options;
    const settings = this.#complete(given);
    const { updates } = settings;
    const wanted = [...new Set([...(options.at ?? []), updates])]
      .filter((update) => update <= updates)
      .sort((a, b) => a - b);
    let run = await StoredRun.open(storage, `machines/${name}`);
    if (run?.state !== "finished") {
      const data = options.data ?? (await this.numbers(given));
      run = await this.#train(name, settings, data, wanted, run);
    }
    const networks: TrainedNetwork[] = [];
    for (const update of wanted) networks.push({ update, ...(await run.network(update)) });
    return networks;
  }

  /**
   * Runs chains of a network and returns what was observed of them, one value for each of `at`. They are kept in
   * arrays/NAME.npz, one array for each name.
   *
   * @throws aborted, diverged; invalid-value, wrong-length, for a plan that cannot be; not-finite, not-found, bad-file,
   *   unsupported; what the backend and the storage throw
   */
  async sample<Row extends ObservedRow>(
    name: string,
    plan: SamplingPlan<Row>,
  ): Promise<Columns<Row>> {
    const { backend, seed, storage, signal, onProgress } = this.#options;
    const flop = 4 * plan.network.bias.length ** 2 * plan.chains * plan.at.at(-1)!;
    const arrays = await this.#arrays(name, flop, async () => {
      const place = { name, backend, seed, storage, signal, onProgress };
      return stackRows(await sampleChains(place, plan));
    });
    await storage.remove(keptChains(name));
    return unstackRows<Row>(arrays);
  }

  async #train(
    name: string,
    settings: TrainingSettings,
    data: TrainingData<DataSet>,
    checkpointAt: readonly number[],
    begun: StoredRun | undefined,
  ): Promise<StoredRun> {
    const { backend, storage, computedBy, versions, signal, onProgress } = this.#options;
    const from = await begun?.resume();
    const manifest = () => newManifest({ settings, data, computedBy, versions });
    // A run without a checkpoint has nothing to go on with.
    const run =
      begun && from
        ? begun
        : await StoredRun.create(storage, `machines/${name}`, { settings, manifest: manifest() });
    const spec = sessionOf(settings, data);
    const size = { units: data.units, chains: settings.chains, batch: spec.batch! };
    const flop = settings.updates * flopPerUpdate(size, planOf(settings).negativePhase);
    await this.#stage(name, flop, async () => {
      const session = await backend.open(spec);
      try {
        const reports = trainRun({
          session,
          backend,
          settings,
          data,
          sink: run,
          from,
          checkpointAt,
          signal,
          onProgress: (progress) => onProgress?.({ ...progress, task: `training ${name}` }),
        });
        for await (const _ of reports);
      } finally {
        await session.close();
      }
    });
    return run;
  }

  #complete(given: GivenSettings): TrainingSettings {
    return completeSettings({ ...given, seed: given.seed ?? this.seed });
  }

  async #arrays(
    name: string,
    flop: number,
    compute: () => Promise<ReturnType<typeof stackRows>>,
  ): Promise<ReturnType<typeof stackRows>> {
    const { storage } = this.#options;
    const file = `arrays/${name}.npz`;
    const found = await storage.read(file);
    if (found) return decodeArrays(found, file);
    return this.#stage(name, flop, async () => {
      const arrays = await compute();
      await storage.write(file, encodeArrays(arrays));
      return arrays;
    });
  }

  /** Does the work of a stage, and notes what it took, also when it fails. */
  async #stage<T>(name: string, flop: number, work: () => Promise<T>): Promise<T> {
    const { onCost } = this.#options;
    if (this.aborted) throw new LangevinError("aborted", `Stopped before ${name}.`);
    const began = performance.now();
    let done = 0;
    try {
      const result = await work();
      done = flop;
      return result;
    } finally {
      await onCost(name, { seconds: (performance.now() - began) / 1000, flop: done });
    }
  }
}
