// Arrays that NumPy writes are read whole or refused, and become images by one rule for every number type.
import { LangevinError } from "@neural-langevin/core";
import { describe, expect, it } from "vitest";
import {
  encodeImages,
  encodeNpy,
  encodeNpz,
  greyLevels,
  imagesFromNpy,
  type Numbers,
  openNpz,
  parseNpy,
} from "../src/index.js";
import { errorOf, fixture, mean } from "./helpers.js";

/** An NPY file with this type and content. */
function npyOf(
  type: string,
  content: ArrayLike<number>,
  shape = `(${content.length},)`,
): Uint8Array {
  const header = `{'descr': '${type}', 'fortran_order': False, 'shape': ${shape}, }`.padEnd(117);
  const start = Uint8Array.of(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, 118, 0);
  return Buffer.concat([start, Buffer.from(`${header}\n`), Uint8Array.from(content)]);
}

const kinds = [
  Int8Array,
  Uint8Array,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
];

describe("an NPY file", () => {
  it("written by NumPy is read in C and in Fortran order", () => {
    const counted = Array.from({ length: 24 }, (_, i) => i);
    const bytes = parseNpy(fixture("bytes.npy"), "bytes");
    expect(bytes.shape).toEqual([2, 3, 4]);
    expect([...bytes.values]).toEqual(counted);
    expect([...parseNpy(fixture("fortran.npy"), "fortran").values]).toEqual(counted);
    const set = imagesFromNpy(parseNpy(fixture("double.npy"), "double"), "double");
    expect([set.count, set.height, set.width]).toEqual([2, 3, 4]);
    expect([...set.pixels]).toEqual(counted.map((value) => Math.fround(value / 24)));
  });

  it("of big-endian numbers is read as well", () => {
    const { shape, values } = parseNpy(fixture("big-endian.npy"), "big-endian");
    expect(shape).toEqual([3, 3]);
    expect(values).toEqual(Float64Array.of(0, 1.5, -2, 0.1, 0, 3, 4, -5, 0));
  });

  it.each([
    ["py2long", 131.979],
    ["lt_u1", 131.979],
    ["b1_gt", 131.979],
    ["dq", 131.979],
    ["eq_f4", 0.5176],
  ])("with the header of %s.npy, as others write it, has the mean %f", (name, expected) => {
    const { shape, values } = parseNpy(fixture(`npy/${name}.npy`), name);
    expect(shape).toEqual([20, 6, 6]);
    expect(mean(values)).toBeCloseTo(expected, 3);
  });

  it("of every real number type is read in both byte orders", () => {
    // Each type's bytes of some numbers, big-endian, as numpy.ndarray.tobytes gives them.
    const types: [type: string, size: number, bytes: number[], values: Numbers][] = [
      ["b1", 1, [0, 1, 1], Uint8Array.of(0, 1, 1)],
      ["i1", 1, [0xff, 0x7f], Int8Array.of(-1, 127)],
      ["u1", 1, [0xff, 0x7f], Uint8Array.of(255, 127)],
      ["i2", 2, [0xff, 0xfe, 0x01, 0x00], Int16Array.of(-2, 256)],
      ["u2", 2, [0xff, 0xfe, 0x01, 0x00], Uint16Array.of(65534, 256)],
      ["i4", 4, [0xff, 0xff, 0xff, 0xfd], Int32Array.of(-3)],
      ["u4", 4, [0xff, 0xff, 0xff, 0xfd], Uint32Array.of(4294967293)],
      ["i8", 8, [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfc], Int32Array.of(-4)],
      ["i8", 8, [0, 0, 0, 1, 0, 0, 0, 2], Float64Array.of(4294967298)],
      ["i8", 8, [0xff, 0xe0, 0, 0, 0, 0, 0, 1], Float64Array.of(-9007199254740991)],
      ["u8", 8, [0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff], Float64Array.of(4294967295)],
      ["u8", 8, [0, 0, 0, 0, 0, 0, 0, 9], Int32Array.of(9)],
      ["f2", 2, [0x3c, 0, 0xc5, 0, 0, 1, 0x7c, 0], Float32Array.of(1, -5, 2 ** -24, Infinity)],
      ["f2", 2, [0x2e, 0x66, 0x80, 0, 0x7e, 0], Float32Array.of(0.0999755859375, -0, Number.NaN)],
      ["f4", 4, [0x3f, 0xc0, 0, 0], Float32Array.of(1.5)],
      ["f8", 8, [0x3f, 0xb9, 0x99, 0x99, 0x99, 0x99, 0x99, 0x9a], Float64Array.of(0.1)],
    ];
    for (const [type, size, big, values] of types) {
      const little = big.map((_, at) => big[at - (at % size) + size - 1 - (at % size)]!);
      const shape = `(${big.length / size},)`;
      expect(parseNpy(npyOf(`>${type}`, big, shape), type).values).toEqual(values);
      for (const order of ["<", "=", ""]) {
        expect(parseNpy(npyOf(`${order}${type}`, little, shape), type).values).toEqual(values);
        // From any place in a larger buffer, aligned or not.
        const moved = Buffer.concat([Uint8Array.of(0), npyOf(`${order}${type}`, little, shape)]);
        expect(parseNpy(moved.subarray(1), type).values).toEqual(values);
      }
    }
    expect(parseNpy(npyOf("?", [1, 0]), "bool").values).toEqual(Uint8Array.of(1, 0));
  });

  it("comes back as it was written, in every number type", () => {
    for (const kind of kinds) {
      const values = kind.of(1, 2);
      for (const shape of [[2], [2, 1], [1, 2, 1]]) {
        const bytes = encodeNpy(values, shape);
        expect(bytes.length % 64).toBe(values.byteLength);
        expect(parseNpy(bytes, "file")).toEqual({ shape, values });
      }
    }
  });

  it("that is empty, cut, of another type or not of images is refused", async () => {
    const good = fixture("double.npy");
    for (const [bytes, code, problem] of [
      [new Uint8Array(0), "bad-file", /is empty, and not an NPY file/],
      [good.subarray(0, 100), "bad-file", /header of 128 bytes, but only 100/],
      [good.subarray(0, 300), "bad-file", /so 192 bytes of values are expected, but 172 were/],
      [fixture("empty.npy"), "bad-file", /is empty: its shape is \(0, 28, 28\)/],
      [fixture("complex.npy"), "unsupported", /type <c8 \(complex numbers\)/],
      [npyOf("<U6", new Uint8Array(24), "(1,)"), "unsupported", /type <U6 \(text\)/],
      [npyOf("|O", [1]), "unsupported", /type \|O \(Python objects\)/],
      [npyOf("<f16", new Uint8Array(16), "(1,)"), "unsupported", /type <f16, but only real/],
      [npyOf("<M8[ns]", new Uint8Array(8), "(1,)"), "unsupported", /\(dates\)/],
      [
        npyOf("<i8", [1, 0, 0, 0, 0, 0, 0x20, 0], "(1,)"),
        "unsupported",
        /64-bit integer of about 9007199254740992 at place 0/,
      ],
      [encodeNpy(Float32Array.of(0, 2), [1, 1, 2]), "bad-file", /from 0 to 1, but there is 2 at/],
      [encodeNpy(new Uint8Array(5), [1, 5]), "bad-file", /shape \(1, 5\)/],
      [encodeNpy(new Uint8Array(12), [1, 2, 2, 3]), "bad-file", /grey images are/],
    ] as const) {
      const error = await errorOf(() => imagesFromNpy(parseNpy(bytes, "a.npy"), "a.npy"));
      expect([error.code, error.message]).toEqual([code, expect.stringMatching(problem)]);
    }
    const words = await errorOf(() => parseNpy(npyOf("<U6", new Uint8Array(24), "(1,)"), "a.npy"));
    expect(words.remedy).toMatch(/numpy\.unique\(words, return_inverse=True\)/);
  });
});

describe("images of an array", () => {
  const imagesOf = (values: Numbers, shape = [1, 1, values.length]) =>
    imagesFromNpy({ shape, values }, "a.npy");

  it("that hold 0 and 1 alone are black and white, whatever their number type", () => {
    for (const kind of kinds) {
      expect([...greyLevels(imagesOf(kind.of(0, 1, 1)).pixels)]).toEqual([0, 255, 255]);
    }
    const [bytes, integers] = ["bin_u1", "bin_i4"].map((name) =>
      imagesFromNpy(parseNpy(fixture(`npy/${name}.npy`), name), name),
    );
    expect(bytes!.pixels).toEqual(integers!.pixels);
    expect(mean(bytes!.pixels)).toBeCloseTo(125.847, 3);
  });

  it("that hold whole numbers up to 255 are grey levels, whatever their number type", () => {
    for (const kind of kinds.filter((one) => !/Float/.test(one.name))) {
      expect(imagesOf(kind.of(0, 1, 2, 127)).pixels).toEqual(Uint8Array.of(0, 1, 2, 127));
    }
  });

  it("that hold floats keep them", () => {
    const values = Float32Array.from({ length: 100 }, (_, at) => 0.5 + at * 1e-5);
    expect(imagesOf(values).pixels).toEqual(values);
    const states = encodeImages(imagesOf(values));
    expect(new Set(states).size).toBe(100);
    expect(states[99]).toBeCloseTo(Math.atanh(2 * values[99]! - 1), 7);
    expect(encodeImages({ pixels: Float32Array.of(0, 1) })).toEqual(
      encodeImages({ pixels: Uint8Array.of(0, 255) }),
    );
  });

  it("that leave [0, 1] by a rounding error are clipped, and by more are refused by place", async () => {
    expect([...imagesOf(Float32Array.of(1.0000001, -1e-7, 0.5)).pixels]).toEqual([1, 0, 0.5]);
    expect([...imagesOf(Float64Array.of(1.0000001, 0.25)).pixels]).toEqual([1, 0.25]);
    const cases: [Numbers, RegExp][] = [
      [Float64Array.of(0, 0, 0, 0, 0, 0, 0, 1.1), /but there is 1\.1 at \[1, 1, 1\]/],
      [Int16Array.of(0, 0, 0, 0, -1, 0, 0, 0), /but there is -1 at \[1, 0, 0\]/],
      [Uint16Array.of(0, 256, 0, 0, 0, 0, 0, 0), /but there is 256 at \[0, 0, 1\]/],
    ];
    for (const [values, problem] of cases) {
      const error = await errorOf(() => imagesOf(values, [2, 2, 2]));
      expect([error.code, error.message]).toEqual(["bad-file", expect.stringMatching(problem)]);
      expect(error.remedy).toMatch(/white 1 as a float or 255 as a whole number/);
    }
    const gap = Float32Array.of(0, 0, Number.NaN, 0, 0, 0, 0, 0);
    const error = await errorOf(() => imagesOf(gap, [2, 2, 2]));
    expect([error.code, error.message]).toEqual([
      "bad-file",
      expect.stringMatching(/lacks the number at \[0, 1, 0\]/),
    ]);
  });

  it("may have a channel axis of size 1", () => {
    for (const shape of [
      [2, 1, 2, 3],
      [2, 2, 3, 1],
    ]) {
      const { count, height, width } = imagesOf(new Uint8Array(12), shape);
      expect([count, height, width]).toEqual([2, 2, 3]);
    }
  });
});

describe("an NPZ file", () => {
  const arrays = {
    J: { shape: [3, 3], values: Float32Array.of(0, 1.5, -2, 0.1, 0, 3, 4, -5, 0) },
    b: { shape: [3], values: Float64Array.of(0.25, -1, 2) },
  };
  const readAll = (bytes: Uint8Array, name: string) => {
    const { names, read } = openNpz(bytes, name);
    return Object.fromEntries(names.map((one) => [one, read(one)]));
  };

  it("written by NumPy is read stored and deflated", () => {
    for (const name of ["stored.npz", "deflated.npz"]) {
      expect(readAll(fixture(name), name)).toEqual(arrays);
    }
  });

  it("comes back as it was written, and the same arrays give the same bytes", () => {
    for (const deflate of [false, true]) {
      const bytes = encodeNpz(arrays, { deflate });
      expect(readAll(bytes, "file")).toEqual(arrays);
      expect(encodeNpz(arrays, { deflate })).toEqual(bytes);
    }
    const zeros = { J: { shape: [40, 40], values: new Float32Array(1600) } };
    expect(encodeNpz(zeros, { deflate: true }).length).toBeLessThan(600);
  });

  it.each([
    ["lab64", "labels", undefined],
    ["scalarstep", "step", undefined],
    ["withstr", "note", /text/],
    ["withobj", "cfg", /Python objects/],
    ["withempty", "log", /is empty: its shape is \(0, 3\)/],
    ["readme", "README.txt", /is not an NPY file \(5 bytes\)/],
    ["mac", "__MACOSX/._J", /AppleDouble/],
  ])("%s.npz gives J and b, whatever else is in it", async (file, other, problem) => {
    const { names, read } = openNpz(fixture(`npz/${file}.npz`), file);
    expect(names).toEqual(["J", "b", other]);
    expect([read("J").shape, read("b").shape]).toEqual([[9, 9], [9]]);
    expect(read("J").values).toBeInstanceOf(Float32Array);
    if (problem) expect((await errorOf(() => read(other))).message).toMatch(problem);
    else expect(read(other).values).toBeInstanceOf(Int32Array);
    const error = await errorOf(() => read("W"));
    expect([error.code, error.remedy]).toEqual([
      "not-found",
      `Its arrays are ${names.join(", ")}.`,
    ]);
  });

  it("names arrays in folders with their folders, and folders not at all", () => {
    expect(openNpz(fixture("npz/dir.npz"), "dir").names).toEqual(["arrays/J", "arrays/b"]);
  });

  it("that is cut anywhere, or has one changed byte, is refused", () => {
    for (const name of ["stored.npz", "deflated.npz"]) {
      const good = fixture(name);
      for (let length = 0; length < good.length; length += 7) {
        expect(() => readAll(good.subarray(0, length), name)).toThrow(LangevinError);
      }
      const changed = Uint8Array.from(good);
      changed[120]! ^= 4;
      expect(() => readAll(changed, name)).toThrow(/J\.npy (does not fit its checksum|cannot be)/);
    }
  });

  it("whose directory lies is refused, and costs nothing", async () => {
    const good = fixture("deflated.npz");
    const entry = Buffer.from(good).indexOf(Uint8Array.of(0x50, 0x4b, 1, 2));
    const changed = (change: (view: DataView) => void) => {
      const bytes = Uint8Array.from(good);
      change(new DataView(bytes.buffer, entry));
      return bytes;
    };
    for (const [bytes, problem] of [
      [new Uint8Array(40), /is not an NPZ file/],
      [changed((view) => view.setUint32(24, 0xffff_fff0, true)), /claims 4294967280 bytes/],
      [changed((view) => view.setUint32(24, 150, true)), /holds more than the 150 bytes/],
      [changed((view) => view.setUint32(24, 9999, true)), /not the 9999 that it claims/],
      [changed((view) => view.setUint32(20, 0xffff, true)), /claims 65535 bytes, more than/],
      [changed((view) => view.setUint16(10, 99, true)), /packed by method 99/],
      [changed((view) => view.setUint16(8, 1, true)), /is encrypted/],
      [changed((view) => view.setUint32(42, 5, true)), /is not at 5/],
      [changed((view) => view.setUint32(0, 5, true)), /there is no directory entry/],
      [changed((view) => view.setUint8(46, "b".charCodeAt(0))), /two entries with the name b\.npy/],
      [encodeNpz({}, { deflate: false }), /holds no array/],
      [fixture("foreign/model.pt"), /is a PyTorch file, not an NPZ file/],
    ] as const) {
      const error = await errorOf(() => readAll(bytes, "file.npz"));
      expect([error.code, error.message]).toEqual(["bad-file", expect.stringMatching(problem)]);
    }
  });
});
