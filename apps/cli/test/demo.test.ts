// The demo from end to end on real MNIST, with little training: what it writes, not how good it is.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseNpy, parsePng } from "@neural-langevin/datasets";
import { decodeNetwork } from "@neural-langevin/runs";
import { expect, it } from "vitest";
import { nlm } from "./command.js";

const inFolder = async (args: readonly string[], check: (folder: string, out: string) => void) => {
  const folder = mkdtempSync(join(tmpdir(), "nlm-demo-"));
  try {
    const { status, stdout, stderr } = await nlm(["demo", ...args, "--json"], folder);
    expect(status, stderr).toBe(0);
    check(folder, stdout);
  } finally {
    rmSync(folder, { recursive: true });
  }
};

it("nlm demo writes pictures, images, curve, machine and summary", { timeout: 400_000 }, () =>
  inFolder(["--updates", "10"], (folder, stdout) => {
    const summary = JSON.parse(stdout);
    const read = (name: string) => readFileSync(join(folder, summary.files[name]));
    expect(JSON.parse(read("summary").toString())).toEqual(summary);
    expect(parsePng(read("grid"), "grid").width).toBeGreaterThan(1000);
    expect(parsePng(read("curve"), "curve").width).toBeGreaterThan(1000);
    const { shape, values } = parseNpy(read("images"), "images");
    expect(shape).toEqual([250, 28, 28]);
    expect(values).toBeInstanceOf(Float32Array);
    expect((values as Float32Array).every((level) => level >= 0 && level <= 1)).toBe(true);
    const manifest = JSON.parse(readFileSync(join(folder, "runs/demo/manifest.json"), "utf8"));
    expect(manifest).toMatchObject({ state: "finished", scale: "quick", seed: 1 });
    const { units, labelUnits, sampling } = decodeNetwork(read("checkpoint"), "machine");
    expect([units, labelUnits?.pixels, labelUnits?.copies]).toEqual([884, 784, 5]);
    const { count, shares = [] } = labelUnits?.kinds ?? {};
    expect([count, shares.length]).toEqual([2, 20]);
    expect(Math.min(...shares)).toBeGreaterThan(0.3);
    expect(sampling).toMatchObject({ dt: 0.04, temperature: 1 });
    expect(sampling?.chainStart?.mean).toHaveLength(884);
    const digits = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];
    expect(Object.keys(summary.asked.asked.each)).toEqual(digits);
    expect([summary.asked.images, summary.free.images]).toEqual([250, 80]);
    expect(summary.accuracy.value).toBeGreaterThan(0);
    // The control needs no machine; the judge reads 177 of its 250 images.
    expect(summary.classMeans.asked.all.value).toBeCloseTo(0.708, 3);
    expect(summary.classMeans.varianceRatio.value).toBeLessThan(0.1);
    expect(summary.peakMemoryBytes).toBeLessThan(1.5e9);
  }),
);

it("nlm demo --no-label-units learns the digits it is told", { timeout: 400_000 }, () =>
  inFolder(["--labels", "1,3,6", "--no-label-units", "--updates", "4"], (_, stdout) => {
    const { settings, asked, accuracy, free } = JSON.parse(stdout);
    expect(settings).toMatchObject({
      labels: [1, 3, 6],
      "label-units": 0,
      "label-kinds": 1,
      gain: 6,
      "step-size": 0.07,
      rate: 4e-4,
    });
    expect([asked, accuracy]).toEqual([undefined, undefined]);
    expect(Object.keys(free.classShares)).toEqual(["1", "3", "6"]);
  }),
);
