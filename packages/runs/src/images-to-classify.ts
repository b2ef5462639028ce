// Images whose labels a machine is asked for: files that are named, labelled data, or what its run kept back.
import { LangevinError } from "@neural-langevin/core";
import {
  type DataSet,
  encodeAll,
  encodeImages,
  encodingOf,
  encodings,
  pickImages,
  shapeOf,
  sizeOf,
} from "@neural-langevin/datasets";
import { loadEvaluationData } from "./evaluation-data.js";
import { requireLabelUnits } from "./generate.js";
import { imageNames, readImageFiles } from "./image-files.js";
import { type DataPlaces, readSamples } from "./load-data.js";
import type { LoadedNetwork } from "./load-network.js";

/** Images to look at. */
export interface ImagesToClassify {
  /** x of the pixels, shape [images][pixels]. */
  readonly states: Float32Array;
  /** What each is called, where they are shown one by one. */
  readonly names: readonly string[] | undefined;
  /** What they show, where that is known, shape [images]. */
  readonly labels: Uint8Array | undefined;
  /** Where they come from, in words. */
  readonly source: string;
}

/**
 * Reads the files that are named; else the images of some data whose labels the machine knows; else those that its run kept
 * for evaluation.
 *
 * @throws not-found, bad-file, unsupported; invalid-value, for images of another size or without labels; what
 *   `loadEvaluationData` throws (wrong-length, not-finite, unavailable, aborted)
 */
export async function imagesToClassify(
  machine: LoadedNetwork,
  { files, data }: { readonly files: readonly string[]; readonly data?: string | undefined },
  places: DataPlaces = {},
): Promise<ImagesToClassify> {
  const { network, image, run, file, settings } = machine;
  const name = run?.path ?? file;
  const { pixels, labels } = requireLabelUnits(network, [], name);
  const encoding = encodingOf(network.encoding);
  if (files.length > 0) {
    const read = await readImageFiles(files, { machine: name, pixels, image });
    const names = imageNames(read);
    return { states: encodeAll(read, encoding), names, labels: undefined, source: "the files" };
  }
  const numbers = encodings[settings.encoding].takes;
  const set: DataSet =
    data === undefined
      ? (await loadEvaluationData(machine, {}, places)).heldOut
      : withLabels(await readSamples(data, { ...places, numbers }), labels);
  if (sizeOf(set) !== pixels || set.count === 0 || !set.labels) {
    throw new LangevinError(
      "invalid-value",
      `The machine ${name} classifies images of ${pixels} pixels by the labels ${labels.join(", ")}, but ${set.source} has ` +
        `${set.labels ? `${set.count} of ${shapeOf(set).join(" × ")}` : "no labels"}.`,
      "Name labelled images of this machine, or files of images.",
    );
  }
  return {
    states: encodeImages(set, encoding),
    names: undefined,
    labels: set.labels,
    source: set.source,
  };
}

/** The images whose labels the machine knows. */
function withLabels(set: DataSet, labels: readonly number[]): DataSet {
  if (!set.labels) return set;
  return pickImages(
    set,
    [...set.labels.keys()].filter((image) => labels.includes(set.labels![image]!)),
  );
}
