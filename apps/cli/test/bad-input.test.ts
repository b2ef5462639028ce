// Bad usage and bad input: exit 2, one clear paragraph, no stack trace, and nothing written.
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { nlm } from "./command.js";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "nlm-bad-"));
  const put = (name: string, bytes: Uint8Array) => writeFileSync(join(folder, name), bytes);
  put(
    "random.safetensors",
    Uint8Array.from({ length: 500 }, (_, at) => (at * 167 + 13) % 256),
  );
  put("empty.npy", new Uint8Array(0));
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
  [["train", "--labels", "77"], /no image with the label 77/],
  [["train", "--units", "100"], /100 units do not fit images of 28 × 28/],
  [["train", "--data", "nowhere"], /no data at nowhere/],
  [
    ["train", "--data", "idx"],
    /claims 4294967295 × 28 × 28 .* bytes are expected, but 19 were found/,
  ],
  [["train", "--data", "empty.npy"], /empty\.npy: is not an NPY file \(0 bytes\)/],
  [["train", "--backend", "abacus"], /no backend "abacus"/],
  [["train", "--threads", "0"], /--threads takes a whole number of at least 1/],
  [["train", "--resume", "nowhere"], /no run in nowhere/],
  [["train", "--config", "nowhere.yaml"], /no file nowhere\.yaml/],
  [["train", "--flavour", "sweet"], /[Uu]nknown option '--flavour'/],
  [["train", "surplus"], /[Tt]oo many arguments/],
  [["sample", "/nonexistent"], /no run or file \/nonexistent/],
  [["sample", "random.safetensors"], /random\.safetensors is not a valid safetensors file/],
  [["sample", "idx"], /idx is not a run/],
  [["sample"], /[Mm]issing required argument/],
  [["inspect", "random.safetensors"], /not a valid safetensors file/],
  [["inspect", "empty.npy"], /not an NPY file/],
  [["inspect", "idx/train-images-idx3-ubyte"], /claims 4294967295 × 28 × 28/],
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
