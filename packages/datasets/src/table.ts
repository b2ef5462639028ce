// Tables as text: CSV and TSV, with a line of names or without. A row is a sample, and a column of labels is known by
// its name.
import { LangevinError } from "@neural-langevin/core";
import Papa from "papaparse";
import { badFile, type DataSet } from "./data-set.js";
import { MOST_FLOAT, PlainRows } from "./plain-rows.js";
import { type MissingNumbers, type NumberKind, refusedNumber, samplesOf } from "./samples.js";

/** Names that a column of labels has unless another one is named; the first that is there. */
const usualLabels = ["label", "labels", "class", "target", "y"];

/** The column of labels, from 0: of the name that is wanted, else of a usual one; −1 where there is none. */
function labelColumnOf(names: readonly string[], wanted: string | undefined): number {
  if (wanted !== undefined) return names.indexOf(wanted);
  const plain = names.map((name) => name.toLowerCase());
  const usual = usualLabels.find((name) => plain.includes(name));
  return usual === undefined ? -1 : plain.indexOf(usual);
}

const NEWLINE = 10;
const decoder = new TextDecoder();

/** Most classes that labels can tell apart. */
const MOST_CLASSES = 256;

/** Which column holds labels. */
export interface TableOptions {
  /** The name of the column of labels; unless given, the one called label, else labels, class, target or y. */
  readonly labelColumn?: string | undefined;
  /** What becomes of cells without a number; refused unless given. */
  readonly missing?: MissingNumbers | undefined;
}

/** Labels as numbers from 0 to 255, and what they are called where they are words. */
export interface Labels {
  readonly labels: Uint8Array;
  readonly classes?: readonly string[] | undefined;
}

/** Takes the rows of a table one after another, so that a large one never lies in memory as text. */
export class TableReader {
  readonly #name: string;
  readonly #labelColumn: string | undefined;
  readonly #missing: MissingNumbers;
  /** Names of the columns of numbers; undefined in a table without a line of names. */
  #columns: string[] | undefined;
  #labelAt = -1;
  #width = -1;
  #line = 0;
  #rows = 0;
  #values = new Float32Array(0);
  #filled = 0;
  #plain: PlainRows | undefined;
  readonly #labels: string[] = [];

  /** @param name the file's name, for errors */
  constructor(name: string, { labelColumn, missing = "refuse" }: TableOptions = {}) {
    this.#name = name;
    this.#labelColumn = labelColumn;
    this.#missing = missing;
  }

  /**
   * Takes the cells of the next line.
   *
   * @throws bad-file, with line and column
   */
  add(cells: readonly string[]): void {
    this.#line++;
    if (cells.length === 1 && cells[0]!.trim() === "") return;
    if (this.#width < 0 && this.#begin(cells)) return;
    if (cells.length !== this.#width) {
      throw badFile(
        this.#name,
        `has ${cells.length} cells in line ${this.#line}, where ${this.#width} are expected`,
        "Give every line as many cells as the first.",
      );
    }
    this.reserve(this.#filled + cells.length);
    for (let at = 0; at < cells.length; at++) {
      const cell = cells[at]!;
      if (at === this.#labelAt) this.#labels.push(cell.trim());
      else this.#values[this.#filled++] = this.#number(cell, at);
    }
    this.#rows++;
  }

  /**
   * Takes lines as bytes.
   *
   * @param bytes whole lines; the last byte ends the last of them
   * @param delimiter what stands between cells
   * @returns where a line begins that only Papa Parse can read, because its quotes end behind it or its end is another than
   *   that of others; else their length
   * @throws bad-file, with line and column
   */
  addLines(bytes: Uint8Array, delimiter: string): number {
    let at = 0;
    while (at < bytes.length) {
      const next = this.#plain?.read(bytes, at) ?? -1;
      if (next >= 0) {
        this.#addRow(this.#plain!);
        at = next;
        continue;
      }
      const end = bytes.indexOf(NEWLINE, at);
      const line = decoder.decode(bytes.subarray(at, end)).replace(/\r$/, "");
      if (line.includes("\r")) return at;
      if (line.includes('"')) {
        const { data, errors } = Papa.parse<string[]>(line, { delimiter });
        if (errors.length > 0) return at;
        this.add(data[0]!);
      } else this.add(line.split(delimiter));
      at = end + 1;
      if (this.#width >= 0) {
        this.#plain ??= new PlainRows(this.#width, this.#labelAt, delimiter.charCodeAt(0));
      }
    }
    return at;
  }

  #addRow({ values, label }: PlainRows): void {
    this.#line++;
    this.#rows++;
    this.reserve(this.#filled + values.length);
    this.#values.set(values, this.#filled);
    this.#filled += values.length;
    if (this.#labelAt >= 0) this.#labels.push(label);
  }

  /** How many numbers there are so far. */
  get length(): number {
    return this.#filled;
  }

  /** Makes room for so many numbers in all: without it, room is doubled where it ends, and numbers are copied. */
  reserve(wanted: number): void {
    if (wanted <= this.#values.length) return;
    const larger = new Float32Array(Math.max(wanted, 2 * this.#values.length, 2 ** 16));
    larger.set(this.#values);
    this.#values = larger;
  }

  /**
   * The data of all lines.
   *
   * @throws bad-file
   */
  finish(kind: NumberKind): DataSet {
    const size = this.#filled / this.#rows;
    if (this.#rows === 0)
      throw badFile(this.#name, "holds no line of numbers", "Name a table with samples.");
    if (size === 0)
      throw badFile(this.#name, "holds labels alone, and no column of numbers", "Give it numbers.");
    const shape = [this.#rows, size];
    const values = this.#values.subarray(0, this.#filled);
    const levels = kind === "grey" ? levelsOf(values) : undefined;
    const array = { shape, values: levels ?? numbersOf(values, kind) };
    const set = samplesOf(array, this.#name, kind, this.#missing);
    const labelled = this.#labelAt >= 0 ? labelsOfTexts(this.#labels, this.#name) : {};
    return "pixels" in set
      ? { ...set, ...labelled }
      : { ...set, ...labelled, columns: this.#columns };
  }

  /** Learns the columns from the first line; true where it is a line of names. */
  #begin(cells: readonly string[]): boolean {
    this.#width = cells.length;
    const names = cells.map((cell) => cell.trim());
    const words = names.filter((name) => Number.isNaN(numberOf(name)) && !isMissing(name));
    const named = words.length > 0;
    if (named) {
      this.#labelAt = labelColumnOf(names, this.#labelColumn);
      this.#columns = names.filter((_, at) => at !== this.#labelAt);
      // An index that pandas or R writes beside the data has no name, and must not become a unit.
      const nameless = names.indexOf("");
      if (nameless >= 0) {
        throw badFile(
          this.#name,
          `has no name for column ${nameless + 1} in line 1`,
          "If that column only numbers the lines, leave it out, as pandas does with index=False; else name it.",
        );
      }
      // A first sample with a word in it must not be taken for names, and lost.
      if (this.#labelAt < 0 && words.length < names.length) {
        throw badFile(
          this.#name,
          `has numbers and the word ${words[0]} in line 1, so it is not clear whether that names columns`,
          "Give every column a name in the first line, and that of labels the name label.",
        );
      }
    }
    if (this.#labelColumn !== undefined && this.#labelAt < 0) {
      throw new LangevinError(
        "invalid-value",
        named
          ? `${this.#name} has no column ${this.#labelColumn}.`
          : `${this.#name} has no line of names, so no column is called ${this.#labelColumn}.`,
        named
          ? `Its columns are ${cells.join(", ")}.`
          : "Give its columns names in the first line.",
      );
    }
    return named;
  }

  #number(cell: string, at: number): number {
    const value = numberOf(cell);
    // A number is missing where a cell is empty or says so.
    if (Math.abs(value) <= MOST_FLOAT) return value;
    const column = this.#nameOf(at);
    const place = `line ${this.#line}, column ${column}`;
    if (Number.isNaN(value) && !isMissing(cell.trim())) {
      throw badFile(
        this.#name,
        `has ${JSON.stringify(cell.slice(0, 40))} in ${place}, which is not a number`,
        remedyOf(cell),
      );
    }
    if (Number.isNaN(value) && this.#missing === "keep") return value;
    throw refusedNumber(value, place, this.#name);
  }

  #nameOf(at: number): string {
    const own = at - (this.#labelAt >= 0 && at > this.#labelAt ? 1 : 0);
    return this.#columns?.[own] ?? String(at + 1);
  }
}

/** What stands between the cells of a table: of tab, semicolon, bar and comma, the one that its first line has most of. */
export function delimiterOf(text: string): string {
  const [line] = text.split("\n", 1);
  const counts = ["\t", ";", "|", ","].map((one) => line!.split(one).length - 1);
  const most = Math.max(...counts);
  return most === 0 ? "," : ["\t", ";", "|", ","][counts.indexOf(most)]!;
}

/** What to do about a cell that is not a number. */
function remedyOf(cell: string): string {
  if (/^\s*[+-]?\d{1,3}([,.\s']\d{3})+([.,]\d+)?\s*$/.test(cell) && !/^\s*[+-]?0/.test(cell)) {
    return "Write numbers without separators of thousands.";
  }
  if (/^\s*[+-]?\d*,\d+(e[+-]?\d+)?\s*$/i.test(cell)) {
    return "Write numbers with a point before their decimals.";
  }
  return "If that column holds labels, name it; else leave it out.";
}

/** Whether a cell says that there is no number. */
const isMissing = (cell: string): boolean => /^(|na|nan|n\/a|null|none|-|\?)$/i.test(cell);

const numberOf = (cell: string): number => (cell.trim() === "" ? Number.NaN : Number(cell));

/** Whole numbers from 0 to 255 as bytes, where all are such. */
function levelsOf(values: Float32Array): Uint8Array | undefined {
  const levels = new Uint8Array(values.length);
  for (let at = 0; at < levels.length; at++) {
    const level = values[at]! & 255;
    if (level !== values[at]) return undefined;
    levels[at] = level;
  }
  return levels;
}

/**
 * Grey numbers that are no levels: whole ones where all are, which their type tells. Beside missing ones, which whole
 * numbers cannot be, levels become floats from 0 to 1.
 */
function numbersOf(values: Float32Array, kind: NumberKind): Float32Array | Int32Array {
  if (kind === "real") return values;
  let [gaps, most] = [false, 0];
  for (let at = 0; at < values.length; at++) {
    const value = values[at]!;
    if (Number.isNaN(value)) gaps = true;
    else if (value !== (value | 0)) return values;
    else most = Math.max(most, value);
  }
  if (!gaps) return new Int32Array(values);
  return most > 1 && most <= 255 ? values.map((value) => value / 255) : values;
}

/**
 * Labels of texts: whole numbers from 0 to 255, or words, which are numbered in the order of the alphabet.
 *
 * @throws bad-file
 */
function labelsOfTexts(texts: readonly string[], name: string): Labels {
  const kinds = [...new Set(texts)];
  const isLabel = (text: string) => /^\d{1,3}(\.0*)?$/.test(text) && Number(text) < MOST_CLASSES;
  if (kinds.every(isLabel)) return { labels: Uint8Array.from(texts, Number) };
  const empty = texts.indexOf("");
  if (empty >= 0)
    throw badFile(name, `lacks the label of sample ${empty}`, "Give every sample one.");
  if (kinds.length > MOST_CLASSES) {
    throw badFile(
      name,
      `has ${kinds.length} different labels, but there can be at most ${MOST_CLASSES}`,
      "Name the column that holds labels.",
    );
  }
  const numbered = kinds.some(isLabel);
  const odd = kinds.find((kind) => numbered && !isLabel(kind));
  if (odd !== undefined) {
    throw badFile(
      name,
      `has the label ${odd}, which is not a whole number from 0 to 255 as others are`,
      "Give numbers or words to all.",
    );
  }
  const classes = kinds.sort();
  const places = new Map(classes.map((kind, place) => [kind, place]));
  return { labels: Uint8Array.from(texts, (text) => places.get(text)!), classes };
}

/**
 * Reads a table: a line for each sample, cells with commas, semicolons, tabs or bars between them.
 *
 * @param name the file's name, for errors
 * @throws bad-file, with line and column; invalid-value, for a column that is not there
 */
export function parseTable(
  text: string,
  name: string,
  kind: NumberKind = "grey",
  options: TableOptions = {},
): DataSet {
  const reader = new TableReader(name, options);
  Papa.parse<string[]>(text, {
    delimiter: delimiterOf(text),
    step: ({ data }) => reader.add(data),
  });
  return reader.finish(kind);
}

/** The labels of a table: its column of labels, or its only column. */
export function parseLabelTable(text: string, name: string, options: TableOptions = {}): Labels {
  const { data } = Papa.parse<string[]>(text.trim(), { delimiter: delimiterOf(text) });
  const rows = data.filter((cells) => cells.length > 1 || cells[0]!.trim() !== "");
  const [first = []] = rows;
  if (first.length === 1 && options.labelColumn === undefined) {
    const texts = rows.map(([cell]) => cell!.trim());
    const isName = usualLabels.includes(texts[0]?.toLowerCase() ?? "");
    return labelsOfTexts(isName ? texts.slice(1) : texts, name);
  }
  const names = first.map((cell) => cell.trim());
  const wanted = options.labelColumn;
  const at = labelColumnOf(names, wanted);
  if (at < 0) {
    throw badFile(
      name,
      `has the columns ${names.slice(0, 10).join(", ")}${names.length > 10 ? ", …" : ""}, but none of them is called ` +
        (wanted ?? usualLabels.join(", ")),
      "Name the column that holds labels.",
    );
  }
  return labelsOfTexts(
    rows.slice(1).map((cells) => (cells[at] ?? "").trim()),
    name,
  );
}
