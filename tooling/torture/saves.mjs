// What is saved into a folder: one step of a run's life each, with what may be there when it was stopped anywhere.
import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { isLangevinError } from "@neural-langevin/core";
import { createExperimentFolder, openExperimentFolder } from "@neural-langevin/experiments/node";
import {
  completeSettings,
  decodeCheckpoint,
  encodeCheckpoint,
  runFormat,
} from "@neural-langevin/runs";
import { createRun, openRun, writeWhole } from "@neural-langevin/runs/node";

const UNITS = 40;
const settings = completeSettings({ units: UNITS, data: "none.npy", "evaluate-every": 5 });
const split = { seed: 1, heldOutFrom: "training", count: 2, training: [0], heldOut: [1] };
const manifest = {
  format: runFormat,
  state: "running",
  versions: {},
  backend: "cpu",
  device: "none",
  threads: 1,
  seed: 1,
  data: { source: "none.npy", sha256: "", width: UNITS, height: 1 },
  started: "2026-01-01T00:00:00Z",
  changed: "2026-01-01T00:00:00Z",
};

/** A checkpoint all of whose values are its update, so that a mixture of two shows. */
export const checkpoint = (update) => ({
  update,
  couplings: new Float32Array(UNITS * UNITS).fill(update),
  bias: new Float32Array(UNITS).fill(update),
  chains: new Float32Array(3 * UNITS).fill(update),
  moments: new Float32Array(2 * (UNITS * UNITS + UNITS)).fill(update),
});

function assertWhole(bytes, update) {
  const { couplings, bias, chains, moments, ...rest } = decodeCheckpoint(bytes, "the checkpoint");
  assert.equal(rest.update, update);
  for (const values of [couplings, bias, chains, moments]) {
    assert.ok(values.every((value) => value === update));
  }
}

/** Does work with what is opened, and closes it. */
async function within(opening, work) {
  const opened = await opening;
  try {
    return await work(opened);
  } finally {
    await opened[Symbol.asyncDispose]();
  }
}

/** Opens a run for writing. */
const withRun = (folder, work) =>
  within(openRun(folder), async (run) => {
    await run.lock();
    return work(run);
  });

/** Begins a run with two updates that were measured and a checkpoint of the second. */
export const begin = (folder, overwrite = false) =>
  within(createRun(folder, { settings, manifest, split, overwrite }), (run) => advance(run, 0));

/** Measures an update, and the next one with its checkpoint, as a training does. */
async function advance(run, from) {
  for (const update of [from + 5, from + 10]) {
    await run.addMetrics({ update, energy: update }, update);
    await run.addEvaluation({ update, E2: update });
  }
  await run.writeCheckpoint(checkpoint(from + 10));
  await run.setState("running");
}

/**
 * Opens a run as it stands, holds everything in it against everything else, and makes sure that it can be gone on with.
 *
 * @returns the update of its last checkpoint; 0 where it has none
 */
const check = (folder, checkpoints) =>
  withRun(folder, async (run) => {
    assert.deepEqual(await run.readSettings(), settings);
    assert.deepEqual(await run.readSplit(), split);
    assert.equal((await run.readManifest()).format, runFormat);
    const there = await run.checkpoints();
    assert.ok(
      checkpoints.some((some) => `${some}` === `${there}`),
      `has the checkpoints ${there}`,
    );
    for (const update of there) {
      assertWhole(readFileSync(await run.checkpointFile(update)), update);
    }
    const last = there.at(-1) ?? 0;
    const wanted = Array.from({ length: last / 5 }, (_, at) => 5 * (at + 1));
    for (const measures of [run.metrics, run.evaluations]) {
      const rows = measures.map(({ update }) => update);
      assert.deepEqual(rows.slice(0, wanted.length), wanted);
      assert.deepEqual(
        rows,
        [...rows].sort((a, b) => a - b),
      );
    }
    return last;
  });

/** Whether a folder is a run by now. */
const isThere = (folder) => existsSync(join(folder, "manifest.json"));

/**
 * By name: `prepare` makes what is there before, `save` is what is stopped, `check` throws unless what it left is old or
 * new and returns whether it is new, and `again` finishes
 * the work after a failure, where that is not `save`.
 */
export const saves = {
  "a run that begins": {
    prepare: async () => {},
    save: (folder) => begin(folder),
    check: async (folder) => isThere(folder) && (await check(folder, [[], [10]])) === 10,
    async again(folder) {
      if (!isThere(folder)) return begin(folder);
      await withRun(folder, async (run) => {
        await run.beginAnew();
        await advance(run, 0);
      });
    },
  },
  "two updates and their checkpoint": {
    prepare: (folder) => begin(folder),
    save: (folder) =>
      withRun(folder, async (run) => {
        const { update } = await run.resume();
        if (update === 10) await advance(run, 10);
        await run.writeFile("figures/training.svg", "<svg/>");
      }),
    check: async (folder) => (await check(folder, [[10], [10, 20]])) === 20,
  },
  "a return to an earlier checkpoint": {
    async prepare(folder) {
      await begin(folder);
      await withRun(folder, (run) => advance(run, 10));
    },
    save: (folder) => withRun(folder, (run) => run.resume(10)),
    check: async (folder) => (await check(folder, [[10], [10, 20]])) === 10,
  },
  "a run in the place of another": {
    prepare: (folder) => begin(folder),
    save: (folder) => begin(folder, true),
    check: async (folder) => isThere(folder) && (await check(folder, [[], [10]])) === 10,
    again: (folder) => begin(folder, true),
  },
  "a machine over another": {
    prepare: (folder) => writeWhole(join(folder, "machine"), encodeCheckpoint(checkpoint(1))),
    save: (folder) => writeWhole(join(folder, "machine"), encodeCheckpoint(checkpoint(2))),
    async check(folder) {
      const bytes = readFileSync(join(folder, "machine"));
      const { update } = decodeCheckpoint(bytes, "the machine");
      assertWhole(bytes, update);
      return update === 2;
    },
  },
  "a stage of an experiment": {
    prepare: (folder) =>
      within(createExperimentFolder(folder), (storage) => storage.write("experiment.json", "{}")),
    save: (folder) =>
      within(openExperimentFolder(folder), async (storage) => {
        await storage.write("stages/one.json", '"one"');
        await storage.write("experiment.json", '{ "one": 1 }');
      }),
    check: (folder) =>
      within(openExperimentFolder(folder), async (storage) => {
        const read = async (name) => {
          const bytes = await storage.read(name);
          return bytes && JSON.parse(new TextDecoder().decode(bytes));
        };
        const stage = await read("stages/one.json");
        const { one } = await read("experiment.json");
        assert.equal(stage ?? "one", "one");
        if (one) assert.equal(stage, "one");
        return one === 1;
      }),
  },
};

// As a program it saves once, and says how that ended: nothing, or the error in one line of JSON.
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [, , name, folder] = process.argv;
  await saves[name].save(folder).catch((error) => {
    if (!isLangevinError(error)) throw error;
    writeFileSync(1, JSON.stringify({ code: error.code, message: error.message }));
    process.exitCode = 1;
  });
}
