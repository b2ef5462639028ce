// Which images the judge of digits and the demo can take.
import type { ImageSet } from "./data-set.js";

/** Whether images are MNIST's digits, with which measures of digits can be taken. */
export const isMnist = ({
  source,
  width,
  height,
}: Pick<ImageSet, "source" | "width" | "height">): boolean =>
  source.startsWith("MNIST (") && width === 28 && height === 28;
