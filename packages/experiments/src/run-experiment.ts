// Runs an experiment from its beginning, or from where it was interrupted, to its report.
import {
  type Backend,
  isLangevinError,
  LangevinError,
  type WorkOptions,
} from "@neural-langevin/core";
import { figureNumbers } from "@neural-langevin/figures";
import { type ComputedBy, computedBy, piecesOf, type Shard } from "@neural-langevin/runs";
import { ExperimentContext, type ImageSource } from "./context.js";
import type { Experiment, Scale } from "./experiment.js";
import { type ExperimentRecord, readRecord, writeJson, writeRecord } from "./record.js";
import { makeReport, type Report, reportMarkdown, tableCsv } from "./report.js";
import { createMemoryStorage, type ExperimentStorage } from "./storage.js";

/** Which experiment is run, on what, and where its files go. */
export interface ExperimentRun<Settings extends object> extends WorkOptions {
  /** What is asked. */
  readonly experiment: Experiment<Settings>;
  /** `quick` unless given, or `custom` with settings of one's own. */
  readonly scale?: Scale | undefined;
  /** Settings in place of those of the scale. */
  readonly settings?: Settings | undefined;
  /** What was given in place of the scale's settings, for the record. */
  readonly given?: ExperimentRecord["given"];
  /** Where an experiment of one's own comes from, for the record. */
  readonly module?: string | undefined;
  /** What computes; the caller closes it. */
  readonly backend: Backend;
  /** Seed of all noise and orders; 1 unless given. A training may have its own. */
  readonly seed?: number | undefined;
  /**
   * Where all files go; memory unless given. An experiment that was interrupted there goes on, with the scale, the
   * settings and the seed that it began with.
   */
  readonly storage?: ExperimentStorage | undefined;
  /** The images that settings name, such as "mnist". A source that throws `not-found` leaves these images out. */
  readonly data: ImageSource;
  /** What computes, for the record; read from the backend unless given. */
  readonly computedBy?: ComputedBy | undefined;
  /** Packages and platform with their versions, for the record. */
  readonly versions?: Readonly<Record<string, string>> | undefined;
  /** Turns figures into PNG, as `renderPng` of `@neural-langevin/figures/node` does; they are SVG alone unless given. */
  readonly renderPng?: ((svg: string, zoom: number) => Promise<Uint8Array>) | undefined;
}

/**
 * Computes an experiment, and writes experiment.json, arrays/, stages/, machines/, tables/, figures/, report.json and
 * report.md.
 *
 * @throws aborted, with everything kept, so that calling it again with the same storage goes on; exists, for a storage
 *   with another experiment or a share of this one; bad-file; what the backend, the storage and the data source throw
 */
export function runExperiment<Settings extends object>(
  run: ExperimentRun<Settings>,
): Promise<Report> {
  return compute(run, undefined, async ({ context, storage, record }) => {
    const { experiment } = run;
    const result = await experiment.measure(context, record().settings as Settings);
    const tables = experiment.tables(result);
    const figures = experiment.figures(result);
    for (const table of tables) await storage.write(`tables/${table.name}.csv`, tableCsv(table));
    const pictures = new Map<string, string>();
    const numbered = new Set<string>();
    for (const figure of figures) {
      const file = `figures/${figure.name}`;
      const png = "png" in figure ? figure.png : await run.renderPng?.(figure.svg, 2);
      if ("svg" in figure) {
        await storage.write(`${file}.svg`, figure.svg);
        const numbers = figureNumbers(figure.svg);
        if (numbers !== undefined) {
          await storage.write(`${file}.csv`, numbers);
          numbered.add(figure.name);
        }
      }
      if (png) await storage.write(`${file}.png`, png);
      pictures.set(figure.name, png ? `${file}.png` : `${file}.svg`);
    }
    const findings = experiment.findings(result);
    const report = makeReport(experiment, record(), { findings, figures, tables });
    await writeJson(storage, "report.json", report);
    await storage.write("report.md", reportMarkdown(report, tables, pictures, numbered));
    return report;
  });
}

/**
 * Computes a share of the parts of an experiment, without tables, figures and a report: `gatherExperiment` puts all shares
 * together, and `runExperiment` then finishes what came of them.
 *
 * @returns the values of its setting `parts` that were computed
 * @throws unsupported, for an experiment without parts; what `runExperiment` throws (bad-file, exists)
 */
export function runExperimentShard<Settings extends object>(
  run: ExperimentRun<Settings>,
  shard: Shard,
): Promise<readonly unknown[]> {
  const { experiment } = run;
  requireParts(experiment);
  return compute(run, shard, async ({ context, record }) => {
    const settings = record().settings as Record<string, unknown>;
    const { parts } = experiment as { parts: string };
    const own = piecesOf(settings[parts] as readonly unknown[], shard);
    if (own.length > 0)
      await experiment.measure(context, { ...settings, [parts]: own } as Settings);
    return own;
  });
}

/**
 * Refuses an experiment that is not made of independent parts.
 *
 * @throws unsupported
 */
export function requireParts({ name, parts }: Pick<Experiment, "name" | "parts">): void {
  if (parts !== undefined) return;
  throw new LangevinError(
    "unsupported",
    `The experiment ${name} is not made of independent parts, so it has no shards.`,
    "Run it as a whole.",
  );
}

/** What the work on an experiment has. */
interface ExperimentWork {
  readonly context: ExperimentContext;
  readonly storage: ExperimentStorage;
  /** The record as it stands. */
  record(): ExperimentRecord;
}

/** Works on the experiment in a storage, and notes what it takes and where it stands. */
async function compute<Settings extends object, T>(
  run: ExperimentRun<Settings>,
  shard: Shard | undefined,
  work: (place: ExperimentWork) => Promise<T>,
): Promise<T> {
  const { backend, data, signal, onProgress } = run;
  const storage = run.storage ?? createMemoryStorage();
  let record = await begin(run, storage, shard);
  const update = async (patch: Partial<ExperimentRecord>) => {
    record = { ...record, ...patch };
    await writeRecord(storage, record);
  };
  const context = new ExperimentContext({
    backend,
    seed: record.seed,
    storage,
    data,
    computedBy: { backend: record.backend, device: record.device, threads: record.threads },
    versions: record.versions,
    signal,
    onProgress,
    onCost(stage, { seconds, flop }) {
      const before = record.stages[stage] ?? { seconds: 0, flop: 0 };
      const cost = { seconds: before.seconds + seconds, flop: before.flop + flop };
      return update({ stages: { ...record.stages, [stage]: cost } });
    },
  });
  try {
    await update({ state: "running" });
    const result = await work({ context, storage, record: () => record });
    await update({ state: "finished" });
    return result;
  } catch (error) {
    if (isLangevinError(error, "aborted")) await update({ state: "interrupted" });
    throw error;
  }
}

/** The record of the experiment in the storage, or of one that begins. */
async function begin<Settings extends object>(
  run: ExperimentRun<Settings>,
  storage: ExperimentStorage,
  shard: Shard | undefined,
): Promise<ExperimentRecord> {
  const { experiment, backend, seed = 1, settings, given, module } = run;
  const scale = run.scale ?? (settings ? "custom" : "quick");
  const computed = run.computedBy ?? computedBy(backend);
  const found = await readRecord(storage);
  if (found && found.experiment !== experiment.name) {
    throw new LangevinError(
      "exists",
      `The storage holds the experiment ${found.experiment}, not ${experiment.name}.`,
      "Choose another storage.",
    );
  }
  if (found && JSON.stringify(found.shard) !== JSON.stringify(shard)) {
    const share = (one: Shard | undefined) =>
      one ? `shard ${one.index + 1} of ${one.count}` : "all";
    throw new LangevinError(
      "exists",
      `The storage holds ${share(found.shard)} of the experiment ${experiment.name}, not ${share(shard)}.`,
      "Choose another storage, or put the shards together.",
    );
  }
  if (found) return { ...found, ...computed };
  const now = new Date().toISOString();
  return {
    experiment: experiment.name,
    scale,
    settings: settings ?? experiment.scales[scale as Scale],
    given,
    module,
    shard,
    seed,
    state: "running",
    versions: run.versions ?? {},
    ...computed,
    started: now,
    changed: now,
    stages: {},
  };
}
