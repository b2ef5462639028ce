// What restoring leaves to look at: pictures of before and after, and the energies on the way.
import { mean } from "@neural-langevin/analysis";
import { decodeStates, type Encoding, encodingOf } from "@neural-langevin/datasets";
import { csvCell, curves, imageGrid, type Panel, panels } from "@neural-langevin/figures";
import type { Relaxation } from "./restore.js";

/** Images that a figure shows at most, and the width that a caption needs. */
const SHOWN = 64;
const CAPTION_WIDTH = 220;

/** Images in one panel, under a title and a caption. */
export interface ImagePanel {
  /** What the images are, in bold. */
  readonly title: string;
  /** A line below the title. */
  readonly caption: string;
  /** x of the pixels, shape [images][pixels]; the first 64 are shown. */
  readonly states: Float32Array;
}

/**
 * Draws images side by side as SVG, such as the originals, the damaged ones and the restored ones.
 *
 * @param encoding of the machine; the published one unless given
 * @throws invalid-value, for no panel or no image; wrong-length; unsupported
 */
export const drawImages = (
  row: readonly ImagePanel[],
  size: { readonly width: number; readonly height: number },
  encoding: Encoding = encodingOf(undefined),
): string => panels(row.map((panel) => panelOf(panel, size, encoding)));

function panelOf(
  { title, caption, states }: ImagePanel,
  { width, height }: { readonly width: number; readonly height: number },
  encoding: Encoding,
): Panel {
  const count = Math.min(SHOWN, states.length / (width * height));
  const columns = Math.min(8, Math.ceil(Math.sqrt(count)));
  const scale = Math.max(1, Math.ceil(CAPTION_WIDTH / (columns * width)));
  const pixels = decodeStates(states.subarray(0, count * width * height), encoding);
  return { title, caption, picture: imageGrid({ pixels, width, height, columns, scale }) };
}

/** The energies as CSV: a column of steps, then one of every image under its name. */
export function energiesCsv(
  { steps, energies }: Pick<Relaxation, "steps" | "energies">,
  names: readonly string[],
): string {
  const rows = steps.map((step, point) => [step, ...energies[point]!].join(","));
  return `${[["step", ...names].map(csvCell).join(","), ...rows].join("\n")}\n`;
}

/**
 * Draws the energies as SVG: a curve of every image, or of the mean and the extremes of many.
 *
 * @throws invalid-value, where no energy can be drawn
 */
export function drawEnergies(
  { steps, energies }: Pick<Relaxation, "steps" | "energies">,
  names: readonly string[],
): string {
  const curve = (name: string, of: (values: Float32Array) => number) => ({
    name: name.length > 14 ? `${name.slice(0, 13)}…` : name,
    x: steps,
    y: energies.map(of),
  });
  const series =
    names.length <= 6
      ? names.map((name, image) => curve(name, (values) => values[image]!))
      : [
          curve("highest", (values) => values.reduce((a, b) => Math.max(a, b))),
          curve("mean", mean),
          curve("lowest", (values) => values.reduce((a, b) => Math.min(a, b))),
        ];
  return curves({ xTitle: "steps", plots: [{ title: "Energy E", series, logarithmic: true }] });
}
