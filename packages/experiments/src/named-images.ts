// The images that experiments name: MNIST, Fashion-MNIST, and those of a path.
import { resolve } from "node:path";
import { isLangevinError, LangevinError, type WorkOptions } from "@neural-langevin/core";
import { encodings } from "@neural-langevin/datasets";
import { readIdxFolder } from "@neural-langevin/datasets/node";
import { type DataPlaces, readImages, readSamples } from "@neural-langevin/runs/node";
import type { ImageSource } from "./context.js";
import type { Experiment, Scale } from "./experiment.js";

/** Where images are that have a name and no path. */
export type ImagePlaces = DataPlaces & {
  /** The folder with Fashion-MNIST's files that "fashion-mnist" stands for. */
  readonly fashionMnist?: string | undefined;
};

/**
 * Reads the images that the settings of an experiment name.
 *
 * @returns a source, which throws invalid-value, not-found, bad-file, unsupported, unavailable, aborted
 */
export const namedImages =
  ({ fashionMnist, ...places }: ImagePlaces = {}): ImageSource =>
  async (name, settings, { signal = places.signal, onProgress = places.onProgress } = {}) => {
    const work = { signal, onProgress };
    if (name !== "fashion-mnist") {
      return readSamples(name, {
        ...places,
        ...work,
        numbers: encodings[settings?.encoding ?? "atanh"].takes,
      });
    }
    const missing = (sentence: string) =>
      new LangevinError(
        "not-found",
        sentence,
        "Install Debian's package dataset-fashion-mnist, or name its folder.",
      );
    if (fashionMnist === undefined) throw missing("It is not known where Fashion-MNIST is.");
    return readImages(fashionMnist, { ...places, ...work }).catch((error) => {
      throw isLangevinError(error, "not-found") ? missing(error.message) : error;
    });
  };

/** What a setting `data` says of images: names stay, and paths become whole, so that they hold in any folder. */
export const wholeImageName = (name: string): string =>
  name === "mnist" || name === "fashion-mnist" ? name : resolve(name);

/**
 * The settings of a scale with Fashion-MNIST from a folder.
 *
 * @throws invalid-value, for an experiment that takes none; not-found, bad-file, for what the folder holds; aborted
 */
export async function withFashion(
  { name, scales }: Experiment,
  scale: Scale,
  folder: string,
  options: WorkOptions = {},
): Promise<object> {
  const settings: { fashion?: object } = scales[scale];
  if (!settings.fashion) {
    throw new LangevinError(
      "invalid-value",
      `A folder of Fashion-MNIST is given, but ${name} does not take Fashion-MNIST.`,
      "Leave it out.",
    );
  }
  await readIdxFolder(folder, "train", options);
  return { ...settings, fashion: { ...settings.fashion, data: folder } };
}
