// Images over time: one row for each subject, one column for each moment.
import { LangevinError } from "@neural-langevin/core";
import { requireLength } from "@neural-langevin/core/backend";
import { imageGrid } from "./image-grid.js";
import { embed } from "./panels.js";
import { label, quiet, svgDocument } from "./svg.js";

/** Some images, one a column, of something that has a name. */
export interface FilmRow {
  /** What stands before the row; "" for nothing. */
  readonly name: string;
  /** 0 is black, 255 white; shape [columns][height][width]. */
  readonly pixels: Uint8Array;
}

/** Rows of images under common headings. */
export interface FilmStrip {
  /** Above the columns. */
  readonly title: string;
  /** Width of one image in its own pixels. */
  readonly width: number;
  /** Height of one image in its own pixels. */
  readonly height: number;
  /** What stands above each column, such as the step. */
  readonly columns: readonly string[];
  /** From top to bottom. */
  readonly rows: readonly FilmRow[];
  /** Picture pixels per image pixel; 2 unless given. */
  readonly scale?: number;
}

const MARGIN = 24;
const HEAD = 58;
const GAP = 4;

/**
 * Draws a film strip as one SVG document.
 *
 * @throws invalid-value when there is no row, wrong-length when a row has not one image a column
 */
export function filmStrip({ title, width, height, columns, rows, scale = 2 }: FilmStrip): string {
  if (rows.length === 0) throw new LangevinError("invalid-value", "There is no row to draw.");
  const longest = rows.reduce((most, { name }) => Math.max(most, name.length), 0);
  const left = MARGIN + (longest > 0 ? 8 + 7.5 * longest : 0);
  const cell = { width: width * scale + GAP, height: height * scale + GAP };
  const parts = [label(MARGIN, MARGIN + 6, title, { size: 13, bold: true })];
  columns.forEach((name, column) => {
    const style = { size: 11, fill: quiet, anchor: "middle" } as const;
    parts.push(label(left + column * cell.width + (width * scale) / 2, HEAD - 8, name, style));
  });
  rows.forEach(({ name, pixels }, row) => {
    requireLength(`the images of "${name}"`, pixels, columns.length * width * height);
    const top = HEAD + row * cell.height;
    parts.push(label(MARGIN, top + (height * scale) / 2 + 4, name, { size: 12 }));
    // One by one, so that the paper is between them, whatever its colour.
    for (const column of columns.keys()) {
      const one = pixels.subarray(column * width * height, (column + 1) * width * height);
      const picture = imageGrid({ pixels: one, width, height, columns: 1, scale });
      parts.push(embed(picture, left + column * cell.width, top));
    }
  });
  const right = left + columns.length * cell.width - GAP + MARGIN;
  const least = 2 * MARGIN + 8 * title.length;
  return svgDocument(Math.max(right, least), HEAD + rows.length * cell.height + MARGIN, parts);
}
