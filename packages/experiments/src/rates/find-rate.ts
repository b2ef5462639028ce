// Short trainings at growing learning rates, as files and a rate to take.
import { LangevinError, type WorkOptions } from "@neural-langevin/core";
import type { TrainingSettings } from "@neural-langevin/runs";
import {
  type DataPlaces,
  loadData,
  type NamedBackend,
  requireWritable,
} from "@neural-langevin/runs/node";
import { ratesFiles, writeRates } from "./files.js";
import { suggestRate, type TriedRate, tryRates } from "./try-rates.js";

/** What came of the search. */
export interface FoundRate {
  /** The rate to take; undefined where none was measured. */
  readonly rate: number | undefined;
  /** The measure that decided, `stop-on` of the settings. */
  readonly measure: TrainingSettings["stop-on"];
  /** Updates of every trial. */
  readonly updates: number;
  /** The name of the backend that computed. */
  readonly backend: string;
  /** Every rate, ascending. */
  readonly tried: readonly TriedRate[];
  /** Paths of what was written. */
  readonly files: readonly string[];
}

/**
 * Tries rates as `tryRates` does, and writes what became of them as `writeRates` does.
 *
 * @throws invalid-value, for settings that begin with a machine; exists; what `loadData`, `open` and `tryRates` throw
 *   (wrong-length, not-finite, not-found, bad-file, unsupported, unavailable, aborted, diverged)
 */
export async function findRate(
  settings: TrainingSettings,
  search: {
    readonly folder: string;
    readonly overwrite: boolean;
    readonly places: DataPlaces;
    readonly open: () => Promise<NamedBackend>;
    readonly renderPng: (svg: string, zoom: number) => Promise<Uint8Array>;
    readonly onTried: (tried: TriedRate) => void;
  },
  work: WorkOptions = {},
): Promise<FoundRate> {
  if (settings.from !== undefined) {
    throw new LangevinError(
      "invalid-value",
      "Rates are tried in trainings from scratch, but the settings begin with a machine.",
      "Leave from out.",
    );
  }
  const { folder, overwrite, places, open, renderPng, onTried } = search;
  const { "stop-on": measure, updates } = settings;
  await requireWritable(ratesFiles(folder), overwrite);
  const data = await loadData(settings, places);
  const { name, backend } = await open();
  await using _backend = backend;
  const tried: TriedRate[] = [];
  for await (const one of tryRates({ backend, settings, data }, work)) {
    tried.push(one);
    onTried(one);
  }
  const rate = suggestRate(tried, measure)?.rate;
  const files = await writeRates(folder, tried, measure, renderPng);
  return { rate, measure, updates, backend: name, tried, files };
}
