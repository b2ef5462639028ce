// MNIST, which is known to the last bit.
import type { WorkOptions } from "@neural-langevin/core";
import { badFile, type ImageSet } from "./data-set.js";
import { sha256 } from "./disk.js";
import { encodeIdx } from "./idx.js";
import { type Part, readIdxFolder } from "./idx-files.js";

/** SHA-256 of MNIST's uncompressed files: `[images, labels]`. */
const sums = {
  train: [
    "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
  ],
  test: [
    "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
  ],
} as const;

/**
 * Reads MNIST from a folder and verifies that it is MNIST.
 *
 * @throws not-found, bad-file (other bytes than MNIST's), unsupported, unavailable (the system refuses to read it),
 *   aborted; invalid-value
 */
export async function readMnist(
  folder: string,
  part: Part,
  options?: WorkOptions,
): Promise<ImageSet> {
  const set = await readIdxFolder(folder, part, options);
  const { count, height, width, labels } = set;
  const pixels = set.pixels as Uint8Array;
  const contents = [
    { what: "images", shape: [count, height, width], values: pixels },
    { what: "labels", shape: [count], values: labels ?? new Uint8Array(0) },
  ];
  contents.forEach(({ what, shape, values }, index) => {
    const header = encodeIdx({ shape, values: new Uint8Array(0) });
    const [expected, found] = [sums[part][index], sha256(header, values)];
    if (found === expected) return;
    throw badFile(
      folder,
      `has ${part === "train" ? "train" : "t10k"} ${what} that are not those of MNIST: SHA-256 ` +
        `${expected} is expected, but ${found} was found`,
    );
  });
  return { ...set, source: `MNIST (${part})` };
}
