// A sweep is one description of a training over a grid and seeds: its members have stable names, every process takes a
// share of its own, and a sweep that is stopped goes on bit for bit.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createCpuBackend } from "@neural-langevin/backend-cpu";
import { isLangevinError, LangevinError } from "@neural-langevin/core";
import { encodeNpy } from "@neural-langevin/datasets";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { piecesOf, readShard, sessionOf, sweepMembers, trainRun } from "../src/index.js";
import {
  beginTraining,
  type MemberPlace,
  openRun,
  readSweepFile,
  resumeTraining,
  runSweep,
} from "../src/node.js";

/** What an error says, with its remedy. */
const saidBy = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    if (isLangevinError(error)) return `${error.message} ${error.remedy ?? ""}`.trim();
    throw error;
  }
  return "nothing thrown";
};

describe("the members of a sweep", () => {
  const names = (content: unknown) => sweepMembers(content, "s.yaml").map(({ name }) => name);

  it("are every combination of its grid with every seed, called by what they do not share", () => {
    const content = {
      settings: { updates: 7 },
      grid: { dt: ["1e-1", 0.05], labels: [[6, 1], 3] },
      seeds: 2,
    };
    const members = sweepMembers(content, "s.yaml");
    expect(members.map(({ name }) => name)).toEqual([
      "step-size=0.1,labels=1-6,seed=1",
      "step-size=0.1,labels=1-6,seed=2",
      "step-size=0.1,labels=3,seed=1",
      "step-size=0.1,labels=3,seed=2",
      "step-size=0.05,labels=1-6,seed=1",
      "step-size=0.05,labels=1-6,seed=2",
      "step-size=0.05,labels=3,seed=1",
      "step-size=0.05,labels=3,seed=2",
    ]);
    expect(members[5]!.settings).toMatchObject({
      updates: 7,
      "step-size": 0.05,
      labels: [1, 6],
      seed: 2,
      "split-seed": 1,
    });
  });

  it("keep their names when values and seeds are added", () => {
    const before = names({ grid: { rate: [1e-3] }, seeds: [4] });
    const after = names({ grid: { rate: [1e-2, 1e-3] }, seeds: [4, 9] });
    expect(after).toHaveLength(4);
    expect(after).toContain(before[0]);
  });

  it("keep back the same images, unless the sweep is over that", () => {
    const splits = (content: unknown) =>
      sweepMembers(content, "s.yaml").map(({ settings }) => settings["split-seed"]);
    expect(splits({ seeds: [8, 9] })).toEqual([8, 8]);
    expect(splits({ settings: { "split-seed": 3 }, seeds: [8, 9] })).toEqual([3, 3]);
    expect(splits({ settings: { seed: 5 }, grid: { rate: [1, 2] } })).toEqual([5, 5]);
    expect(splits({ grid: { "split-seed": [3, 4] } })).toEqual([3, 4]);
  });

  it("have folders whose names are safe and short, and differ", () => {
    expect(names({ grid: { data: ["/data/a b.npy", "mnist"] } })).toEqual([
      "data=-data-a-b.npy",
      "data=mnist",
    ]);
    const long = names({ grid: { data: ["a", "b"].map((end) => `${"x".repeat(400)}${end}`) } });
    expect(long.map((name) => name.length)).toEqual([200, 200]);
    expect(new Set(long).size).toBe(2);
    expect(saidBy(() => names({ grid: { data: ["a b", "a?b"] } }))).toBe(
      "s.yaml has two trainings that would be called data=a-b. " +
        "Name their values so that they differ in letters or digits.",
    );
  });

  it.each([
    ["is no description", [], "s.yaml does not describe a sweep. Write a grid"],
    ["varies nothing", { settings: { rate: 1 } }, "neither a grid with settings nor seeds"],
    ["has an empty grid", { grid: {} }, "neither a grid with settings nor seeds"],
    ["has an empty list", { grid: { rate: [] } }, "s.yaml: grid.rate is an empty list of values"],
    [
      "has no list",
      { grid: { rate: 1 } },
      "s.yaml: grid.rate is not a list of values. Write rate:",
    ],
    [
      "has a setting at the top",
      { rate: 1, seeds: 2 },
      "rate is not part of a sweep. Put rate below",
    ],
    ["has an unknown part", { sedes: 2 }, "sedes is not part of a sweep. The parts are settings,"],
    ["has an unknown setting", { settings: { lr: 1 }, seeds: 2 }, "s.yaml: lr is not a setting."],
    ["varies an unknown setting", { grid: { lr: [1] } }, "s.yaml: grid.lr is not a setting."],
    ["has a bad value", { grid: { rate: [1, -1] } }, "s.yaml: grid.rate takes a positive number"],
    ["has a value twice", { grid: { rate: [1, "1.0"] } }, "s.yaml: grid.rate has 1 twice."],
    ["varies what is fixed", { settings: { dt: 1 }, grid: { "step-size": [1] } }, "given twice"],
    ["varies one setting by two names", { grid: { dt: [1], "step-size": [2] } }, "by two names"],
    ["has a seed in its grid", { grid: { seed: [1, 2] } }, "Write `seeds: [1, 2, 3]` beside grid"],
    [
      "has a seed and seeds",
      { settings: { seed: 1 }, seeds: 2 },
      "seed is given in settings and by seeds",
    ],
    [
      "has no seeds",
      { seeds: 0 },
      "s.yaml: seeds takes a number of seeds or a list of them, not 0",
    ],
    ["is too large", { grid: { gain: [1, 2] }, seeds: 60_000 }, "120000 trainings, more than"],
    [
      "cannot be trained",
      { settings: { thin: 9 }, grid: { "negative-phase": ["time-average-5"] } },
      "s.yaml, negative-phase=time-average-5:",
    ],
    ["varies what has no effect", { grid: { thin: [1, 2] } }, "s.yaml, thin=1: thin only affects"],
    ["shares what has no effect", { settings: { thin: 2 }, seeds: 2 }, "s.yaml: thin only affects"],
  ])("are refused in a sentence where it %s", (_, content, sentence) => {
    expect(saidBy(() => names(content))).toContain(sentence);
  });

  it("may share what has an effect in some of them", () => {
    const content = {
      settings: { "burn-in": 100 },
      grid: { "negative-phase": ["pcd-5", "time-average-200"] },
    };
    expect(names(content)).toHaveLength(2);
  });
});

describe("a shard", () => {
  const array = (id: number, min: number, count: number, step = 1) => ({
    SLURM_ARRAY_TASK_ID: String(id),
    SLURM_ARRAY_TASK_MIN: String(min),
    SLURM_ARRAY_TASK_COUNT: String(count),
    SLURM_ARRAY_TASK_STEP: String(step),
  });

  it("is every n-th piece, and all shards together are all pieces once", () => {
    const pieces = ["a", "b", "c", "d", "e", "f", "g"];
    const shards = [0, 1, 2].map((index) => piecesOf(pieces, { index, count: 3 }));
    expect(shards).toEqual([
      ["a", "d", "g"],
      ["b", "e"],
      ["c", "f"],
    ]);
  });

  it("is what the flag says, else that of a task of a Slurm array or a pod of Kubernetes", () => {
    expect(readShard("2/4", {})).toEqual({ index: 1, count: 4 });
    expect(readShard(undefined, {})).toBeUndefined();
    expect(readShard(undefined, array(7, 5, 4))).toEqual({ index: 2, count: 4 });
    expect(readShard(undefined, array(8, 0, 3, 4))).toEqual({ index: 2, count: 3 });
    expect(readShard("1/2", array(7, 5, 4))).toEqual({ index: 0, count: 2 });
    expect(readShard("4", { JOB_COMPLETION_INDEX: "0" })).toEqual({ index: 0, count: 4 });
    expect(readShard("4", { JOB_COMPLETION_INDEX: "3" })).toEqual({ index: 3, count: 4 });
  });

  it.each([
    ["0/4", {}, "--shard takes i/n with i from 1 to n"],
    ["5/4", {}, 'not "5/4"'],
    ["half", {}, 'not "half"'],
    ["4", {}, "JOB_COMPLETION_INDEX is not set. For example, --shard 1/4"],
    ["4", { JOB_COMPLETION_INDEX: "4" }, "--shard 4 is not above the JOB_COMPLETION_INDEX 4."],
    [undefined, { JOB_COMPLETION_INDEX: "1" }, "nothing says of how many. Give --shard N"],
    [undefined, array(7, 1, 3), "The task 7 of the job array is not among 3 tasks from 1"],
  ])("of %j is refused where it is none", (text, environment, sentence) => {
    expect(saidBy(() => readShard(text, environment))).toContain(sentence);
  });
});

describe("a sweep on disk", () => {
  let folder: string;
  const at = (...names: string[]) => join(folder, ...names);
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "nlm-sweep-"));
    const pixels = Uint8Array.from({ length: 30 * 9 }, (_, place) => ((place * 7919) % 31) * 8);
    writeFileSync(at("images.npy"), encodeNpy(pixels, [30, 3, 3]));
    const yaml =
      "settings: {data: images.npy, held-out: 4, chains: 4, batch: 4, updates: 9, checkpoint-every: 3}\n" +
      "grid: {rate: [1e-3, 1e-2]}\nseeds: 2\n";
    writeFileSync(at("sweep.yaml"), yaml);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  /** Trains a member; `stop` is asked before every update. */
  async function train(place: MemberPlace, stop: () => boolean = () => false): Promise<void> {
    const name = "cpu:plain";
    const open = async () => ({
      name,
      backend: await createCpuBackend({ build: "plain", threads: 1 }),
    });
    const { settings, data, run, backend, from } =
      "resume" in place
        ? await resumeTraining(place.resume, { open, versions: {} })
        : await beginTraining(place.out, { ...place, open, versions: {} });
    try {
      await using session = await backend.open(sessionOf(settings, data));
      for await (const _ of trainRun({ session, settings, data, sink: run, from })) {
        // As a process that is killed: nothing is written any more.
        if (stop()) throw new TypeError("killed");
      }
    } finally {
      await run.close();
      await backend.close();
    }
  }

  const states = async (out: string, one: typeof train, count?: number) => {
    const members = await readSweepFile(at("sweep.yaml"));
    const found: string[] = [];
    const taken = members.slice(0, count);
    for await (const { state } of runSweep(at(out), taken, (place) => one(place))) {
      found.push(state);
    }
    return found;
  };

  /** Everything that a sweep leaves but for what says when. */
  const bytes = (out: string) =>
    readdirSync(at(out), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !/^(manifest\.json|times\.jsonl)$/.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name))
      .sort()
      .map((file) => [file.slice(at(out).length), readFileSync(file, "base64")]);

  it("trains every member into a run of its own, and passes over those that are finished", async () => {
    expect(await states("plain", train)).toEqual(Array(4).fill("finished"));
    expect(readdirSync(at("plain")).sort()).toEqual([
      "rate=0.001,seed=1",
      "rate=0.001,seed=2",
      "rate=0.01,seed=1",
      "rate=0.01,seed=2",
    ]);
    const unused = () => Promise.reject(new TypeError("Nothing is left to train."));
    expect(await states("plain", unused)).toEqual(Array(4).fill("finished"));
  });

  it("goes on after it was killed anywhere, bit for bit", async () => {
    let update = 0;
    for (const last of [0, 5, 13, 22, 31]) {
      const stopped = states("killed", (place) => train(place, () => ++update > last));
      await expect(stopped).rejects.toThrow("killed");
    }
    expect(await states("killed", train)).toEqual(Array(4).fill("finished"));
    expect(bytes("killed")).toEqual(bytes("plain"));
  });

  it("leaves alone a run that another process trains, and goes on with the others", async () => {
    await states("shared", train, 1);
    const first = await readSweepFile(at("sweep.yaml"));
    const run = await openRun(at("shared", first[0]!.name));
    await run.updateManifest({ state: "running" });
    await run.lock();
    expect(await states("shared", train)).toEqual(["in-use", ...Array(3).fill("finished")]);
    await run.close();
    // Another process begins and ends the run between the look at it and the training.
    const late = states(
      "late",
      async (place) => {
        await train(place);
        throw new LangevinError("exists", "There is a run already.");
      },
      1,
    );
    expect(await late).toEqual(["in-use"]);
  });

  it("refuses a run with other settings before anything is trained", async () => {
    const [member] = await readSweepFile(at("sweep.yaml"));
    const place = { settings: { ...member!.settings, rate: 0.5 }, overwrite: false } as const;
    await train({ ...place, out: at("other", member!.name) });
    const unused = () => Promise.reject(new TypeError("trained"));
    await expect(states("other", unused)).rejects.toThrow(
      /rate=0.001,seed=1 has rate: 0.5, but the sweep says 0.001/,
    );
  });

  it("notes a training that diverges, and does not repeat it", async () => {
    writeFileSync(
      at("diverging.yaml"),
      readFileSync(at("sweep.yaml"), "utf8").replace("rate: [1e-3", "rate: [1e30"),
    );
    const members = await readSweepFile(at("diverging.yaml"));
    const sweep = async () => {
      const found: string[] = [];
      for await (const { state } of runSweep(at("diverging"), members, (place) => train(place))) {
        found.push(state);
      }
      return found;
    };
    const first = await sweep();
    expect(first).toEqual(["diverged", "diverged", "finished", "finished"]);
    expect(await sweep()).toEqual(first);
  });

  it("names the file and the place where its YAML is broken", async () => {
    mkdirSync(at("broken"));
    writeFileSync(at("broken", "sweep.yaml"), "grid: {rate: [1\n");
    await expect(readSweepFile(at("broken", "sweep.yaml"))).rejects.toThrow(
      /sweep\.yaml is not YAML: .* at line/,
    );
    await expect(readSweepFile(at("nothing.yaml"))).rejects.toThrow(/There is no file/);
  });
});
