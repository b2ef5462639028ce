// Which data a machine learned and which of them it kept back, recognised by their hash under whatever name they come.
import { isLangevinError } from "@neural-langevin/core";
import { type DataSet, encodingOf } from "@neural-langevin/datasets";
import { type DataPlaces, loadData } from "./load-data.js";
import type { LoadedNetwork } from "./load-network.js";
import type { TrainingSettings } from "./settings.js";
import type { TrainingData } from "./training-data.js";

/**
 * Loads data as a machine learned them and kept them back.
 *
 * @param named settings that name the data
 * @returns undefined where the machine learned other data, or does not say what it learned
 * @throws bad-file, unsupported, wrong-length, not-finite, unavailable, aborted
 */
export async function loadLearned(
  { network, settings, run }: LoadedNetwork,
  named: Pick<TrainingSettings, "data" | "labels-file" | "label-column" | "missing">,
  places: DataPlaces = {},
): Promise<TrainingData<DataSet> | undefined> {
  const split = await run?.readSplit();
  const told = run ? undefined : network.learnedData;
  const sha256 = run ? (await run.readManifest()).data.sha256 : told?.sha256;
  if (sha256 === undefined) return undefined;
  const { data, "labels-file": labelsFile, "label-column": labelColumn, missing } = named;
  const divided = {
    ...settings,
    ...told?.division,
    "label-units": 0,
    data,
    "labels-file": labelsFile,
    "label-column": labelColumn,
    missing,
  };
  const encoding = encodingOf(network.encoding);
  const mayKeep = told?.mayKeep;
  const found = await loadData(divided, { ...places, split, mayKeep, encoding }).catch((error) => {
    // Data that cannot be divided in the same way are others.
    if (isLangevinError(error, "invalid-value") || isLangevinError(error, "not-found")) return;
    throw error;
  });
  return found?.sha256 === sha256 ? found : undefined;
}
