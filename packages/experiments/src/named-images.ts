// The images that experiments name: MNIST, Fashion-MNIST where Debian installs it, and those of a path.
import { resolve } from "node:path";
import { isLangevinError, LangevinError } from "@neural-langevin/core";
import { encodings } from "@neural-langevin/datasets";
import { readIdxFolder } from "@neural-langevin/datasets/node";
import { type DataPlaces, readImages, readSamples } from "@neural-langevin/runs/node";
import type { ImageSource } from "./context.js";
import type { Experiment, Scale } from "./experiment.js";

/** Where Debian's package dataset-fashion-mnist puts it. */
const FASHION_MNIST = "/usr/share/datasets/fashion-mnist";

/**
 * Reads the images that the settings of an experiment name.
 *
 * @param places where MNIST is
 * @returns what throws not-found, bad-file, unsupported
 */
export const namedImages =
  (places: DataPlaces = {}): ImageSource =>
  async (name, settings) => {
    if (name !== "fashion-mnist") {
      return readSamples(name, {
        ...places,
        numbers: encodings[settings?.encoding ?? "atanh"].takes,
      });
    }
    return readImages(FASHION_MNIST).catch((error) => {
      if (!isLangevinError(error, "not-found")) throw error;
      throw new LangevinError(
        "not-found",
        error.message,
        "Install Debian's package dataset-fashion-mnist, or name its folder.",
      );
    });
  };

/** What a setting `data` says of images: names stay, and paths become whole, so that they hold in any folder. */
export const wholeImageName = (name: string): string =>
  name === "mnist" || name === "fashion-mnist" ? name : resolve(name);

/**
 * The settings of a scale with Fashion-MNIST from a folder.
 *
 * @throws invalid-value, for an experiment that takes none; not-found, bad-file, for what the folder holds
 */
export async function withFashion(
  { name, scales }: Experiment,
  scale: Scale,
  folder: string,
): Promise<object> {
  const settings: { fashion?: object } = scales[scale];
  if (!settings.fashion) {
    throw new LangevinError(
      "invalid-value",
      `A folder of Fashion-MNIST is given, but ${name} does not take Fashion-MNIST.`,
      "Leave it out.",
    );
  }
  await readIdxFolder(folder, "train");
  return { ...settings, fashion: { ...settings.fashion, data: folder } };
}
