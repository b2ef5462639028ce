// The images that a machine is held against.
import { type DataSet, encodingOf } from "@neural-langevin/datasets";
import { type DataPlaces, loadData, loadRunData } from "./load-data.js";
import type { LoadedNetwork } from "./load-network.js";
import type { TrainingSettings } from "./settings.js";
import { narrowData, type TrainingData } from "./training-data.js";

/**
 * Loads the images that a machine is held against. A run's split never changes: its own images are those that it learned
 * and kept back, or fewer of them, or the test part of its data. Other data, and those of a file, are split by the seed of
 * the split.
 *
 * @param given settings of the data that are not the machine's own
 * @param options.test whether the test part of the data is what counts
 * @throws what `loadData`, `loadRunData` and `narrowData` throw: invalid-value, wrong-length, not-finite, not-found,
 *   bad-file, unsupported, unavailable, aborted
 */
export async function loadEvaluationData(
  { network, settings, run }: LoadedNetwork,
  given: Partial<TrainingSettings>,
  { test = false, ...places }: DataPlaces & { readonly test?: boolean | undefined } = {},
): Promise<TrainingData<DataSet>> {
  const own = { ...settings, "label-units": 0 };
  const { labels, images, "held-out": heldOut } = given;
  if (run && given.data === undefined && !test) {
    return narrowData(await loadRunData(run, own, places), { labels, images, heldOut });
  }
  const wanted = {
    ...own,
    "split-seed": own["split-seed"] ?? own.seed,
    ...given,
    "held-out": heldOut ?? (run ? undefined : own["held-out"]),
    "held-out-from": test ? "test" : "training",
  } as const;
  return loadData(wanted, { ...places, encoding: encodingOf(network.encoding) });
}
