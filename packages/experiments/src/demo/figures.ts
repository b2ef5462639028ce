// The figure of the demo: what is real, what was asked for, what was dreamt and what was completed, side by side.
import { decodeRates, greyLevels, pickImages } from "@neural-langevin/datasets";
import { type Panel, panels } from "@neural-langevin/figures";
import type { TrainingData } from "@neural-langevin/runs";
import { smallImages } from "../drawing.js";
import { percent } from "../format.js";
import { columnsOf, type DemoMeasures, type DemoResults, labelOfColumn } from "./measure.js";

/** Rows of small images in every panel. */
const ROWS = 8;
/** The grey of a half that was not given, as that between images. */
const MISSING = 96;

/**
 * Draws the results of a demo as SVG.
 *
 * @throws wrong-length, for results of other data; invalid-value
 */
export function drawDemo(
  data: TrainingData,
  { asked, free, completed }: DemoResults,
  measures: DemoMeasures,
): string {
  const { heldOut, pixels, labelUnits } = data;
  const kinds = [...new Set(heldOut.labels)].sort((a, b) => a - b);
  const columns = columnsOf(kinds.length);
  const panel = (title: string, caption: string, levels: Uint8Array): Panel => ({
    title,
    caption,
    picture: smallImages(levels, heldOut, columns, ROWS),
  });
  const digits = kinds.length === 10 ? "0 to 9" : kinds.join(", ");
  const named = measures.accuracy
    ? `it names ${percent(measures.accuracy.value)} of them right`
    : `MNIST, digits ${digits}`;
  const legible = percent(measures.free.legible.value);
  return panels([
    panel("Real, never seen in training", named, greyLevels(heldOut.pixels)),
    ...(asked && labelUnits
      ? [
          panel(
            `Asked for ${digits}, by column`,
            `${percent(measures.asked!.asked!.all.value)} are legible and as asked`,
            inColumns(decodeRates(asked.rates), pixels, labelUnits.labels.length),
          ),
          panel("Dreamt freely", `no digit asked for; ${legible} are legible`, decodeRates(free)),
        ]
      : [panel("Generated", `${legible} are legible`, decodeRates(free))]),
    panel(
      "Completed from the upper half",
      "the half it was given, below it the whole",
      givenAndCompleted(data, completed, columns),
    ),
  ]);
}

/** Images that are sorted by label, with the images of each label in columns of their own. */
function inColumns(levels: Uint8Array, pixels: number, labels: number): Uint8Array {
  const columns = columnsOf(labels);
  const each = levels.length / pixels / labels;
  const width = columns / labels;
  const result = new Uint8Array(ROWS * columns * pixels);
  for (let at = 0; at < ROWS * columns; at++) {
    const [row, column] = [Math.floor(at / columns), at % columns];
    const from = labelOfColumn(column, labels) * each + ((row * width + (column % width)) % each);
    result.set(levels.subarray(from * pixels, (from + 1) * pixels), at * pixels);
  }
  return result;
}

/** Rows of halves, each above the row that was made of it. */
function givenAndCompleted(
  { heldOut, pixels }: TrainingData,
  { places, rates }: DemoResults["completed"],
  columns: number,
): Uint8Array {
  const given = greyLevels(pickImages(heldOut, places).pixels);
  const made = decodeRates(rates);
  const row = columns * pixels;
  const result = new Uint8Array(2 * given.length);
  for (let at = 0; at < given.length; at++) {
    if (at % pixels >= pixels / 2) given[at] = MISSING;
  }
  for (let from = 0; from < given.length; from += row) {
    result.set(given.subarray(from, from + row), 2 * from);
    result.set(made.subarray(from, from + row), 2 * from + row);
  }
  return result;
}
