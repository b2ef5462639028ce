// Learning rates are tried from one start, up to the first that diverges, and the careful one of the best is named.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createCpuBackend } from "@neural-langevin/backend-cpu";
import type { VectorSet } from "@neural-langevin/datasets";
import { completeSettings, prepareData } from "@neural-langevin/runs";
import { afterEach, beforeEach, expect, it } from "vitest";
import { suggestRate, type TriedRate, trialRates, tryRates } from "../src/index.js";
import { writeRates } from "../src/rates/files.js";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "nlm-rates-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const set: VectorSet = {
  count: 60,
  shape: [5],
  values: Float32Array.from({ length: 300 }, (_, at) => Math.sin(at) + Math.cos(at * (at % 5))),
  labels: undefined,
  source: "waves",
};
const settings = completeSettings({
  encoding: "z-score",
  "held-out": 20,
  chains: 10,
  batch: 20,
  updates: 12,
  "step-size": 0.05,
  optimizer: "sgd",
});

it("tries them in order from the same start, and stops at the first that diverges", async () => {
  expect(trialRates.length).toBe(11);
  expect([trialRates[0], trialRates[4], trialRates[10]]).toEqual([1e-5, 1e-3, 1]);
  await using backend = await createCpuBackend({ build: "plain", threads: 1 });
  const data = await prepareData(set, settings);
  const all = async () => {
    const tried: TriedRate[] = [];
    const rates = [1e-9, 0.05, 300, 3000];
    for await (const one of tryRates({ backend, settings, data, rates })) tried.push(one);
    return tried;
  };
  const tried = await all();
  expect(tried.map(({ rate }) => rate)).toEqual([1e-9, 0.05, 300]);
  expect(tried.map(({ diverged }) => diverged !== undefined)).toEqual([false, false, true]);
  expect(tried[0]!.measures.AAI).not.toBe(tried[1]!.measures.AAI);
  expect(await all()).toEqual(tried);

  const files = await writeRates(folder, tried, "AAI", async () => new Uint8Array(3));
  expect(files.map((file) => file.slice(folder.length + 1))).toEqual([
    "rates.csv",
    "rates.svg",
    "rates.png",
  ]);
  const lines = readFileSync(files[0]!, "utf8").split("\n");
  expect(lines[0]).toMatch(/^rate,diverged after update,images,A_S/);
  expect(lines[3]).toMatch(/^300,\d+,,/);

  const few = await prepareData(set, { ...settings, "held-out": 1 });
  const refused = tryRates({ backend, settings, data: few }).next();
  await expect(refused).rejects.toMatchObject({ code: "invalid-value" });
});

it("names the smallest rate that the best one cannot be told from", () => {
  const row = (rate: number, AAI: number | null, AAI_error = 0.01): TriedRate => ({
    rate,
    diverged: undefined,
    measures: { AAI, AAI_error, legible: 1 - (AAI ?? 0), legible_error: 0.001 },
  });
  const tried = [row(1e-4, 0.2), row(1e-3, 0.105), row(1e-2, 0.1), row(0.1, 0.3), row(1, null)];
  expect(suggestRate(tried, "AAI")?.rate).toBe(1e-3);
  // More is better of this one, and its error tells the two apart.
  expect(suggestRate(tried.slice(0, 4), "legible")?.rate).toBe(1e-2);
  expect(suggestRate([row(1, null)], "AAI")).toBeUndefined();
});
