// Compared runs: what differs, means over seeds with their errors, and nothing averaged that is not a repetition.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { completeSettings, type GivenSettings, newManifest } from "@neural-langevin/runs";
import { createRun } from "@neural-langevin/runs/node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type ComparedRun,
  compareRuns,
  comparisonFigures,
  comparisonTables,
  tableCsv,
} from "../src/index.js";
import { comparisonFiles, readComparedRuns, writeComparison } from "../src/node.js";

/** A run that ended with the value of one measure. */
const run = (given: GivenSettings, AAI: number, more: Partial<ComparedRun> = {}): ComparedRun => ({
  name: `runs/${JSON.stringify(given)}`,
  state: "finished",
  settings: completeSettings(given),
  dataSha256: "0123456789abcdef",
  metrics: [
    { update: 1, learningRate: 1, dataEnergy: 9 },
    { update: 2, learningRate: 1, dataEnergy: 10 * AAI },
  ],
  evaluations: [{ update: 2, images: 40, AAI, AAI_error: 0.25 }],
  ...more,
});

describe("compared runs", () => {
  it("are one row where they differ by the seed: the mean, and its error between seeds", () => {
    const { differing, measures, groups } = compareRuns([
      run({ rate: 0.1, seed: 1 }, 1),
      run({ rate: 0.01, seed: 1 }, 2),
      run({ rate: 0.1, seed: 2, "split-seed": 2, keep: "last-1" }, 3),
      run({ rate: 0.1, seed: 3, "checkpoint-every": 7 }, 5),
    ]);
    expect(differing).toEqual(["rate"]);
    // What is measured on held-out images comes first; the count of images and the rate are no measures.
    expect(measures).toEqual(["AAI", "dataEnergy"]);
    expect(groups.map(({ settings, runs }) => [settings.rate, runs.length])).toEqual([
      [0.01, 1],
      [0.1, 3],
    ]);
    expect(groups[0]!.measures.AAI).toEqual({ value: 2, standardError: 0.25 });
    expect(groups[0]!.measures.dataEnergy).toEqual({ value: 20, standardError: Number.NaN });
    // 1, 3 and 5: the variance is 4, so that of the mean is 4/3.
    expect(groups[1]!.measures.AAI!.value).toBe(3);
    expect(groups[1]!.measures.AAI!.standardError).toBeCloseTo(Math.sqrt(4 / 3), 12);
  });

  it("that agree by chance are no surer than they were measured", () => {
    const [group] = compareRuns([run({ seed: 1 }, 2), run({ seed: 2 }, 2)]).groups;
    expect(group!.measures.AAI!.value).toBe(2);
    expect(group!.measures.AAI!.standardError).toBeCloseTo(0.25 / Math.SQRT2, 12);
  });

  it("are never averaged where one is a copy, unfinished or of other data", () => {
    const one = run({ seed: 1 }, 1);
    const other = run({ seed: 2 }, 2);
    expect(compareRuns([one, other]).groups).toHaveLength(1);
    const copied = compareRuns([one, { ...one, name: "copy" }]);
    expect(copied.differing).toEqual(["run"]);
    const stopped = compareRuns([one, { ...other, state: "interrupted" }]);
    expect(stopped.differing).toEqual(["state", "update"]);
    const changed = compareRuns([one, { ...other, dataSha256: "f".repeat(64) }]);
    expect(changed.differing).toEqual(["data sha256"]);
    const moved = compareRuns([one, { ...one, name: "moved", dataSha256: "f".repeat(64) }]);
    expect(moved.groups.map(({ settings }) => settings["data sha256"])).toEqual([
      "01234567",
      "ffffffff",
    ]);
  });

  it("are drawn over the number that varies, else side by side, with bars of one error", () => {
    const rates = [1e-3, 1e-2, 1e-1];
    const runs = rates.flatMap((rate) => [1, 2].map((seed) => run({ rate, seed }, rate + seed)));
    const [measures, course] = comparisonFigures(compareRuns(runs));
    const svg = "svg" in measures! ? measures.svg : "";
    expect(svg).toContain(">rate</text>");
    // Two ends for each of three bars, in each of two measures.
    expect(svg.match(/h8/g)).toHaveLength(2 * 2 * 3);
    expect(course!.caption).toContain("over the updates");
    const phases = ["pcd-1", "pcd-10"].map((phase) => run({ "negative-phase": phase }, 1));
    const [beside] = comparisonFigures(compareRuns(phases));
    expect("svg" in beside! ? beside.svg : "").toContain("negative-phase pcd-10");
  });

  it("are tables that a spreadsheet reads", () => {
    const runs = [1, 2].map((seed) => run({ labels: [1, 3], seed }, seed));
    const [groups, each] = comparisonTables(compareRuns([...runs, run({ labels: [6] }, 4)]));
    expect(tableCsv(groups!)).toBe(
      "labels,runs,AAI,AAI_error,dataEnergy,dataEnergy_error\n1+3,2,1.5,0.5,15,5\n6,1,4,0.25,40,\n",
    );
    expect(each!.rows.map(({ seed, AAI }) => [seed, AAI])).toEqual([
      [1, 1],
      [2, 2],
      [1, 4],
    ]);
  });

  it("need one run", () => {
    expect(() => compareRuns([])).toThrow("There is no run to compare.");
  });
});

describe("runs on disk", () => {
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "nlm-comparison-"));
    for (const seed of [1, 2]) {
      const settings = completeSettings({ seed });
      const training = { width: 1, height: 1, count: 1, pixels: Uint8Array.of(1), source: "one" };
      const data = { training: { ...training, labels: undefined }, sha256: "0" };
      const computedBy = { backend: "cpu", device: "", threads: 1 };
      const what = { settings, data, computedBy, versions: {}, state: "finished" } as const;
      const made = await createRun(join(folder, `seed=${seed}`), {
        settings,
        manifest: newManifest(what),
      });
      await made.addMetrics({ update: 4, dataEnergy: seed });
      await made.close();
    }
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it("are found by their own names, and in the folder of a sweep", async () => {
    const all = await readComparedRuns([folder, join(folder, "seed=2")]);
    expect(all.map(({ settings }) => settings.seed)).toEqual([1, 2]);
    await expect(readComparedRuns([join(folder, "seed=1", "checkpoints")])).rejects.toThrow(
      /There is no run in .*checkpoints, nor in a folder below it/,
    );
  });

  it("bring along held-out measures, and are written as tables and figures", async () => {
    writeFileSync(
      join(folder, "seed=1", "evaluations.jsonl"),
      '{"update":2,"AAI":0.1,"AAI_error":0.02}\n{"update":4,"AAI":0.05,"AAI_error":0.01}\n',
    );
    const [first] = await readComparedRuns([join(folder, "seed=1")]);
    const comparison = compareRuns([first!]);
    expect(comparison.groups[0]!.measures.AAI).toEqual({ value: 0.05, standardError: 0.01 });
    const written = await writeComparison(join(folder, "out"), comparison, async () =>
      Uint8Array.of(1),
    );
    expect(written).toEqual(comparisonFiles(join(folder, "out")));
    expect(written).toHaveLength(8);
    expect(readFileSync(written[0]!, "utf8")).toContain("\n1,0.05,0.01,1,\n");
  });
});
