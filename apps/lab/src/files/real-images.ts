// Real images of what the included machines learned that is no digit, as tools/make-images.mjs packs them.
import { type ImageSet, parseIdx } from "@neural-langevin/datasets";
import { machineCard } from "@neural-langevin/machines";
import { fetched } from "./fetched.js";
import { unzipped } from "./unzipped.js";

const addresses = {
  fashion: new URL("./images/fashion.bin", import.meta.url),
  letters: new URL("./images/letters.bin", import.meta.url),
};

/** A machine whose images are here. */
type PicturedMachine = keyof typeof addresses;
/** What they are from. */
const sources: Readonly<Record<PicturedMachine, string>> = {
  fashion: "Fashion-MNIST",
  letters: "Omniglot",
};

/** Images that a machine did not learn, of what it learned; they take its labels in turn. Throws unavailable. */
export async function loadRealImages(name: PicturedMachine): Promise<ImageSet> {
  const labels = machineCard(name).labels!.length;
  const bytes = await unzipped(await fetched(addresses[name], "The real images"));
  const { shape, values } = parseIdx(bytes, `${name}.bin`);
  const [count = 0, height = 0, width = 0] = shape;
  return {
    width,
    height,
    count,
    pixels: values,
    labels: Uint8Array.from({ length: count }, (_, place) => place % labels),
    source: sources[name],
  };
}
