// A run of a machine that was trained elsewhere: no update was made in it, and its settings say what its images are and
// how it is sampled.
import { availableParallelism } from "node:os";
import { momentsLength } from "@neural-langevin/core/backend";
import { encodingNames, encodingOf, recordOf, shapeOf } from "@neural-langevin/datasets";
import { type DataPlaces, keptSettings, loadData } from "./load-data.js";
import type { StoredNetwork } from "./machine-file.js";
import { type Manifest, newManifest, type Origin } from "./provenance.js";
import { createRun } from "./run-folder.js";
import { completeSettings, type GivenSettings } from "./settings.js";
import { requireImagesOf } from "./training-data.js";

/** What becomes a run. */
export interface ImportedRun {
  /** The machine. */
  readonly network: StoredNetwork;
  /** Where the network comes from, in words. */
  readonly sources: string;
  /** What is known of its training, its images and how it is sampled. */
  readonly settings: GivenSettings;
  /** Packages and platform with their versions, for the manifest. */
  readonly versions: Manifest["versions"];
  /** The program that imports it. */
  readonly origin?: Origin | undefined;
  /** Whether a run in the folder is replaced. */
  readonly overwrite?: boolean | undefined;
  /** Where data are that have a name and no path. */
  readonly places?: DataPlaces | undefined;
}

/**
 * Writes a run without any update: a checkpoint of update 0, from which a training may go on.
 *
 * @throws what `loadData` and `createRun` throw (wrong-length, not-finite, not-found, bad-file, unsupported, exists,
 *   in-use, unavailable, aborted); invalid-value, for images that the machine cannot see
 */
export async function importRun(path: string, imported: ImportedRun): Promise<void> {
  const { network, sources, versions, origin, overwrite, places } = imported;
  const { units, labelUnits } = network;
  const settings = keptSettings(
    completeSettings({
      "label-units": labelUnits?.copies,
      "label-kinds": labelUnits?.kinds?.count,
      encoding: encodingNames.find((name) => name === network.encoding?.name),
      ...imported.settings,
    }),
  );
  const encoding = network.encoding && encodingOf(network.encoding);
  const data = await loadData(settings, { ...places, encoding, labelUnits });
  requireImagesOf(network, data);
  const manifest = newManifest({
    settings,
    data,
    state: "imported",
    computedBy: {
      backend: "cpu",
      device: `nothing has computed yet: imported from ${sources}`,
      threads: availableParallelism(),
    },
    versions,
    origin,
  });
  await using run = await createRun(path, { settings, manifest, split: data.split, overwrite });
  await run.writeCheckpoint({
    ...network,
    encoding: recordOf(data.encoding),
    shape: shapeOf(data.training),
    update: 0,
    // A training draws its chains when it begins.
    chains: new Float32Array(settings.chains * units),
    moments: new Float32Array(momentsLength(units)),
  });
}
