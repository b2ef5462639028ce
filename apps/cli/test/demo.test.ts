// The demo from end to end on real MNIST, with little training: what it writes, not how good it is.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parsePng } from "@neural-langevin/datasets";
import { decodeNetwork } from "@neural-langevin/runs";
import { expect, it } from "vitest";
import { nlm } from "./command.js";

it("nlm demo writes pictures, curve, machine and summary", { timeout: 180_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), "nlm-demo-"));
  try {
    const { status, stdout, stderr } = await nlm(["demo", "--updates", "40", "--json"], folder);
    expect(status, stderr).toBe(0);
    const summary = JSON.parse(stdout);
    const read = (name: string) => readFileSync(join(folder, summary.files[name]));
    expect(JSON.parse(read("summary").toString())).toEqual(summary);
    expect(parsePng(read("grid"), "grid").width).toBeGreaterThan(1000);
    expect(parsePng(read("curve"), "curve").width).toBeGreaterThan(1000);
    const manifest = JSON.parse(readFileSync(join(folder, "runs/demo/manifest.json"), "utf8"));
    expect(manifest).toMatchObject({ state: "finished", scale: "quick", seed: 3 });
    const { units, couplings } = decodeNetwork(read("checkpoint"), "machine");
    expect(units).toBe(784);
    expect(couplings.some((value) => value !== 0)).toBe(true);
    for (const reading of [summary.atTrainingTemperature, summary.cooledToZero]) {
      expect(reading.images).toBe(256);
      expect(Object.keys(reading.classes)).toEqual(["1", "3", "6"]);
    }
    expect(summary.peakMemoryBytes).toBeLessThan(1e9);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
