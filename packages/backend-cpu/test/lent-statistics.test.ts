// Statistics that are lent where they lie: the same numbers as those that are read, and changes to them count.
import { type CpuBuild, createCpuBackend } from "@neural-langevin/backend-cpu";
import { randomNetwork, streams, writeNetwork } from "@neural-langevin/core";
import { norm } from "@neural-langevin/core/backend";
import { describe, expect, it } from "vitest";

const builds: (readonly [string, CpuBuild | undefined])[] = [
  ["the fastest build", undefined],
  ["relaxed SIMD", "relaxed"],
];

describe.each(builds)("%s on two threads lends its statistics", (_, build) => {
  it("in place: all the numbers that are read, and what is changed there is read", async () => {
    await using backend = await createCpuBackend({ threads: 2, build });
    const session = await backend.open({ units: 37, chains: 11, seed: 4 });
    writeNetwork(session, randomNetwork({ units: 37, gain: 1, seed: 2 }));
    session.drawChains({ stream: streams.initialState, step: 0 });
    session.accumulate("chains", 1);
    const lent = await session.statistics!.lend();
    const read = await session.read("statistics");
    const sorted = (values: Float32Array) => values.filter((value) => value !== 0).sort();
    expect(read.some((value) => value !== 0)).toBe(true);
    expect(sorted(lent)).toEqual(sorted(read));
    for (let at = 0; at < lent.length; at++) lent[at]! *= 2;
    expect(await session.read("statistics")).toEqual(read.map((value) => 2 * value));
    await session.close();
    await expect(session.statistics!.lend()).rejects.toMatchObject({ code: "closed" });
  });

  it("and says their norms, the same bits as of what is read", async () => {
    await using backend = await createCpuBackend({ threads: 2, build });
    const units = 131;
    const session = await backend.open({ units, chains: 11, seed: 4 });
    writeNetwork(session, randomNetwork({ units, gain: 1, seed: 2 }));
    session.drawChains({ stream: streams.initialState, step: 0 });
    session.accumulate("chains", 1);
    const read = await session.read("statistics");
    const [couplings, bias] = [read.subarray(0, units ** 2), read.subarray(units ** 2)];
    expect(await session.norms()).toEqual({ couplings: norm(couplings), bias: norm(bias) });
  });

  it("in an order that another session of the same sizes has too", async () => {
    await using backend = await createCpuBackend({ threads: 2, build });
    const open = () => backend.open({ units: 19, chains: 3, seed: 1 });
    const [first, second] = [await open(), await open()];
    const values = Float32Array.from({ length: 19 * 20 }, (_, at) => Math.sin(at));
    first.write("statistics", values);
    (await second.statistics!.lend()).set(await first.statistics!.lend());
    expect(await second.read("statistics")).toEqual(values);
    expect(second.statistics!.order).toBe(first.statistics!.order);
  });
});

it("a worker that is alone with its memory lends nothing", async () => {
  await using backend = await createCpuBackend({ threads: 1, build: "relaxed" });
  expect((await backend.open({ units: 3, chains: 1, seed: 1 })).statistics).toBeUndefined();
});
