// Images at half their width and height, for experiments that must not take long.
import type { ImageSet } from "@neural-langevin/datasets";

/** Images of which every pixel is the mean of four. The sizes are even. */
export function halfSize(set: ImageSet): ImageSet {
  const [width, height] = [set.width / 2, set.height / 2];
  const pixels = new Uint8Array(set.count * width * height);
  for (let row = 0; row < set.count * height; row++) {
    const from = 2 * row * set.width;
    for (let x = 0; x < width; x++) {
      const at = from + 2 * x;
      const sum =
        set.pixels[at]! +
        set.pixels[at + 1]! +
        set.pixels[at + set.width]! +
        set.pixels[at + set.width + 1]!;
      pixels[row * width + x] = Math.round(sum / 4);
    }
  }
  return { ...set, width, height, pixels, source: `${set.source}, half size` };
}
