// Arrays in archives and in Fortran order are read from the disk in pieces, and give the numbers that they hold in whatever
// way they are stored.
import { describe, expect, it } from "vitest";
import { encodeNpz, encodeSafetensors, openNpz, type VectorSet } from "../src/index.js";
import { loadSamples } from "../src/node.js";
import { errorOf, useFolder } from "./helpers.js";

const folder = useFolder();
const real = { numbers: "real" } as const;

/** Larger than a piece of a file, and of whole numbers that float32 holds. */
const shape = [900, 4, 111] as const;
const values = Float64Array.from({ length: 900 * 444 }, (_, at) => (at * 7919) % 399_989);
const expected = Buffer.from(Float32Array.from(values).buffer);

const numbersOf = async (file: string) => {
  const set = (await loadSamples(file, real)) as VectorSet;
  expect([set.count, ...set.shape]).toEqual([...shape]);
  return Buffer.from(set.values.buffer);
};

describe("an archive", () => {
  it.each([false, true])("is read in pieces (deflated: %s)", async (deflate) => {
    const labels = { shape: [900], values: Uint8Array.from({ length: 900 }, (_, at) => at % 3) };
    const npz = encodeNpz({ x_train: { shape, values }, y_train: labels }, { deflate });
    const file = folder.put("a.npz", npz);
    expect((await numbersOf(file)).equals(expected)).toBe(true);
    expect((await loadSamples(file, real)).labels).toEqual(labels.values);
    expect((await errorOf(() => loadSamples(file, { ...real, part: "test" }))).code).toBe(
      "not-found",
    );

    const flipped = npz.slice();
    // Where the array is stored plainly, the last bit of a number after the headers of the entry and of the array.
    flipped[30 + "x_train.npy".length + 128 + 8 * 100_000]! ^= 1;
    const damage = await errorOf(() => loadSamples(folder.put("b.npz", flipped), real));
    expect(damage.message).toMatch(
      /x_train.npy (does not fit its checksum|cannot be unpacked|holds)/,
    );
  });

  it("of more than 4 GiB keeps its places in eight bytes", async () => {
    const plain = encodeNpz({ x: { shape, values } }, { deflate: false });
    const long = withLongPlaces(plain);
    expect((await numbersOf(folder.put("a.npz", long))).equals(expected)).toBe(true);
    expect(openNpz(long, "long").read("x").values.at(-1)).toBe(values.at(-1));
  });

  it("may be safetensors", async () => {
    const file = encodeSafetensors({ tensors: { data: { shape, values } }, metadata: {} });
    expect((await numbersOf(folder.put("a.safetensors", file))).equals(expected)).toBe(true);
    const tensors = { data: { shape: [0, 5], values: new Float32Array(0) } };
    const empty = folder.put("b.safetensors", encodeSafetensors({ tensors, metadata: {} }));
    expect((await errorOf(() => loadSamples(empty, real))).message).toContain(
      "is empty: its shape is (0, 5)",
    );
  });
});

/** The same archive of one entry with the sizes, the place of its directory and their count in ZIP64 records. */
function withLongPlaces(plain: Uint8Array): Uint8Array {
  const end = Buffer.from(plain.subarray(-22));
  const directory = end.readUInt32LE(16);
  const entry = Buffer.from(plain.subarray(directory, -22));
  const extra = Buffer.alloc(20);
  extra.writeUInt16LE(1, 0);
  extra.writeUInt16LE(16, 2);
  extra.writeBigUInt64LE(BigInt(entry.readUInt32LE(24)), 4);
  extra.writeBigUInt64LE(BigInt(entry.readUInt32LE(20)), 12);
  entry.fill(0xff, 20, 28);
  entry.writeUInt16LE(extra.length, 30);
  const longEnd = Buffer.alloc(56);
  longEnd.writeUInt32LE(0x06064b50, 0);
  longEnd.writeBigUInt64LE(1n, 32);
  longEnd.writeBigUInt64LE(BigInt(directory), 48);
  const place = Buffer.alloc(20);
  place.writeUInt32LE(0x07064b50, 0);
  end.fill(0xff, 8, 20);
  return Buffer.concat([plain.subarray(0, directory), entry, extra, longEnd, place, end]);
}

describe("an array in Fortran order", () => {
  /** An NPY file whose element at indices (i, j, k) counts in row-major order. */
  const fortran = ([count, rows, columns]: readonly [number, number, number]) => {
    const header = `{'descr': '<f8', 'fortran_order': True, 'shape': (${count}, ${rows}, ${columns}), }`;
    const start = Uint8Array.of(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, 118, 0);
    const numbers = new Float64Array(count * rows * columns);
    let at = 0;
    for (let k = 0; k < columns; k++) {
      for (let j = 0; j < rows; j++) {
        for (let i = 0; i < count; i++) numbers[at++] = (i * rows + j) * columns + k;
      }
    }
    return Buffer.concat([
      start,
      Buffer.from(`${header.padEnd(117)}\n`),
      Buffer.from(numbers.buffer),
    ]);
  };

  it.each([
    ["many places", [3000, 7, 60]],
    ["many samples", [1_048_581, 1, 2]],
  ] as const)("of %s, more than a piece, is turned", async (_, sizes) => {
    const set = (await loadSamples(folder.put("a.npy", fortran(sizes)), real)) as VectorSet;
    expect(set.shape).toEqual(sizes.slice(1));
    expect(set.values.every((value, at) => value === at)).toBe(true);
  });
});
