// A run on data with missing numbers, with tempered chains: it learns what is known, keeps whole samples back, and goes on
// from its files bit for bit.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createCpuBackend } from "@neural-langevin/backend-cpu";
import { encodeNpy } from "@neural-langevin/datasets";
import { afterEach, beforeEach, expect, it } from "vitest";
import { completeSettings, type GivenSettings, sessionOf, trainRun } from "../src/index.js";
import { beginTraining, loadData, openRun, resumeTraining } from "../src/node.js";
import { codeOf, MemorySink } from "./known.js";

let folder: string;
const at = (name: string) => join(folder, name);
/** 40 samples of six numbers; every third sample is whole, and of the others one number in three is missing. */
const values = Float32Array.from({ length: 40 * 6 }, (_, place) => {
  const row = Math.floor(place / 6);
  return row % 3 > 0 && place % 3 === row % 2 ? Number.NaN : 5 + Math.sin(place) * (place % 6);
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "nlm-missing-"));
  writeFileSync(at("gaps.npy"), encodeNpy(values, [40, 6]));
});
afterEach(() => rmSync(folder, { recursive: true }));

const settingsWith = (more: GivenSettings = {}) =>
  completeSettings({
    data: at("gaps.npy"),
    encoding: "z-score",
    missing: "pin",
    "negative-phase": "tempering-5",
    ladder: [1, 1.5, 2],
    clip: 2,
    "held-out": 4,
    chains: 5,
    batch: 8,
    updates: 6,
    rate: 0.02,
    "step-size": 0.05,
    "checkpoint-every": 4,
    ...more,
  });
const open = async () => ({
  name: "cpu",
  backend: await createCpuBackend({ build: "plain", threads: 1 }),
});

it("marks what is known, and keeps whole samples back", async () => {
  const data = await loadData(settingsWith());
  const { training, heldOut, known, split, states } = data;
  expect([training.count, heldOut.count]).toEqual([36, 4]);
  expect(split.heldOut.every((place) => place % 3 === 0)).toBe(true);
  split.training.forEach((place, row) => {
    for (let unit = 0; unit < 6; unit++) {
      const isKnown = !Number.isNaN(values[6 * place + unit]);
      expect(known![6 * row + unit]).toBe(Number(isKnown));
      // A missing number begins at the mean of its place, which z-scores put at 0.
      if (!isKnown) expect(Math.abs(states[6 * row + unit]!)).toBeLessThan(1e-6);
    }
  });
  expect(await codeOf(loadData(settingsWith({ missing: "refuse" })))).toBe("bad-file");
  expect(await codeOf(loadData(settingsWith({ "held-out": 20 })))).toBe("invalid-value");
});

it("goes on from its last checkpoint as if it had never been killed", async () => {
  const finish = async (name: string, stop?: number) => {
    const training = stop
      ? await beginTraining(at(name), { settings: settingsWith(), versions: {}, open })
      : await resumeTraining(at(name), { versions: {}, open });
    const { settings, data, run, from } = training;
    await using backend = training.backend;
    await using _run = run;
    await using session = await backend.open(sessionOf(settings, data));
    const whole = { session, backend, settings, data, sink: run, from };
    for await (const { update } of trainRun(whole)) if (update === stop) break;
  };
  await finish("whole", 6);
  await finish("killed", 5);
  await finish("killed");
  const files = await Promise.all(
    ["whole", "killed"].map(async (name) => (await openRun(at(name))).checkpointFile(6)),
  );
  const [expected, found] = files.map((file) => readFileSync(file));
  expect(found).toEqual(expected);
  const checkpoint = await (await openRun(at("whole"))).resume();
  expect(checkpoint.hot!.length).toBe(5 * 2 * 6);
  const { ladder: given } = settingsWith();
  expect([checkpoint.ladder![0], checkpoint.ladder![2]]).toEqual([given![0], given![2]]);
  expect(checkpoint.ladder![1]).not.toBe(given![1]);
  expect(checkpoint.missing!.length).toBeGreaterThan(36);
  expect(checkpoint.missing!.every((x) => Number.isFinite(x) && x !== 0)).toBe(true);
});

it("is refused where it cannot be: no backend, no steps, a ladder that begins elsewhere", async () => {
  const settings = settingsWith();
  const data = await loadData(settings);
  await using backend = (await open()).backend;
  await using session = await backend.open(sessionOf(settings, data));
  const alone = trainRun({ session, settings, data, sink: new MemorySink() });
  expect(await codeOf(alone.next())).toBe("invalid-value");
  for (const more of [
    { "negative-phase": "none", ladder: undefined },
    { ladder: [2, 3] },
    { ladder: undefined },
  ]) {
    const settings = settingsWith(more);
    const begun = beginTraining(at("none"), { settings, versions: {}, open });
    expect(await codeOf(begun)).toBe("invalid-value");
    expect(await codeOf(openRun(at("none")))).toBe("not-found");
  }
});
