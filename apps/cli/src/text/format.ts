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
export function wrapText(paragraph: string, width: number, indent = ""): string {
  const lines = [""];
  for (const word of paragraph.split(" ")) {
    const line = lines.at(-1)!;
    if (line && line.length + 1 + word.length > width) lines.push(`${indent}${word}`);
    else lines[lines.length - 1] = line ? `${line} ${word}` : word;
  }
  return lines.join("\n");
}

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
