// Numbers, durations, paragraphs and tables for people.
export { formatEstimate, formatNumber } from "@neural-langevin/analysis";

/** A count with its noun, which has an s but for one. */
export const counted = (count: number, noun: string): string =>
  `${count} ${noun}${count === 1 ? "" : "s"}`;

/** A duration as m:ss or h:mm:ss. */
export function formatDuration(seconds: number): string {
  if (!Number.isFinite(seconds)) return "–";
  const whole = Math.round(seconds);
  const pad = (value: number) => String(value).padStart(2, "0");
  const minutes = Math.floor(whole / 60);
  return minutes < 60
    ? `${minutes}:${pad(whole % 60)}`
    : `${Math.floor(minutes / 60)}:${pad(minutes % 60)}:${pad(whole % 60)}`;
}

/** Breaks a paragraph into lines of at most `width` characters; lines after the first begin with `indent`. */
export function wrapText(paragraph: string, width: number, indent = "", gap = " "): string {
  const lines = [""];
  for (const word of paragraph.split(gap)) {
    const line = lines.at(-1)!;
    if (line && line.length + gap.length + word.length > width) lines.push(`${indent}${word}`);
    else lines[lines.length - 1] = line ? `${line}${gap}${word}` : word;
  }
  return lines.join("\n");
}

/** An indented line, broken between values with two spaces before them, so that each keeps its name and error. */
export const wrapValues = (line: string, width: number): string =>
  `  ${wrapText(line, width - 2, "    ", "  ")}`;

/** A term of `room` characters with its text beside it, or below it where it is longer; all lines of the text are indented. */
export function describeTerm(term: string, text: string, room: number, width: number): string {
  const indent = " ".repeat(room);
  const start = term.length < room ? term.padEnd(room) : `${term}\n${indent}`;
  return `${start}${wrapText(text, width - room).replaceAll("\n", `\n${indent}`)}`;
}

/** Rows as aligned lines, the first column to the left and the others to the right. */
export function alignTable(rows: readonly (readonly string[])[]): string[] {
  // A combining mark, as in R̂, takes no room.
  const size = (cell: string) => cell.normalize("NFD").replace(/\p{M}/gu, "").length;
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => size(row[column]!))));
  return rows.map((row) => {
    const cells = row.map((cell, column) => {
      const space = " ".repeat(widths[column]! - size(cell));
      return column === 0 ? cell + space : space + cell;
    });
    return `  ${cells.join("  ")}`;
  });
}
