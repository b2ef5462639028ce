// What measures are made of: arrays by name, chains that go on where they were, and small measures with known answers.
import { createCpuBackend } from "@neural-langevin/backend-cpu";
import {
  FRESH_CHAINS,
  randomNetwork,
  type StopSignal,
  sample,
  writeNetwork,
} from "@neural-langevin/core";
import { describe, expect, it } from "vitest";
import { asPositives } from "../src/along-training/measure.js";
import { decodeArrays, encodeArrays, stackRows, unstackRows } from "../src/arrays.js";
import { createMemoryStorage } from "../src/index.js";
import { PUBLISHED_CHECKPOINTS, PUBLISHED_STEPS } from "../src/published.js";
import { keptChains, sampleChains } from "../src/sampling.js";

describe("observed rows", () => {
  it("come back from NPZ with their names, kinds and values", () => {
    const rows = [1, 2].map((row) => ({
      error: row / 3,
      states: Float32Array.of(row, 0.1),
      ratios: Float64Array.of(row / 7, Number.NaN),
      nearest: Int32Array.of(-row),
      labels: Uint8Array.of(row, 255),
    }));
    const arrays = decodeArrays(encodeArrays(stackRows(rows)), "rows.npz");
    expect(arrays.states!.shape).toEqual([2, 2]);
    expect(arrays.error!.shape).toEqual([2]);
    const columns = unstackRows<(typeof rows)[number]>(arrays);
    for (const name of ["error", "states", "ratios", "nearest", "labels"] as const) {
      expect(columns[name]).toEqual(rows.map((row) => row[name]));
    }
  });
});

describe("chains that are sampled", () => {
  const network = randomNetwork({ units: 6, gain: 2, seed: 1 });
  const plan = {
    network,
    chains: 4,
    dt: 0.05,
    integrator: "leimkuhler-matthews",
    temperature: 1,
    at: [0, 3, 7],
    observe: ({ states, step }: { states: Float32Array; step: number }) => ({ states, step }),
  } as const;

  it("are those of core's runner, at the steps that were asked for", async () => {
    const backend = await createCpuBackend({ threads: 1 });
    const storage = createMemoryStorage();
    const rows = await sampleChains({ name: "a", backend, seed: 5, storage }, plan);
    expect(rows.map(({ step }) => step)).toEqual([0, 3, 7]);
    const session = await backend.open({ units: 6, chains: 4, seed: 5, firstChain: FRESH_CHAINS });
    writeNetwork(session, network);
    const stages = [{ steps: 7, temperature: 1 }];
    expect(rows[2]!.states).toEqual(await sample(session, { stages, dt: 0.05, start: "fresh" }));
    expect([...storage.files.keys()]).toEqual([]);
    await backend.close();
  });

  it("go on after every interruption with the same bits, from given states too", async () => {
    const backend = await createCpuBackend({ threads: 1 });
    const start = Float32Array.from({ length: 24 }, (_, at) => Math.sin(at));
    const place = { name: "a", backend, seed: 5, storage: createMemoryStorage() };
    const whole = await sampleChains(place, { ...plan, start });
    for (const look of [1, 2]) {
      const storage = createMemoryStorage();
      let looks = 0;
      const signal: StopSignal = {
        get aborted() {
          return ++looks === look;
        },
      };
      const interrupted = sampleChains({ ...place, storage, signal }, { ...plan, start });
      await expect(interrupted).rejects.toMatchObject({ code: "aborted" });
      expect([...storage.files.keys()]).toEqual([keptChains("a")]);
      // A second stop before the first step keeps what the first one kept.
      const again = sampleChains(
        { ...place, storage, signal: { aborted: true } },
        { ...plan, start },
      );
      await expect(again).rejects.toMatchObject({ code: "aborted" });
      expect(await sampleChains({ ...place, storage }, { ...plan, start })).toEqual(whole);
    }
    await backend.close();
  });
});

describe("measures", () => {
  it("turn images that are brighter than mid-grey into their negatives, and no others", () => {
    const states = Float32Array.of(2, -1, 0.5, -2, 0, 0);
    expect([...asPositives(states, 2)]).toEqual([-2, 1, 0.5, -2, 0, 0]);
  });

  it("are taken at the published updates and steps", () => {
    expect(PUBLISHED_CHECKPOINTS).toHaveLength(13);
    expect(PUBLISHED_CHECKPOINTS.slice(0, 4)).toEqual([201, 342, 581, 988]);
    expect(PUBLISHED_STEPS).toHaveLength(22);
    expect(PUBLISHED_STEPS.slice(0, 5)).toEqual([5, 8, 11, 17, 25]);
    expect(PUBLISHED_STEPS.at(-1)).toBe(24_939);
  });
});
