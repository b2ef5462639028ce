// Named arrays in NPZ files, one array for each quantity, and rows of them as they are observed over time.
import { encodeNpz, type NpyArray, openNpz } from "@neural-langevin/datasets";

/** Numbers that an NPY file can hold. */
export type ArrayValues = NpyArray["values"];

/** What is observed at one moment, by name: numbers, and arrays that keep their kind and length. */
export type ObservedRow = Readonly<Record<string, number | ArrayValues>>;

/** Observations over time: for every name one value for each moment. */
export type Columns<Row extends ObservedRow> = {
  readonly [Name in keyof Row]: readonly Row[Name][];
};

/** The bytes of an NPZ file. */
export const encodeArrays = (arrays: Readonly<Record<string, NpyArray>>): Uint8Array =>
  encodeNpz(arrays, { deflate: false });

/**
 * The arrays of an NPZ file.
 *
 * @throws bad-file, unsupported
 */
export function decodeArrays(bytes: Uint8Array, name: string): Record<string, NpyArray> {
  const archive = openNpz(bytes, name);
  return Object.fromEntries(archive.names.map((key) => [key, archive.read(key)]));
}

/** Rows as arrays of shape [rows] for numbers and [rows][length] for arrays, by name. */
export function stackRows(rows: readonly ObservedRow[]): Record<string, NpyArray> {
  const names = Object.keys(rows[0] ?? {});
  return Object.fromEntries(names.map((name) => [name, stack(rows.map((row) => row[name]!))]));
}

function stack(values: readonly (number | ArrayValues)[]): NpyArray {
  const first = values[0]!;
  if (typeof first === "number") {
    return { shape: [values.length], values: Float64Array.from(values as number[]) };
  }
  const all = first.slice(0, 0).constructor as new (length: number) => ArrayValues;
  const stacked = new all(values.length * first.length);
  values.forEach((one, row) => {
    stacked.set(one as ArrayValues, row * first.length);
  });
  return { shape: [values.length, first.length], values: stacked };
}

/** The rows that were stacked, by name. */
export function unstackRows<Row extends ObservedRow>(
  arrays: Readonly<Record<string, NpyArray>>,
): Columns<Row> {
  const columns = Object.entries(arrays).map(([name, { shape, values }]) => {
    const [rows, length] = shape as [number, number | undefined];
    const column = Array.from({ length: rows }, (_, row) =>
      length === undefined ? values[row]! : values.subarray(row * length, (row + 1) * length),
    );
    return [name, column];
  });
  return Object.fromEntries(columns);
}
