// Rows of plain numbers, read from the bytes of a table: a large one is never made into strings, which would take several
// times as long and as much memory. Whatever is not plain is left to those who read text.

/** Powers of ten that float64 holds exactly. */
const POWERS = Float64Array.from({ length: 23 }, (_, power) => Number(`1e${power}`));
/** Whole numbers of so many digits are exact in int32, and in float64. */
const [INTEGER_DIGITS, EXACT_DIGITS] = [9, 15];
/** Up to so many digits, what their sum loses by rounding is below `MARGIN`. */
const MOST_DIGITS = 20;
const MARGIN = 4e-15;
/** Cells that are longer are left to those who read text. */
const LONGEST_CELL = 64;
/** The largest float32. */
export const MOST_FLOAT = 3.4028234663852886e38;

const [NEWLINE, RETURN, SPACE, QUOTE] = [10, 13, 32, 34];
const [PLUS, MINUS, POINT, ZERO] = [43, 45, 46, 48];

/** The text of a few bytes that are ASCII. */
function textOf(bytes: Uint8Array, start: number, end: number): string {
  let text = "";
  for (let at = start; at < end; at++) text += String.fromCharCode(bytes[at]!);
  return text;
}

/** The digits of a number as one whole number, but for what rounding loses of more than 15. */
function mantissaOf(bytes: Uint8Array, start: number, end: number): number {
  let mantissa = 0;
  for (let at = start; at < end; at++) {
    const digit = bytes[at]! - ZERO;
    if (digit >= 0) mantissa = 10 * mantissa + digit;
  }
  return mantissa;
}

/**
 * mantissa · 10^exponent, where its float32 is sure to be that of `Number`; −1 where it is not. Up to 15 digits and a factor
 * of 10²² both are exact, and so is one rounding; beyond, two floats enclose what `Number` gives.
 */
function scaled(mantissa: number, digits: number, exponent: number): number {
  if (exponent < -22 || exponent > 22) return -1;
  const value = exponent < 0 ? mantissa / POWERS[-exponent]! : mantissa * POWERS[exponent]!;
  if (digits <= EXACT_DIGITS) return value;
  if (digits > MOST_DIGITS) return -1;
  const isSure = Math.fround(value * (1 - MARGIN)) === Math.fround(value * (1 + MARGIN));
  return isSure ? value : -1;
}

/** Reads rows of numbers and a label from lines of bytes. */
export class PlainRows {
  /** The numbers of the row that was read last, as float32 of what `Number` makes of them. */
  readonly values: Float32Array;
  /** The label of the row that was read last, where a column holds labels. */
  label = "";
  readonly #columns: number;
  readonly #labelAt: number;
  readonly #delimiter: number;

  /**
   * @param columns cells of every row
   * @param labelAt the column of labels from 0; −1 where there is none
   * @param delimiter the byte between two cells
   */
  constructor(columns: number, labelAt: number, delimiter: number) {
    this.values = new Float32Array(labelAt < 0 ? columns : columns - 1);
    this.#columns = columns;
    this.#labelAt = labelAt;
    this.#delimiter = delimiter;
  }

  /**
   * Reads the row that begins at a place.
   *
   * @param bytes ends with the end of a line
   * @returns where the next row begins; −1 where this one is not plain: numbers in all cells but that of the label, and no
   *   quote
   */
  read(bytes: Uint8Array, start: number): number {
    const values = this.values;
    const delimiter = this.#delimiter;
    const [labelAt, last] = [this.#labelAt, this.#columns - 1];
    let at = start;
    let filled = 0;
    for (let column = 0; column <= last; column++) {
      let byte = bytes[at++]!;
      if (column === labelAt) {
        const first = at - 1;
        while (byte !== delimiter && byte !== NEWLINE) {
          // What is no ASCII is left to a decoder.
          if (byte === QUOTE || byte >= 128) return -1;
          if (byte === RETURN && bytes[at] !== NEWLINE) return -1;
          byte = bytes[at++]!;
        }
        // A line without anything is no row.
        if (at - first === 1 || at - first > LONGEST_CELL) return -1;
        this.label = textOf(bytes, first, at - 1).trim();
      } else {
        // Most cells of pictures are one digit.
        if (bytes[at] === delimiter && byte >= ZERO && byte <= ZERO + 9 && column < last) {
          values[filled++] = byte - ZERO;
          at++;
          continue;
        }
        // Most decimals have one digit before the point and few behind it.
        if (bytes[at] === POINT && byte >= ZERO && byte <= ZERO + 9) {
          let integer = byte - ZERO;
          let end = at + 1;
          let next = bytes[end]!;
          while (next >= ZERO && next <= ZERO + 9) {
            integer = (Math.imul(10, integer) + (next - ZERO)) | 0;
            next = bytes[++end]!;
          }
          const decimals = end - at - 1;
          if (next === delimiter && decimals > 0 && decimals < INTEGER_DIGITS && column < last) {
            values[filled++] = integer / POWERS[decimals]!;
            at = end + 1;
            continue;
          }
        }
        while (byte === SPACE) byte = bytes[at++]!;
        const first = at - 1;
        const isNegative = byte === MINUS;
        if (isNegative || byte === PLUS) byte = bytes[at++]!;
        const begin = at - 1;
        // Whole numbers of 32 bits are added faster than floats; where there are more digits, this is not used.
        let integer = 0;
        let from = at;
        for (; byte >= ZERO && byte <= ZERO + 9; byte = bytes[at++]!) {
          integer = (Math.imul(10, integer) + (byte - ZERO)) | 0;
        }
        let digits = at - from;
        let exponent = 0;
        if (byte === POINT) {
          from = at + 1;
          byte = bytes[at++]!;
          for (; byte >= ZERO && byte <= ZERO + 9; byte = bytes[at++]!) {
            integer = (Math.imul(10, integer) + (byte - ZERO)) | 0;
          }
          exponent = from - at;
          digits -= exponent;
        }
        if (digits === 0) return -1;
        const mantissa = digits <= INTEGER_DIGITS ? integer : mantissaOf(bytes, begin, at - 1);
        // e and E.
        if ((byte | 32) === 101) {
          byte = bytes[at++]!;
          const isDown = byte === MINUS;
          if (isDown || byte === PLUS) byte = bytes[at++]!;
          let power = 0;
          from = at;
          for (; byte >= ZERO && byte <= ZERO + 9; byte = bytes[at++]!) {
            power = Math.min(10 * power + (byte - ZERO), 9999);
          }
          if (at === from) return -1;
          exponent += isDown ? -power : power;
        }
        if (at - first > LONGEST_CELL) return -1;
        const size = scaled(mantissa, digits, exponent);
        const value = size < 0 ? Number(textOf(bytes, first, at - 1)) : isNegative ? -size : size;
        if (!(Math.abs(value) <= MOST_FLOAT)) return -1;
        values[filled++] = value;
        while (byte === SPACE) byte = bytes[at++]!;
        if (byte === RETURN && column === last) byte = bytes[at++]!;
      }
      if (byte !== (column === last ? NEWLINE : delimiter)) return -1;
    }
    return at;
  }
}
