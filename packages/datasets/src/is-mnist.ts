// Which data the judge of digits and the demo can take.
import { type DataSet, isImageSet } from "./data-set.js";

/** Whether data are MNIST's digits, with which measures of digits can be taken. */
export const isMnist = (set: DataSet): boolean =>
  isImageSet(set) && set.source.startsWith("MNIST (") && set.width === 28 && set.height === 28;
