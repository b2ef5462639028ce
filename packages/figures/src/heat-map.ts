// A matrix as colours, with its numbers where there is room for them.
import { requireFinite, requireLength } from "@neural-langevin/core/backend";
import { numbersElement } from "./numbers.js";
import { gradient, label, quiet, round, svgDocument } from "./svg.js";

/** A matrix to be drawn. */
export interface HeatMap {
  /** Above the matrix. */
  readonly title: string;
  /** Shape [rows][columns], row-major. */
  readonly values: ArrayLike<number>;
  /** One for each row. */
  readonly rowNames: readonly string[];
  /** One for each column. */
  readonly columnNames: readonly string[];
  /** What the rows are, beside them. */
  readonly rowTitle: string;
  /** What the columns are, below them. */
  readonly columnTitle: string;
  /** Values of the first and the last colour; the least and largest unless given. */
  readonly range?: readonly [number, number];
  /** Writes a number into its cell; none is written unless given. */
  readonly text?: (value: number) => string;
}

const HEAD = 64;
const FOOT = 24;
/** Width of the plot, of which cells take a share each, within bounds. */
const ROOM = 400;
const CELL = { least: 4, most: 48 };

/**
 * Draws a matrix, its first row at the top, as one SVG document.
 *
 * @throws wrong-length, not-finite
 */
export function heatMap(map: HeatMap): string {
  const { values, rowNames, columnNames, text } = map;
  const [rows, columns] = [rowNames.length, columnNames.length];
  requireLength("values", values, rows * columns);
  requireFinite("values", values);
  const all = Array.from(values);
  const [from, to] = map.range ?? [
    all.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY),
    all.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY),
  ];
  const cell = Math.min(CELL.most, Math.max(CELL.least, ROOM / Math.max(rows, columns)));
  const longest = rowNames.reduce((most, name) => Math.max(most, name.length), 0);
  const left = 40 + 7 * longest;
  const parts = [
    label(left, 24, map.title, { size: 13, bold: true }),
    label(left, 42, `${map.rowTitle} ↓  ${map.columnTitle} →`, { size: 11, fill: quiet }),
  ];
  // As many names as there is room for.
  const every = Math.ceil(14 / cell);
  const widest = columnNames.reduce((most, name) => Math.max(most, name.length), 0);
  const everyColumn = Math.ceil((8 + 7 * widest) / cell);
  columnNames.forEach((name, column) => {
    if (column % everyColumn > 0) return;
    const style = { size: 11, fill: quiet, anchor: "middle" } as const;
    parts.push(label(left + (column + 0.5) * cell, HEAD - 4, name, style));
  });
  rowNames.forEach((name, row) => {
    if (row % every > 0) return;
    const style = { size: 11, fill: quiet, anchor: "end" } as const;
    parts.push(label(left - 8, HEAD + (row + 0.5) * cell + 4, name, style));
  });
  all.forEach((value, at) => {
    const share = to > from ? Math.min(1, Math.max(0, (value - from) / (to - from))) : 0.5;
    const x = round(left + (at % columns) * cell);
    const y = round(HEAD + Math.floor(at / columns) * cell);
    const size = `width="${round(cell)}" height="${round(cell)}"`;
    parts.push(`<rect x="${x}" y="${y}" ${size} fill="${gradient(share)}"/>`);
    if (text) {
      const fill = share > 0.6 ? "#000000" : "#ffffff";
      const style = { size: round(Math.min(12, cell / 3)), fill, anchor: "middle" } as const;
      parts.push(label(x + cell / 2, y + cell / 2 + 4, text(value), style));
    }
  });
  const width = Math.max(left + columns * cell + 24, left + 8 * map.title.length + 24);
  const numbers = all.map((value, at) => ({
    [map.rowTitle]: rowNames[Math.floor(at / columns)],
    [map.columnTitle]: columnNames[at % columns],
    value,
  }));
  const content = [numbersElement(numbers), ...parts];
  return svgDocument(round(width), round(HEAD + rows * cell + FOOT), content);
}
