// A training that is evaluated along its way is the training that is not; its evaluations are the same however often it is
// stopped, and may end it.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createCpuBackend } from "@neural-langevin/backend-cpu";
import {
  type Backend,
  LangevinError,
  type Progress,
  readTrainingState,
  type TrainingState,
} from "@neural-langevin/core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  bestEvaluation,
  completeSettings,
  computedBy,
  type GivenSettings,
  type HeldOutEvaluation,
  newManifest,
  prepareData,
  type RunSink,
  type RunTraining,
  sessionOf,
  trainRun,
} from "../src/index.js";
import { createRun, openRun } from "../src/node.js";
import { codeOf, MemorySink } from "./known.js";

let backend: Backend;
beforeAll(async () => {
  backend = await createCpuBackend({ build: "plain", threads: 1 });
});
afterAll(() => backend.close());

const images = {
  width: 3,
  height: 2,
  count: 20,
  pixels: Uint8Array.from({ length: 20 * 6 }, (_, at) => ((at + Math.floor(at / 6)) % 3) * 100),
  labels: undefined,
  source: "stripes",
};
const settingsWith = (more: GivenSettings) =>
  completeSettings({
    "held-out": 4,
    chains: 5,
    batch: 8,
    updates: 12,
    rate: 0.02,
    "step-size": 0.05,
    "checkpoint-every": 5,
    ...more,
  });
const data = await prepareData(images, settingsWith({}));

/** A measure of J that any change of a bit would show. */
const evaluate: HeldOutEvaluation = async ({ network }) => ({
  E2: network.couplings.reduce((sum, value) => sum + value ** 2, 0),
});

async function training(
  settings: ReturnType<typeof settingsWith>,
  sink: RunSink,
  more: Partial<RunTraining> = {},
): Promise<TrainingState> {
  await using session = await backend.open(sessionOf(settings, data));
  let update = more.from?.update ?? 0;
  for await (const report of trainRun({ session, settings, data, sink, evaluate, ...more })) {
    update = report.update;
  }
  return await readTrainingState(session, update);
}

const updatesOf = (rows: readonly { readonly update: number }[]) => rows.map((row) => row.update);

describe("evaluations along a training", () => {
  const settings = settingsWith({ "evaluate-every": 4 });

  it("leave its bits as they are, also with averaged parameters", async () => {
    for (const more of [{}, { "average-from": 0.5 }]) {
      const [plain, evaluated] = [new MemorySink(), new MemorySink()];
      const expected = await training(settingsWith(more), plain);
      const found = await training(settingsWith({ ...more, "evaluate-every": 5 }), evaluated);
      expect(found).toEqual(expected);
      expect(evaluated.rows).toEqual(plain.rows);
      expect(evaluated.checkpoints).toEqual(plain.checkpoints);
      expect(plain.evaluations).toEqual([]);
    }
  });

  it("are made at the start, when they are due and at the end, of what the checkpoint there holds", async () => {
    const sink = new MemorySink();
    await training(settingsWith({ "evaluate-every": 5, "average-from": 0.5 }), sink);
    expect(updatesOf(sink.evaluations)).toEqual([0, 5, 10, 12]);
    for (const { update, couplings, averages } of sink.checkpoints) {
      const parameters = averages?.subarray(0, couplings.length) ?? couplings;
      const E2 = parameters.reduce((sum, value) => sum + value ** 2, 0);
      expect(sink.evaluations.find((row) => row.update === update)).toEqual({ update, E2 });
    }
  });

  it("have no gap and no row twice where the training was stopped, in the middle of one or not", async () => {
    const whole = new MemorySink();
    const expected = await training(settings, whole, { reportEvery: 1 });
    expect(updatesOf(whole.evaluations)).toEqual([0, 4, 8, 12]);
    for (const stop of [0, 4, 8, 9]) {
      const sink = new MemorySink();
      const signal = { aborted: false };
      const onProgress = ({ done }: Progress) => {
        signal.aborted = done === stop - 1;
      };
      signal.aborted = stop === 0;
      const interrupted: HeldOutEvaluation = async (machine, work) => {
        if (work.signal?.aborted && stop > 0) throw new LangevinError("aborted", "Stopped.");
        return evaluate(machine, work);
      };
      const more = { signal, onProgress, evaluate: interrupted, reportEvery: 1 };
      expect(await codeOf(training(settings, sink, more))).toBe("aborted");
      const from = sink.checkpoints.at(-1)!;
      expect(from.update).toBe(stop);
      expect(await training(settings, sink, { from, reportEvery: 1 })).toEqual(expected);
      expect(sink.evaluations).toEqual(whole.evaluations);
      expect(sink.rows).toEqual(whole.rows);
    }
  });

  it("of chains that diverge have no measures, and the training goes on", async () => {
    const sink = new MemorySink();
    const failing: HeldOutEvaluation = async (machine, work) => {
      if (sink.evaluations.length === 1) throw new LangevinError("diverged", "Not finite.");
      return evaluate(machine, work);
    };
    await training(settings, sink, { evaluate: failing });
    expect(sink.evaluations.map((row) => Object.keys(row))).toEqual([
      ["update", "E2"],
      ["update"],
      ["update", "E2"],
      ["update", "E2"],
    ]);
  });

  it("are refused where nothing makes or keeps them", async () => {
    const { addMetrics, writeCheckpoint, setState } = MemorySink.prototype;
    const deaf = { rows: [], checkpoints: [], states: [], addMetrics, writeCheckpoint, setState };
    expect(await codeOf(training(settings, deaf))).toBe("invalid-value");
    const silent = training(settings, new MemorySink(), { evaluate: undefined });
    expect(await codeOf(silent)).toBe("invalid-value");
  });
});

describe("patience", () => {
  /** Measures that come in turn. */
  const inTurn = (values: readonly (number | null)[]): HeldOutEvaluation => {
    let next = 0;
    return async () => ({ E2: values[next++] ?? null });
  };
  const settings = settingsWith({
    "evaluate-every": 2,
    patience: 2,
    "stop-on": "E2",
    "checkpoint-every": 100,
  });

  it("ends a training once so many evaluations were no better, and keeps the best machine", async () => {
    const sink = new MemorySink();
    const state = await training(settings, sink, { evaluate: inTurn([5, 3, 4, null, 1]) });
    expect(state.update).toBe(6);
    expect(updatesOf(sink.evaluations)).toEqual([0, 2, 4, 6]);
    expect(updatesOf(sink.checkpoints)).toEqual([0, 2, 6]);
    const best = { update: 2, value: 3 };
    expect(sink.stops.at(-1)).toEqual({ update: 6, measure: "E2", best });
    expect(sink.states.at(-1)).toBe("finished");

    const again = await training(settings, sink, { from: sink.checkpoints.at(-1)! });
    expect(again).toEqual(state);
    expect(updatesOf(sink.evaluations)).toEqual([0, 2, 4, 6]);
    expect(sink.stops.at(-1)).toEqual({ update: 6, measure: "E2", best });
  });

  it("never ends one that keeps getting better, and ties are not better", async () => {
    const better = new MemorySink();
    await training(settings, better, { evaluate: inTurn([9, 8, 9, 7, 8, 6, 5]) });
    expect(updatesOf(better.evaluations)).toEqual([0, 2, 4, 6, 8, 10, 12]);
    expect(better.stops.at(-1)).toBeUndefined();
    const ties = new MemorySink();
    await training(settings, ties, { evaluate: inTurn([3, 3, 3, 3]) });
    expect(updatesOf(ties.evaluations)).toEqual([0, 2, 4]);
  });

  it("knows which values are better", () => {
    const rows = [
      { update: 1, legible: 0.2, AAI: 0.2 },
      { update: 2, legible: 0.7, AAI: 0.1 },
      { update: 3, legible: null, AAI: 0.3 },
    ];
    expect(bestEvaluation(rows, "legible")).toEqual({ update: 2, value: 0.7 });
    expect(bestEvaluation(rows, "AAI")).toEqual({ update: 2, value: 0.1 });
    expect(bestEvaluation(rows, "E2")).toBeUndefined();
  });

  it("is refused at the first evaluation where its measure is none of these data's", async () => {
    const other = { ...settings, "stop-on": "legible" } as const;
    const sink = new MemorySink();
    await expect(training(other, sink)).rejects.toThrow(/legible, which is not measured/);
    expect(sink.rows).toEqual([]);
  });
});

describe("in a run folder", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "nlm-evaluated-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("rows that came after the checkpoint are made again, and the clock goes on", async () => {
    const settings = settingsWith({ "evaluate-every": 3, keep: "last-1" });
    const manifest = newManifest({ settings, data, computedBy: computedBy(backend), versions: {} });
    const whole = await createRun(join(folder, "whole"), { settings, manifest });
    await training(settings, whole);
    const rows = (run: string, name: string) => readFileSync(join(folder, run, name), "utf8");
    expect(updatesOf(whole.evaluations)).toEqual([0, 3, 6, 9, 12]);

    // Killed at update 9: the last checkpoint is that of update 5.
    const killed = await createRun(join(folder, "killed"), { settings, manifest });
    await using session = await backend.open(sessionOf(settings, data));
    const begun = { session, settings, data, sink: killed, evaluate };
    for await (const { update } of trainRun(begun)) if (update === 9) break;
    await killed.close();
    const run = await openRun(join(folder, "killed"));
    expect(updatesOf(run.evaluations)).toEqual([0, 3, 6, 9]);
    await run.lock();
    const from = await run.resume();
    expect(from.update).toBe(5);
    expect(updatesOf(run.evaluations)).toEqual([0, 3]);
    await training(settings, run, { from });
    for (const name of ["metrics.jsonl", "evaluations.jsonl", "files.txt"]) {
      expect(rows("killed", name), name).toBe(rows("whole", name));
    }
    const times = rows("killed", "times.jsonl")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(updatesOf(times)).toEqual(updatesOf(run.metrics));
    for (const name of ["seconds", "time"]) {
      const values = times.map((row) => row[name]);
      expect(values).toEqual([...values].sort((a, b) => a - b));
      expect(values.every(Number.isFinite)).toBe(true);
    }
    await run.close();
    await whole.close();
  });

  it("says why a training ended, and forgets it when it goes on", async () => {
    const settings = settingsWith({ "evaluate-every": 2, patience: 1, "stop-on": "E2" });
    const manifest = newManifest({ settings, data, computedBy: computedBy(backend), versions: {} });
    await using run = await createRun(join(folder, "run"), { settings, manifest });
    const constant: HeldOutEvaluation = async () => ({ E2: 1 });
    await training(settings, run, { evaluate: constant });
    const stopped = { update: 2, measure: "E2", best: { update: 0, value: 1 } };
    expect(await run.readManifest()).toMatchObject({ state: "finished", stopped });
    expect(await run.checkpoints()).toEqual([0, 2]);
    const from = await run.resume();
    await training({ ...settings, patience: 0 }, run, { from, evaluate: constant });
    expect(await run.readManifest()).not.toHaveProperty("stopped");
    expect(updatesOf(run.evaluations)).toEqual([0, 2, 4, 6, 8, 10, 12]);
  });
});
