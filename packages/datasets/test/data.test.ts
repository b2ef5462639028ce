// Data of any real numbers are read as they are, from whatever holds them, and what cannot be learned is refused with its
// file, place and remedy.
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import {
  encodeIdx,
  encodeNpy,
  encodeNpz,
  encodeSafetensors,
  hasMissing,
  inspectSamples,
  isImageSet,
  type Numbers,
  parseJpeg,
  parseNpy,
  parsePng,
  parseTable,
  samplesOf,
  shapeOf,
  sizeOf,
  type VectorSet,
  valuesOf,
} from "../src/index.js";
import { loadSamples } from "../src/node.js";
import { errorOf, fixture, useFolder } from "./helpers.js";

const folder = useFolder();
const { put } = folder;
const rates = Float32Array.from({ length: 3 * 5 }, (_, at) => 7 * at - 20.5);
const real = { numbers: "real" } as const;
const bytesOf = (values: ArrayBufferView): Buffer =>
  Buffer.from(values.buffer, values.byteOffset, values.byteLength);

describe("arrays", () => {
  it("of every number type are vectors of their own shape", async () => {
    const kinds: Numbers[] = [
      new Int8Array(12),
      new Uint8Array(12),
      new Int16Array(12),
      new Uint16Array(12),
      new Int32Array(12),
      new Uint32Array(12),
      new Float32Array(12),
      new Float64Array(12),
    ].map((values) => values.map((_, at) => at));
    for (const values of kinds) {
      for (const shape of [
        [3, 4],
        [3, 2, 2],
        [2, 3, 2],
        [12, 1],
      ]) {
        const set = await loadSamples(put("a.npy", encodeNpy(values, shape)), real);
        expect(isImageSet(set)).toBe(false);
        expect([set.count, shapeOf(set)]).toEqual([shape[0], shape.slice(1)]);
        expect([...valuesOf(set)]).toEqual([...values]);
      }
    }
  });

  it("in pieces are what they are as a whole, in every type and order", async () => {
    const shape = [70, 25, 60];
    const length = 70 * 25 * 60;
    const random = Uint8Array.from({ length }, (_, at) => Math.imul(at + 1, 2654435761) >>> 24);
    // What says that whole numbers are no black and white comes in the last piece.
    const late = Int32Array.from({ length }, (_, at) => Number(at > length - 9) * 200);
    const typed: [string, ArrayBufferView, ("grey" | "real")[]][] = [
      ["<f4", Float32Array.from(random, (level) => level / 255), ["grey", "real"]],
      ["<f8", Float64Array.from(random, (level) => 1.0000001 * (level / 255)), ["grey", "real"]],
      [">i2", Int16Array.from(random), ["real"]],
      ["<f2", new Uint16Array(length).map((_, at) => at % 0x3c00), ["grey", "real"]],
      ["|b1", random.map((level) => level & 1), ["grey", "real"]],
      ["|u1", random, ["grey", "real"]],
      ["<i4", late, ["grey", "real"]],
      ["<i8", BigInt64Array.from(late, BigInt), ["grey", "real"]],
    ];
    for (const [type, values, accepted] of typed) {
      for (const order of ["False", "True"]) {
        const text = `{'descr': '${type}', 'fortran_order': ${order}, 'shape': (${shape}), }`;
        const start = Uint8Array.of(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, 118, 0);
        const header = Buffer.from(`${text.padEnd(117)}\n`);
        const bytes = Buffer.concat([start, header, bytesOf(values)]);
        const file = put("a.npy", bytes);
        for (const numbers of accepted) {
          const whole = samplesOf(parseNpy(bytes, file), file, numbers);
          const pieces = await loadSamples(file, { numbers });
          expect(bytesOf(valuesOf(pieces)).equals(bytesOf(valuesOf(whole)))).toBe(true);
          expect(shapeOf(pieces)).toEqual(shapeOf(whole));
        }
      }
    }
  });

  it("name the place of what is refused in any piece and order", async () => {
    const shape = [300, 40, 20];
    const values = new Float64Array(300 * 40 * 20).fill(0.5);
    values[0] = 0;
    const file = () => put("a.npy", encodeNpy(values, shape));
    const at = (200 * 40 + 30) * 20 + 10;
    values[at] = 1e39;
    const place = /has 1e\+39 at \[200, 30, 10\], which is too large for float32/;
    expect((await errorOf(() => loadSamples(file(), real))).message).toMatch(place);
    values[at] = Number.NaN;
    const missing = /lacks the number at \[200, 30, 10\]/;
    expect((await errorOf(() => loadSamples(file()))).message).toMatch(missing);
    expect(hasMissing(await loadSamples(file(), { ...real, missing: "keep" }))).toBe(true);
    values[at] = 1.5;
    const outside = /but there is 1\.5 at \[200, 30, 10\]/;
    expect((await errorOf(() => loadSamples(file()))).message).toMatch(outside);
    // The same bytes in the other order: place 200·800 + 30·20 + 10 = 160 610 is [110, 15, 13] of (300, 40, 20).
    const turned = Buffer.from(encodeNpy(values, shape));
    turned.write("True, ", turned.indexOf("False,"));
    const other = await errorOf(() => loadSamples(put("b.npy", turned)));
    expect(other.message).toMatch(/but there is 1\.5 at \[110, 15, 13\]/);
  });

  it("in NPZ and safetensors come with their labels", async () => {
    const labels = { shape: [3], values: Int32Array.of(4, 0, 200) };
    const x = { shape: [3, 5], values: rates };
    for (const file of [
      put("a.npz", encodeNpz({ x, y: labels }, { deflate: true })),
      put("a.safetensors", encodeSafetensors({ tensors: { x, y: labels }, metadata: {} })),
    ]) {
      const set = await loadSamples(file, real);
      expect([...valuesOf(set)]).toEqual([...rates]);
      expect([...set.labels!]).toEqual([4, 0, 200]);
    }
    const half = put("only.safetensors", fixture("table/half.safetensors"));
    expect([...valuesOf(await loadSamples(half, real))]).toEqual([0.5, -1.5, 2, 65504]);
  });

  it("that are grey but no image are vectors from 0 to 1", async () => {
    const levels = Uint8Array.of(0, 51, 255, 1, 2, 3);
    const set = await loadSamples(put("a.npy", encodeNpy(levels, [2, 3])));
    expect([shapeOf(set), sizeOf(set)]).toEqual([[3], 3]);
    expect([...valuesOf(set)].slice(0, 3)).toEqual([0, Math.fround(0.2), 1]);
  });

  it("are refused where a number is missing, infinite or too large, with its place", async () => {
    for (const [value, problem] of [
      [Number.NaN, /a\.npy lacks the number at \[1, 2\] \(NaN\)/],
      [Number.POSITIVE_INFINITY, /has an infinite number at \[1, 2\]/],
      [1e39, /has 1e\+39 at \[1, 2\], which is too large for float32/],
    ] as const) {
      const values = new Float64Array(15).fill(1);
      values[7] = value;
      const error = await errorOf(() => loadSamples(put("a.npy", encodeNpy(values, [3, 5])), real));
      expect([error.code, error.message]).toEqual(["bad-file", expect.stringMatching(problem)]);
      expect(error.remedy).toMatch(/leave/i);
    }
  });

  it("whose numbers are no grey levels say which encodings take them", async () => {
    const error = await errorOf(() => loadSamples(put("a.npy", encodeNpy(rates, [3, 5]))));
    expect(error.message).toMatch(/floats must lie from 0 to 1, but there is -20\.5 at \[0, 0\]/);
    expect(error.remedy).toMatch(/take the encoding z-score or identity/);
  });

  it("of one axis, or of one value, are refused", async () => {
    const row = await errorOf(() => loadSamples(put("a.npy", encodeNpy(rates, [15])), real));
    expect([row.message, row.remedy]).toEqual([
      expect.stringMatching(/has the shape \(15\), where the first axis counts samples/),
      "Reshape it to (samples, numbers).",
    ]);
    const flat = new Float32Array(15).fill(3.5);
    const one = await errorOf(() => loadSamples(put("a.npy", encodeNpy(flat, [3, 5])), real));
    expect(one.message).toMatch(/Every number of .*a\.npy is 3\.5, in all 3 samples/);
  });

  it("say which numbers never change, and how far their scales lie apart", () => {
    const values = Float32Array.of(1, 0, 100, 1, 1, 200, 1, 2, 300);
    const set = samplesOf({ shape: [3, 3], values }, "a", "real") as VectorSet;
    const { constant, scales } = inspectSamples(set);
    expect(constant).toEqual([0]);
    expect(scales).toBeCloseTo(100, 9);
  });
});

describe("a table", () => {
  it("has names in its first line, and a column of labels by its name", async () => {
    const file = put("a.csv", "rate a,label,rate b\n-1.5,3,2e3\n 4 ,7,.5\n");
    const set = (await loadSamples(file, real)) as VectorSet;
    expect([...set.values]).toEqual([-1.5, 2000, 4, 0.5]);
    expect([[...set.labels!], set.columns]).toEqual([
      [3, 7],
      ["rate a", "rate b"],
    ]);
  });

  it("has its labels in the column called label, also beside one called y", async () => {
    const text = "x,y,Label\n1,2,0\n3,4,1\n";
    const { values, labels } = (await loadSamples(put("a.csv", text), real)) as VectorSet;
    expect([[...values], [...labels!]]).toEqual([
      [1, 2, 3, 4],
      [0, 1],
    ]);
    const data = put("a.npy", encodeNpy(rates, [3, 5]));
    const labelsFile = put("l.csv", "y,class\n5,1\n6,2\n7,1\n");
    const set = await loadSamples(data, { ...real, labelsFile });
    expect([...set.labels!]).toEqual([1, 2, 1]);
  });

  it("may be TSV, quoted, with a mark of byte order, Windows' line ends and words as labels", async () => {
    const text = '\ufeffx\t"y z"\tkind\r\n1\t"2"\tdog\r\n3\t4\tcat\r\n5\t6\tdog\r\n';
    const set = (await loadSamples(put("a.tsv", text), {
      ...real,
      labelColumn: "kind",
    })) as VectorSet;
    expect([[...set.values], [...set.labels!], set.classes, set.columns]).toEqual([
      [1, 2, 3, 4, 5, 6],
      [1, 0, 1],
      ["cat", "dog"],
      ["x", "y z"],
    ]);
  });

  it("of levels in Kaggle's layout is the images of a square", async () => {
    const names = Array.from({ length: 9 }, (_, at) => `pixel${at}`);
    const rows = [5, 0].map((label) => [label, ...names.map((_, at) => 30 * at)].join(","));
    const set = await loadSamples(put("train.csv", [`label,${names}`, ...rows, ""].join("\n")));
    if (!isImageSet(set)) throw new Error("these are images");
    expect([set.width, set.height, [...set.labels!]]).toEqual([3, 3, [5, 0]]);
    expect(set.pixels).toEqual(Uint8Array.from({ length: 18 }, (_, at) => 30 * (at % 9)));
  });

  it("without names is numbers alone", () => {
    const set = parseTable("1;2\n3;4\n\n", "a.csv", "real") as VectorSet;
    expect([[...set.values], set.labels, set.columns]).toEqual([
      [1, 2, 3, 4],
      undefined,
      undefined,
    ]);
  });

  it("is the same in pieces as whole", async () => {
    const lines = Array.from({ length: 40_000 }, (_, row) => `${row},${(row * 7919) % 1013},-0.25`);
    const text = `a,b,c\n${lines.join("\n")}\n`;
    const file = put("large.csv", text);
    const progress: number[] = [];
    const read = await loadSamples(file, {
      ...real,
      onProgress: ({ done }) => progress.push(done),
    });
    expect(valuesOf(read)).toEqual(valuesOf(parseTable(text, "large.csv", "real")));
    expect(read.count).toBe(40_000);
    const stopped = await errorOf(() => loadSamples(file, { ...real, signal: { aborted: true } }));
    expect(stopped.code).toBe("aborted");
  });

  it("is refused with line and column", async () => {
    for (const [text, problem] of [
      ["a,b\n1,2\n3,\n", /a\.csv lacks the number at line 3, column b \(NaN\)/],
      ["a,b\n1,NA\n", /lacks the number at line 2, column b/],
      ["a,b\n1,inf inity\n", /has "inf inity" in line 2, column b, which is not a number/],
      ["a,b\n1,Infinity\n", /has an infinite number at line 2, column b/],
      ["a,b\n1,1e40\n", /has 1e\+40 at line 2, column b, which is too large/],
      ["a,b\n1,2\n3\n", /has 1 cells in line 3, where 2 are expected/],
      ["a,b\n", /holds no line of numbers/],
      ["", /holds no line of numbers/],
      ["label\n1\n2\n", /holds labels alone/],
      ["5.1,3.5,setosa\n4.9,3,setosa\n", /has numbers and the word setosa in line 1/],
      [",a,label\n0,1.5,cat\n1,2.5,dog\n", /has no name for column 1 in line 1/],
      ["a,b,\n1,2,\n", /has no name for column 3 in line 1/],
      ["a,label\n1,\n2,dog\n", /lacks the label of sample 0/],
      ["a,label\n1,3\n2,dog\n", /has the label dog, which is not a whole number from 0 to 255/],
    ] as const) {
      const error = await errorOf(() => loadSamples(put("a.csv", text), real));
      expect(error.message).toMatch(problem);
      expect(error.code).toBe("bad-file");
    }
    for (const [cell, remedy] of [
      ['"0,346"', "Write numbers with a point before their decimals."],
      ['"-1,5"', "Write numbers with a point before their decimals."],
      ['"1,000"', "Write numbers without separators of thousands."],
      ['"1,234,567.5"', "Write numbers without separators of thousands."],
      ["2024-01-02", "If that column holds labels, name it; else leave it out."],
    ]) {
      const error = await errorOf(() => loadSamples(put("a.csv", `a,b\n1,${cell}\n`), real));
      expect(error.remedy).toBe(remedy);
    }
    const file = put("a.csv", "a,b\n1,2\n");
    const missing = await errorOf(() => loadSamples(file, { ...real, labelColumn: "kind" }));
    expect([missing.message, missing.remedy]).toEqual([
      `${file} has no column kind.`,
      "Its columns are a, b.",
    ]);
  });
});

describe("labels in a file of their own", () => {
  it("are NPY, IDX, a column of a table, or one a line", async () => {
    const data = put("a.npy", encodeNpy(rates, [3, 5]));
    for (const [name, content, labels, classes] of [
      ["l.npy", encodeNpy(Int32Array.of(3, 1, 2), [3, 1]), [3, 1, 2], undefined],
      [
        "labels-idx1-ubyte.gz",
        gzipSync(encodeIdx({ shape: [3], values: Uint8Array.of(9, 8, 7) })),
        [9, 8, 7],
        undefined,
      ],
      ["l.csv", "id,label\n1,4\n2,5\n3,4\n", [4, 5, 4], undefined],
      ["l.txt", "go\nstop\ngo\n", [0, 1, 0], ["go", "stop"]],
      ["label.csv", "label\n1\n2\n3\n", [1, 2, 3], undefined],
    ] as const) {
      const set = await loadSamples(data, { ...real, labelsFile: put(name, content) });
      expect([[...set.labels!], set.classes]).toEqual([labels, classes]);
    }
  });

  it("are refused where they do not fit", async () => {
    const data = put("a.npy", encodeNpy(rates, [3, 5]));
    for (const [name, content, problem] of [
      ["l.npy", encodeNpy(Int32Array.of(3, 1), [2]), /l\.npy has the shape \(2\), but 3 labels/],
      ["l.npy", encodeNpy(Float32Array.of(3, 1.5, 2), [3]), /has 1\.5 at \[1\], but a label is/],
      ["l.txt", "1\n2\n", /l\.txt has 2 labels, but 3 are expected/],
      ["l.csv", ",b\n1,2\n", /has the columns , b, but none of them is called label/],
      ["l.csv", "a,b\n1,2\n", /has the columns a, b, but none of them is called label/],
      ["l.txt", Uint8Array.of(0x41, 0xff, 0xfe, 0), /is neither a format that is known nor text/],
      ["l.npy", fixture("foreign/git-lfs-pointer"), /is a Git LFS pointer, not labels/],
    ] as const) {
      const labelsFile = put(name, content);
      const error = await errorOf(() => loadSamples(data, { ...real, labelsFile }));
      expect([error.code, error.message]).toEqual(["bad-file", expect.stringMatching(problem)]);
    }
  });
});

describe("JPEG images", () => {
  // Beside each lies its luma as Pillow 12 reads it. In "rough" and "restarts" coefficients of both signs are refined by later
  // scans; "colours" holds red, green and blue.
  it("of every kind have the luma of other readers, pixel by pixel", async () => {
    for (const name of ["grey", "rgb", "prog", "cmyk", "rough", "restarts", "colours", "turned"]) {
      const image = await parseJpeg(fixture(`jpeg/${name}.jpg`), name);
      const expected = parsePng(fixture(`jpeg/${name}.png`), name);
      expect([image.width, image.height]).toEqual([expected.width, expected.height]);
      const differences = image.pixels.map((level, at) => Math.abs(level - expected.pixels[at]!));
      expect(Math.max(...differences), name).toBeLessThanOrEqual(2);
    }
  });

  it("are turned as their camera says", async () => {
    put("a.jpg", fixture("jpeg/turned.jpg"));
    expect(shapeOf(await loadSamples(folder.path))).toEqual([20, 28]);
    const bytes = Uint8Array.from(fixture("jpeg/turned.jpg"));
    const tag = bytes.findIndex((byte, at) => byte === 0x01 && bytes[at + 1] === 0x12);
    const read = (orientation: number) => {
      bytes[tag + 9] = orientation;
      return parseJpeg(bytes, "a.jpg");
    };
    const corners = ({ width, height, pixels }: Awaited<ReturnType<typeof read>>) => {
      const last = width * (height - 1);
      return [pixels[0], pixels[width - 1], pixels[last], pixels[last + width - 1]];
    };
    const [a, b, c, d] = corners(await read(1));
    expect(new Set([a, b, c, d]).size).toBe(4);
    // Where EXIF says that the first row and column lie: at the top or bottom and the left or right, or the other way round.
    const known = [
      [b, a, d, c],
      [d, c, b, a],
      [c, d, a, b],
      [a, c, b, d],
      [c, a, d, b],
      [d, b, c, a],
      [b, d, a, c],
    ];
    for (const [at, expected] of known.entries()) {
      expect(corners(await read(at + 2)), `orientation ${at + 2}`).toEqual(expected);
    }
    expect(corners(await read(9))).toEqual([a, b, c, d]);
  });

  it("lie beside PNG images, in one folder for every class", async () => {
    put("cat/a.jpeg", fixture("jpeg/grey.jpg"));
    put("dog/b.png", fixture("png/i_g1_28x28.png"));
    // Told by its content, whatever its name says.
    put("dog/c.png", fixture("jpeg/rgb.jpg"));
    const set = await loadSamples(folder.path);
    expect([set.count, [...set.labels!], set.classes]).toEqual([3, [0, 1, 1], ["cat", "dog"]]);
  });

  it("are refused when they are cut, or claim too much", async () => {
    const whole = fixture("jpeg/grey.jpg");
    const huge = Uint8Array.from(whole);
    const frame = huge.findIndex((byte, at) => byte === 0xff && huge[at + 1] === 0xc0);
    huge.fill(0xff, frame + 5, frame + 9);
    const empty = Uint8Array.from(whole);
    empty.set([0x10, 0, 0x10, 0], frame + 5);
    // Blocks are 8 pixels wide, however narrow the image is.
    const narrow = Uint8Array.from(whole);
    narrow.set([0xff, 0xff, 0, 1], frame + 5);
    const many = Uint8Array.from(whole);
    many[frame + 9] = 112;
    for (const [bytes, code, problem] of [
      [fixture("jpeg/cut.jpg"), "bad-file", /a\.jpg is a damaged JPEG image: its end is missing/],
      [huge, "unsupported", /has 65535 × 65535 pixels, more than are read/],
      [empty, "bad-file", /534 bytes cannot hold 4096 × 4096 pixels/],
      [narrow, "bad-file", /534 bytes cannot hold 1 × 65535 pixels/],
      [many, "bad-file", /it claims 112 planes/],
      [new TextEncoder().encode("<html>"), "bad-file", /a\.jpg is an HTML page, not a JPEG image/],
    ] as const) {
      put("a.jpg", bytes);
      const error = await errorOf(() => loadSamples(folder.path));
      expect([error.code, error.message]).toEqual([code, expect.stringMatching(problem)]);
    }
  });
});

it("reading reports how far it is, and stops when it is told to", async () => {
  put("a/1.png", fixture("png/i_g1_28x28.png"));
  put("a/2.png", fixture("png/i_g1_28x28.png"));
  const signal = { aborted: true };
  const images = await errorOf(() => loadSamples(`${folder.path}/a`, { signal }));
  expect([images.code, images.message]).toEqual([
    "aborted",
    "Reading was stopped after 1 of 2 images.",
  ]);
  const array = put("a.npy", encodeNpy(rates, [3, 5]));
  expect((await errorOf(() => loadSamples(array, { ...real, signal }))).code).toBe("aborted");
});

describe("numbers of a table", () => {
  /** Whole numbers from 0 to `below` − 1 that look random. */
  const draws = (seed: number) => {
    let state = seed;
    return (below: number) => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
  };
  const draw = draws(7);
  const digitsOf = (count: number) => Array.from({ length: count }, () => draw(10)).join("");
  const sign = () => ["", "", "-", "+"][draw(4)];
  const power = (most: number) => `${["e", "E"][draw(2)]}${sign()}${draw(most)}`;
  const shapes = [
    () => `${sign()}${draw(300)}`,
    () => `${sign()}${digitsOf(1 + draw(22))}`,
    () => `${sign()}${draw(10)}.${digitsOf(1 + draw(24))}`,
    () => `${sign()}.${digitsOf(1 + draw(18))}`,
    () => `${sign()}${digitsOf(1 + draw(3))}.`,
    () => `${sign()}${draw(10)}.${digitsOf(draw(20))}${power(16)}`,
    () => `${sign()}${digitsOf(1 + draw(2))}${power(36)}`,
    () => `${sign()}0.${"0".repeat(draw(40))}${digitsOf(1 + draw(17))}`,
    () => String((draw(2 ** 30) / 2 ** 30) * 10 ** (draw(30) - 15)),
    // Halfway between two floats, and a little beside it.
    () => `${1 + (2 * draw(2 ** 22) + 1) / 2 ** 24}${["", "0000000000001", "e-3"][draw(3)]}`,
    () => `${2 ** 24 + 2 * draw(2 ** 20) + 1}${["", ".0", ".00000000000000000000001"][draw(3)]}`,
    () => ` ${draw(100)} `,
    () => `-0${[".", ".0", ""][draw(3)]}`,
  ];

  it("are the float32 of Number, bit for bit, however they are written", async () => {
    const cells = Array.from({ length: 60_000 }, () => shapes[draw(shapes.length)]!());
    const exact = Float32Array.from(cells, Number);
    expect(exact.every(Number.isFinite)).toBe(true);
    const lines = Array.from({ length: 6000 }, (_, row) => cells.slice(10 * row, 10 * row + 10));
    for (const [delimiter, end] of [
      [",", "\n"],
      [";", "\r\n"],
    ] as const) {
      const text = lines.map((line) => line.join(delimiter)).join(end);
      const { values } = (await loadSamples(put("a.csv", text), real)) as VectorSet;
      const bits = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
      const differing = exact.findIndex((value, at) => !Object.is(value, values[at]));
      expect(cells[differing]).toBe(undefined);
      expect(bits.equals(Buffer.from(exact.buffer))).toBe(true);
    }
  });

  it("are the same as bytes and as text, with quotes, ends of old Macs and long lines", async () => {
    const rows = Array.from({ length: 2000 }, (_, row) => [
      row,
      row / 7,
      -row,
      ["dog", "cat", "cow"][row % 3],
    ]);
    const tables = [
      ["a,b,c,label", ...rows.map((row) => row.join(","))].join("\n"),
      ["a,b,c,label", ...rows.map((row) => `${row.join(",")} é`)].join("\n"),
      ["a,b,c,label", ...rows.map((row) => row.join(","))].join("\r"),
      ['"a","b","c","label"', ...rows.map((row) => `"${row.join('","')}"`)].join("\n"),
      [
        "a,b,c,label",
        ...rows.map((row, at) => (at < 999 ? row.join(",") : `"${row.join('","')}\n"`)),
      ].join("\n"),
      Array.from({ length: 2 }, (_, row) =>
        Array.from({ length: 300_000 }, (_, at) => (at % 977) / 8 + row).join("\t"),
      ).join("\n\n"),
    ];
    for (const text of tables) {
      const read = await loadSamples(put("a.csv", text), real);
      const { values, ...parsed } = parseTable(text, read.source, "real") as VectorSet;
      const { values: found, ...rest } = read as VectorSet;
      expect(rest).toEqual(parsed);
      expect(Buffer.from(found).equals(Buffer.from(values))).toBe(true);
      expect(found.findIndex((value, at) => !Object.is(value, values[at]))).toBe(-1);
    }
  });

  it("are read once where a file ends with a piece that is read at once, or beside it", async () => {
    for (const length of [2 ** 20 - 1, 2 ** 20, 2 ** 20 + 1, 2 ** 21]) {
      // Rows of 8 bytes, the first of them longer by what is left.
      const first = "0".repeat(length % 8);
      const rows = Array.from({ length: Math.floor(length / 8) }, (_, row) => 1000 + (row % 9000));
      const text = first + rows.map((row) => `${row},11\n`).join("");
      expect(text).toHaveLength(length);
      const { values, count } = (await loadSamples(put("a.csv", text), real)) as VectorSet;
      expect([count, values.length]).toEqual([rows.length, 2 * rows.length]);
      expect(rows.findIndex((row, at) => values[2 * at] !== row)).toBe(-1);
    }
  });

  it("that nobody can read are refused with line and column behind plain lines too", async () => {
    const lines = Array.from({ length: 500 }, (_, row) => `${row},${row}`);
    for (const [line, problem] of [
      ["1,x", /has "x" in line 501, column 2/],
      ["1,1e", /has "1e" in line 501, column 2/],
      ["1,--1", /has "--1" in line 501, column 2/],
      ["1,.", /has "\." in line 501, column 2/],
      ["1,", /lacks the number at line 501, column 2/],
      ["1,2,3", /has 3 cells in line 501/],
      ["1,4e38", /has 4e\+38 at line 501, column 2, which is too large/],
      [`1,${"9".repeat(50)}`, /at line 501, column 2, which is too large/],
    ] as const) {
      const error = await errorOf(() =>
        loadSamples(put("a.csv", [...lines, line].join("\n")), real),
      );
      expect([error.code, error.message]).toEqual(["bad-file", expect.stringMatching(problem)]);
    }
  });
});
