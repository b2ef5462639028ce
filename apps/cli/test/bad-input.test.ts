// Bad usage and bad input: exit 2, one clear paragraph, no stack trace, and nothing written.
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeNpy, encodeNpz } from "@neural-langevin/datasets";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { nlm } from "./command.js";

const stored = { deflate: false };

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "nlm-bad-"));
  const put = (name: string, bytes: Uint8Array) => writeFileSync(join(folder, name), bytes);
  put(
    "random.safetensors",
    Uint8Array.from({ length: 500 }, (_, at) => (at * 167 + 13) % 256),
  );
  put("empty.npy", new Uint8Array(0));
  put("none.npy", encodeNpy(new Float32Array(0), [0, 0]));
  put("ragged.npy", encodeNpy(new Float32Array(6), [2, 3]));
  put("cube.npy", encodeNpy(new Float32Array(8), [2, 2, 2]));
  put("nan.npy", encodeNpy(Float32Array.of(0, 1, Number.NaN, 0), [2, 2]));
  put("huge.npy", encodeNpy(Float64Array.of(0, 1e300, 1, 0), [2, 2]));
  put("two.npy", encodeNpy(new Float32Array(4), [2, 2]));
  put("three.npy", encodeNpy(new Float32Array(3), [3]));
  const two = { shape: [2, 2], values: new Float32Array(4) };
  const zipped = encodeNpz({ J: two, b: { shape: [2], values: new Float32Array(2) } }, stored);
  put("whole.npz", zipped);
  put("cut.npz", zipped.subarray(0, 300));
  put(
    "random.npz",
    Uint8Array.from({ length: 500 }, (_, at) => (at * 167 + 13) % 256),
  );
  put("unnamed.npz", encodeNpz({ arr_0: two }, stored));
  put("twice.npz", encodeNpz({ J: two, W: two }, stored));
  const text = (content: string) => new TextEncoder().encode(content);
  put("nan.yaml", text("rate: .nan\n"));
  put("null.yaml", text("updates: null\n"));
  put("twice.yaml", text("dt: 0.1\nstep-size: 0.2\n"));
  mkdirSync(join(folder, "idx"));
  const images = Uint8Array.of(0, 0, 8, 3, 255, 255, 255, 255, 0, 0, 0, 28, 0, 0, 0, 28, 1, 2, 3);
  put("idx/train-images-idx3-ubyte", images);
  put("idx/train-labels-idx1-ubyte", Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 1, 7));
});
afterAll(() => rmSync(folder, { recursive: true }));

const cases: [args: string[], problem: RegExp][] = [
  [["train", "--rate", "banana"], /--rate takes a positive number, not "banana"/],
  [["train", "--dt", "-1"], /--dt takes a positive number, not "-1"/],
  [["train", "--chains", "2.5"], /--chains takes a whole number of at least 1, not "2.5"/],
  [
    ["train", "--integrator", "euler"],
    /--integrator takes one of euler-maruyama, leimkuhler-matthews/,
  ],
  [["train", "--negative-phase", "pcd"], /--negative-phase takes pcd-K, rdm-K/],
  [["train", "--labels", "1,x"], /--labels takes labels from 0 to 255/],
  [["train", "--initial-bias", "one"], /--initial-bias takes one of zero, data, not "one"/],
  [["train", "--negative-phase", "time-average-10"], /burn-in of 600 steps leaves no state/],
  [["train", "--labels", "77"], /no image with the label 77/],
  [["train", "--units", "100"], /100 units do not fit images of 28 × 28/],
  [["train", "--data", "nowhere"], /no data at .*nowhere\./],
  [
    ["train", "--data", "idx"],
    /claims 4294967295 × 28 × 28 .* bytes are expected, but 19 were found/,
  ],
  [["train", "--data", "empty.npy"], /empty\.npy is empty, and not an NPY file/],
  [["train", "--backend", "abacus"], /no backend "abacus"/],
  [["train", "--threads", "0"], /--threads takes a whole number of at least 1/],
  [["train", "--resume", "nowhere"], /no run in nowhere/],
  [["train", "--config", "nowhere.yaml"], /no file nowhere\.yaml/],
  [["train", "--flavour", "sweet"], /Unknown option '--flavour'\. See nlm train --help\./],
  [["trainn"], /Unknown command 'trainn'\. Did you mean train\? See nlm --help/],
  [["train", "--config", "nan.yaml"], /nan\.yaml: rate takes a positive number, not NaN/],
  [["train", "--config", "null.yaml"], /null\.yaml: updates takes a whole number .*, not null/],
  [["train", "--config", "twice.yaml"], /step-size is given twice, by this name and another one/],
  [["train", "--burn-in", "50"], /burn-in only affects time-average-K, not pcd-10/],
  [
    ["train", "--negative-phase", "rdm-5", "--restart-every", "9"],
    /restart-every only affects pcd-K, not rdm-5/,
  ],
  [["train", "--warm-up", "50", "--updates", "5"], /warm-up is not below the 5 updates/],
  [["evaluate", "x", "--frames", "20"], /--frames only works with --equilibrium/],
  [["evaluate", "x", "--anneals", "20"], /--anneals only works with --log-likelihood/],
  [["train", "surplus"], /[Tt]oo many arguments/],
  [["sample", "/nonexistent"], /no run or file \/nonexistent/],
  [["sample", "random.safetensors"], /random\.safetensors is not a valid safetensors file/],
  [["sample", "idx"], /idx is not a run/],
  [["sample"], /Missing required argument 'machine'\. See nlm sample --help\./],
  [["train", "--out", "empty.npy/run"], /nlm: empty\.npy is a file, but a run needs a folder\./],
  [["inspect", "random.safetensors"], /not a valid safetensors file/],
  [["inspect", "/dev/zero"], /is a device, not a file\. Write what it gives to a file/],
  [["inspect", "empty.npy"], /not an NPY file/],
  [["inspect", "idx/train-images-idx3-ubyte"], /claims 4294967295 × 28 × 28/],
  [["import", "nowhere.npy"], /no file nowhere\.npy/],
  [["import", "idx"], /idx is a folder, not a file/],
  [["import", "empty.npy"], /empty\.npy is empty, and not an NPY file/],
  [["import", "none.npy"], /none\.npy is empty: its shape is \(0, 0\)/],
  [["import", "random.safetensors"], /not a valid safetensors file/],
  [["import", "ragged.npy"], /ragged\.npy has the shape \(2, 3\), but couplings are N × N/],
  [["import", "cube.npy"], /cube\.npy has the shape \(2, 2, 2\), but couplings are N × N/],
  [["import", "nan.npy"], /nan\.npy has NaN at \[1, 0\], not finite/],
  [["import", "huge.npy"], /huge\.npy has 1e\+300 at \[0, 1\], too large for float32/],
  [
    ["import", "two.npy", "--bias", "three.npy"],
    /three\.npy has the shape \(3\), but two\.npy has 2/,
  ],
  [["import", "two.npy", "--bias", "two.npy"], /two\.npy has the shape \(2, 2\), but .* 2 biases/],
  [["import", "whole.npz", "--bias", "three.npy"], /whole\.npz holds a bias too/],
  [["import", "cut.npz"], /cut\.npz is a damaged ZIP archive: its directory is missing/],
  [["import", "random.npz"], /random\.npz is not an NPZ file \(500 bytes\)/],
  [["import", "unnamed.npz"], /unnamed\.npz has no couplings: its arrays are arr_0\. .* J, W/],
  [["import", "twice.npz"], /several arrays that could be the couplings: J, W/],
  [["import", "two.npy", "--labels", "1"], /only the folder of a run holds settings/],
  [["sample", "two.npy"], /Make one of them with nlm import two\.npy/],
  [["export", "nowhere"], /no run or file nowhere/],
  [["export", "random.safetensors"], /not a valid safetensors file/],
  [["export", "two.npy", "--format", "csv"], /Allowed choices are npy, npz, safetensors/],
  [["demo", "--scale", "huge"], /Allowed choices are quick, paper/],
  [["dance"], /[Uu]nknown command 'dance'/],
  [["trian"], /[Uu]nknown command 'trian'.*train/],
];

describe("nlm refuses", () => {
  it.each(cases)("%j", async (args, problem) => {
    const before = readdirSync(folder);
    const { status, stdout, stderr } = await nlm(args, folder);
    expect(status).toBe(2);
    expect(stdout).toBe("");
    const paragraph = stderr.trim();
    expect(paragraph.replace(/\n/g, " ")).toMatch(problem);
    expect(paragraph).toMatch(/^nlm: /);
    expect(paragraph).not.toMatch(/\n\n|\bat .*:\d+:\d+|Error:/);
    expect(Math.max(...paragraph.split("\n").map((line) => line.length))).toBeLessThanOrEqual(100);
    expect(readdirSync(folder)).toEqual(before);
  });

  it("in JSON too, as one object", async () => {
    const { status, stdout } = await nlm(["train", "--rate", "banana", "--json"], folder);
    expect(status).toBe(2);
    expect(JSON.parse(stdout).error).toMatchObject({
      code: "invalid-value",
      message: '--rate takes a positive number, not "banana".',
    });
  });
});
