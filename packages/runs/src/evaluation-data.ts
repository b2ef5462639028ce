// The images that a machine is held against.
import { type DataSet, encodingOf } from "@neural-langevin/datasets";
import { loadLearned } from "./learned-data.js";
import { type DataPlaces, loadData, loadRunData, readData } from "./load-data.js";
import type { LoadedNetwork } from "./load-network.js";
import type { TrainingSettings } from "./settings.js";
import { narrowData, type TrainingData, withTestPart } from "./training-data.js";

/**
 * Loads the images that a machine is held against. Its split never changes: where the data are those that it learned, under
 * whatever name, its own images are those that it learned and kept back, or fewer of them, or the test part of the data.
 * Other data, and those of a file that does not say what it learned, are split by the seed of the split.
 *
 * @param given settings of the data that are not the machine's own
 * @param options.test whether the test part of the data is what counts
 * @throws what `loadData`, `loadRunData` and `narrowData` throw: invalid-value, wrong-length, not-finite, not-found,
 *   bad-file, unsupported, unavailable, aborted
 */
export async function loadEvaluationData(
  machine: LoadedNetwork,
  given: Partial<TrainingSettings>,
  { test = false, ...places }: DataPlaces & { readonly test?: boolean | undefined } = {},
): Promise<TrainingData<DataSet>> {
  const { network, settings, run } = machine;
  const own = { ...settings, "label-units": 0 };
  const { labels, images, "held-out": heldOut } = given;
  const named = { ...own, ...given };
  const learned =
    run && given.data === undefined
      ? await loadRunData(run, own, places)
      : await loadLearned(machine, named, places);
  if (learned) {
    if (!test) return narrowData(learned, { labels, images, heldOut });
    const part = await readData(named, "test", places);
    const wanted = { labels: labels ?? own.labels, "held-out": heldOut };
    return narrowData(await withTestPart(learned, part, wanted), { labels, images });
  }
  const wanted = {
    ...named,
    "split-seed": own["split-seed"] ?? own.seed,
    "held-out": heldOut ?? (run ? undefined : own["held-out"]),
    "held-out-from": test ? "test" : "training",
  } as const;
  return loadData(wanted, { ...places, encoding: encodingOf(network.encoding) });
}
