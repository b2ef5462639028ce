// Restoring and completing images. Without couplings, E = ½‖b − x‖² and a descent of k steps leaves the share
// (1 − dt)^k of the way to b, so that everything that the command says has an exact value.
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { encodeImages, encodeNpy, parseNpy, parsePng } from "@neural-langevin/datasets";
import { imageGrid } from "@neural-langevin/figures";
import { encodeNetwork } from "@neural-langevin/runs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { nlm } from "./command.js";

const SIZE = { width: 6, height: 6 };
const UNITS = 36;
// A bright frame around darkness; its levels survive the clipping of bright and dark.
const frame = Uint8Array.from({ length: UNITS }, (_, at) => {
  const [row, column] = [Math.floor(at / 6), at % 6];
  return [0, 5].includes(row) || [0, 5].includes(column) ? 220 : 30;
});
const flat = new Uint8Array(UNITS).fill(128);
const bias = encodeImages({ pixels: frame });
const png = (pixels: Uint8Array) => imageGrid({ ...SIZE, pixels, columns: 1 }).png;

let folder: string;
const at = (...names: string[]) => join(folder, ...names);
const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const pixelsIn = (file: string) => parsePng(readFileSync(at(file)), file).pixels;
const denoise = async (...args: string[]) => {
  const all = ["denoise", ...args, "--model", "frame.safetensors", "--backend", "reference"];
  const { status, stdout, stderr } = await nlm([...all, "--json"], folder);
  expect(status, stderr).toBe(0);
  return JSON.parse(stdout);
};

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "nlm-denoise-"));
  const couplings = new Float32Array(UNITS ** 2);
  writeFileSync(at("frame.safetensors"), encodeNetwork({ units: UNITS, couplings, bias }));
  writeFileSync(at("frame.png"), png(frame));
  writeFileSync(at("flat.png"), png(flat));
  const two = Uint8Array.from([...flat, ...frame]);
  writeFileSync(at("two.npy"), encodeNpy(two, [2, 6, 6]));
  writeFileSync(at("one.npy"), encodeNpy(flat, [6, 6]));
  mkdirSync(at("originals"));
  writeFileSync(at("originals", "flat.png"), png(frame));
  writeFileSync(at("originals", "frame.png"), png(frame));
  const corner = Uint8Array.from({ length: UNITS }, (_, unit) => (unit === 7 ? 255 : 0));
  writeFileSync(at("corner.png"), png(corner));
  writeFileSync(at("black.png"), png(new Uint8Array(UNITS)));
  writeFileSync(
    at("small.png"),
    imageGrid({ ...SIZE, width: 4, pixels: flat.subarray(0, 24), columns: 1 }).png,
  );
  writeFileSync(
    at("random.png"),
    Uint8Array.from({ length: 300 }, (_, byte) => (byte * 89) % 256),
  );
});
afterAll(() => rmSync(folder, { recursive: true }));

describe("nlm denoise", () => {
  it("descends along the energy as the equations say, and writes what it found", async () => {
    const args = ["flat.png", "frame.png", "--dt", "0.1", "--steps", "60", "--out", "plain"];
    const result = await denoise(...args, "--original", "originals");
    const { images, files } = result;
    expect(result).toMatchObject({ steps: 60, temperature: 0, dt: 0.1, seed: 1 });
    expect(result.machineSha256).toBe(sha256(readFileSync(at("frame.safetensors"))));
    expect(JSON.parse(readFileSync(at(files.record), "utf8"))).toEqual(result);
    const level = encodeImages({ pixels: flat });
    const E = bias.reduce((sum, b, i) => sum + (b - level[i]!) ** 2, 0) / 2;
    const [blank, same] = images;
    expect(blank.energy.before).toBeCloseTo(E, 4);
    expect(blank.energy.after).toBeCloseTo(E * 0.9 ** 120, 6);
    expect(blank.rmse.before).toBeGreaterThan(0.3);
    expect(blank.rmse.after).toBeLessThan(1e-3);
    expect(same).toMatchObject({ image: "frame.png", energy: { before: 0, after: 0 } });
    expect(files.restored.map((file: string) => basename(file))).toEqual([
      "flat-restored.png",
      "frame-restored.png",
    ]);
    for (const file of files.restored) expect(pixelsIn(file)).toEqual(frame);
    const [head, ...rows] = readFileSync(at(files.energies), "utf8").trim().split("\n");
    expect(head).toBe("step,flat.png,frame.png");
    expect(rows).toHaveLength(61);
    rows.forEach((row, step) => {
      const [counted, energy] = row.split(",").map(Number);
      expect(counted).toBe(step);
      expect(energy! / (E * 0.9 ** (2 * step))).toBeCloseTo(1, 4);
    });
    for (const file of [files.grid, files.curve]) {
      expect(parsePng(readFileSync(at(file)), file).width).toBeGreaterThan(1000);
    }
  });

  it("replaces a share of the units first, and measures against the image as given", async () => {
    const args = ["frame.png", "--corrupt", "0.25", "--dt", "0.1"];
    const { images, files } = await denoise(...args, "--out", "corrupt");
    // Nine units of 36 move by a uniform grey level: the RMSE cannot exceed √¼.
    expect(images[0].rmse.before).toBeGreaterThan(0.05);
    expect(images[0].rmse.before).toBeLessThan(0.5);
    expect(images[0].rmse.after).toBeLessThan(1e-6);
    expect(pixelsIn(files.restored[0])).toEqual(frame);
    const again = await denoise(...args, "--out", "again");
    expect(again.images).toEqual(images);
    const other = await denoise(...args, "--out", "other", "--seed", "2");
    expect(other.images[0].energy.before).not.toBe(images[0].energy.before);
  });

  it("completes what is masked, and changes nothing else", async () => {
    for (const [mask, completed] of [
      ["top", (row: number) => row < 3],
      ["right", (_: number, column: number) => column >= 3],
      ["center", (row: number, column: number) => row > 1 && row < 4 && column > 1 && column < 4],
      ["corner.png", (row: number, column: number) => row === 1 && column === 1],
    ] as const) {
      const args = ["flat.png", "--mask", mask, "--original", "frame.png", "--dt", "0.1"];
      const { images, files } = await denoise(...args, "--out", `mask-${mask}`);
      const expected = frame.map((level, unit) =>
        completed(Math.floor(unit / 6), unit % 6) ? level : 128,
      );
      expect(pixelsIn(files.restored[0]), mask).toEqual(expected);
      // The masked part alone is measured.
      expect(images[0].rmse.before).toBeGreaterThan(0.05);
      expect(images[0].rmse.after).toBeLessThan(1e-6);
    }
  });

  it("takes NPY files of many images and of one, and gives NPY files", async () => {
    const args = ["two.npy", "one.npy", "--dt", "0.1", "--steps", "200", "--out", "npy"];
    const { images, files } = await denoise(...args);
    const names = images.map(({ image }: { image: string }) => image);
    expect(names).toEqual(["two.npy[0]", "two.npy[1]", "one.npy"]);
    expect(images[0].rmse).toBeUndefined();
    const [two, one] = files.restored.map((file: string) => parseNpy(readFileSync(at(file)), file));
    expect([two.shape, one.shape]).toEqual([
      [2, 6, 6],
      [1, 6, 6],
    ]);
    two.values.forEach((level: number, place: number) => {
      expect(level).toBeCloseTo(frame[place % UNITS]! / 255, 4);
    });
  });

  it("at T > 0 leaves the pattern, and cooling leads back to it", async () => {
    const args = ["frame.png", "--temperature", "1", "--dt", "0.1", "--steps", "50"];
    const warm = await denoise(...args, "--out", "warm");
    // Without couplings E/T of 36 units is χ²/2: 18 ± 4.2; a step of 0.1 adds about 5 %.
    expect(Math.abs(warm.images[0].energy.after - 18.9)).toBeLessThan(4 * 4.5);
    expect(warm.images[0].energy.after).toBeGreaterThan(1);
    const cooled = await denoise(...args, "--cool", "--out", "cooled");
    expect(cooled.images[0].energy.after).toBeLessThan(1e-6);
  });

  it("refuses what does not fit, and writes nothing then", async () => {
    const cases: [string[], RegExp][] = [
      [["nowhere.png"], /no file nowhere\.png/],
      [["random.png"], /random\.png is not a PNG file/],
      [["small.png"], /small\.png has 4 × 6 pixels, but the machine frame\.safe.* sees 6 × 6/],
      [["flat.png", "--corrupt", "1.5"], /--corrupt takes a share from 0 to 1, not 1\.5/],
      [["flat.png", "--corrupt", "0.5", "--mask", "top"], /two different damages/],
      [["flat.png", "--mask", "middle"], /no file middle/],
      [["flat.png", "--mask", "black.png"], /mask black\.png covers no pixel/],
      [["flat.png", "--mask", "small.png"], /small\.png has 4 × 6 pixels/],
      [["flat.png", "frame.png", "--original", "flat.png"], /one file, but there are 2 images/],
      [["two.npy", "--original", "flat.png"], /two\.npy: 2, but in flat\.png: 1/],
      [["flat.png", "--dt", "300"], /Sampling diverged .* Try a smaller step size than 300/],
    ];
    for (const [args, problem] of cases) {
      const all = ["denoise", ...args, "--model", "frame.safetensors", "--backend", "reference"];
      const { status, stderr } = await nlm([...all, "--out", "refused"], folder);
      expect(stderr.replace(/\n/g, " ")).toMatch(problem);
      expect(status).toBe(args.includes("--dt") ? 3 : 2);
      expect(() => readFileSync(at("refused", "grid.png"))).toThrow(/ENOENT/);
    }
    const taken = await nlm(
      ["denoise", "flat.png", "--model", "frame.safetensors", "--out", "plain"],
      folder,
    );
    expect([taken.status, taken.stderr]).toEqual([2, expect.stringMatching(/already/)]);
  });
});
