// Where the files of MNIST are, as readers of data take them.
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * The folder of MNIST's files: `train-images-idx3-ubyte.gz` (60,000 images of 28 × 28 bytes), `train-labels-idx1-ubyte.gz`,
 * and the test part `t10k-…` (10,000), with the bytes that Yann LeCun, Corinna Cortes and Christopher Burges published.
 */
export const mnistFolder = (): string =>
  join(dirname(dirname(fileURLToPath(import.meta.url))), "data");
