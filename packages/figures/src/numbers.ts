// The numbers that a figure shows, which its SVG carries along: whoever has the picture can compute with it.
import { escapeText } from "./svg.js";

/** One row of a table: a word or a number for each column. */
export type NumbersRow = Readonly<Record<string, string | number | undefined>>;

const OPENING = '<metadata class="numbers">';

/** The numbers of a figure as an element that draws nothing. */
export function numbersElement(rows: readonly NumbersRow[]): string {
  const columns = columnsOf(rows);
  const table = [columns, ...rows.map((row) => columns.map((column) => row[column] ?? null))];
  return `${OPENING}${escapeText(JSON.stringify(table))}</metadata>`;
}

/**
 * The numbers that a figure of this package shows, as CSV with a line of names; of a page, those of all its figures, with
 * their place on it as `figure`.
 *
 * @returns undefined for pictures, which show no numbers
 */
export function figureNumbers(svg: string): string | undefined {
  const parts = svg.split(OPENING).slice(1);
  if (parts.length === 0) return undefined;
  const rows = parts.flatMap((part, at) => {
    const text = part.slice(0, part.indexOf("</metadata>"));
    const [columns, ...cells] = JSON.parse(unescapeText(text)) as [
      string[],
      ...(string | number)[][],
    ];
    const own = parts.length > 1 ? { figure: at + 1 } : {};
    return cells.map((row): NumbersRow => {
      return {
        ...own,
        ...Object.fromEntries(columns.map((column, place) => [column, row[place]])),
      };
    });
  });
  return csvText(rows);
}

/** A table as CSV, with a line of names. */
export function csvText(rows: readonly NumbersRow[]): string {
  const columns = columnsOf(rows);
  const lines = rows.map((row) => columns.map((column) => csvCell(row[column])).join(","));
  return `${[columns.map(csvCell).join(","), ...lines].join("\n")}\n`;
}

/** One cell of a CSV file; a number that is not finite is an empty one. */
export function csvCell(value: number | string | null | undefined): string {
  if (typeof value === "string") {
    return /[",\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
  }
  return Number.isFinite(value) ? String(value) : "";
}

const columnsOf = (rows: readonly NumbersRow[]): string[] => [
  ...new Set(rows.flatMap((row) => Object.keys(row))),
];

const unescapeText = (text: string): string =>
  text
    .replaceAll("&quot;", '"')
    .replaceAll("&gt;", ">")
    .replaceAll("&lt;", "<")
    .replaceAll("&amp;", "&");
