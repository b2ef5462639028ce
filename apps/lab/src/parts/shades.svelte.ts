// The grey levels of images as colours of the theme: paper where nothing fires, ink where all does.
import { theme } from "./theme.svelte.js";

/** Colours of the 256 levels as RGBA words in the byte order of ImageData. */
function readShades(): Uint32Array {
  const low = theme.colour("--image-low");
  const high = theme.colour("--image-high");
  const bytes = new Uint8ClampedArray(4 * 256);
  for (let level = 0; level < 256; level++) {
    const share = level / 255;
    for (let c = 0; c < 3; c++) bytes[4 * level + c] = low[c]! * (1 - share) + high[c]! * share;
    bytes[4 * level + 3] = 255;
  }
  return new Uint32Array(bytes.buffer);
}

class Shades {
  readonly levels = $derived(readShades());
}

export const shades = new Shades();
