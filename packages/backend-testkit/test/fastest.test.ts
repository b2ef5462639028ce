// The fastest of several backends: it is measured, in full precision, and is there.
import { type Backend, createReferenceBackend, LangevinError } from "@neural-langevin/core";
import { expect, it } from "vitest";
import { isRecent, isSpeedTest, type SpeedCandidate, testSpeeds } from "../src/index.js";

/** A backend whose steps take so many milliseconds, or as many as each of its openings says, and do nothing. */
function candidate(
  name: string,
  duration: number | readonly number[],
  precision?: "bf16",
): SpeedCandidate {
  // It is opened to be looked at, and then to be timed.
  let opened = -1;
  return {
    name,
    async open(): Promise<Backend> {
      const milliseconds = typeof duration === "number" ? duration : (duration[opened++] ?? 0);
      const reference = createReferenceBackend();
      return {
        ...reference,
        device: precision ? { ...reference.device, precision } : reference.device,
        async open(spec) {
          const session = await reference.open({ ...spec, units: 1 });
          let steps = 0;
          session.write = () => {};
          session.advance = (run) => {
            steps += run.steps;
          };
          session.measure = async () => {
            await new Promise((resolve) => setTimeout(resolve, milliseconds * steps));
            steps = 0;
            return new Float32Array(1);
          };
          return session;
        },
      };
    },
  };
}
const absent: SpeedCandidate = {
  name: "absent",
  open: () => Promise.reject(new LangevinError("unavailable", "There is no absent.")),
};

it("is the first available mode of every backend that is compared, the fastest first", async () => {
  const said: (string | number)[] = [];
  const groups = [
    [absent, candidate("slow", 300)],
    [candidate("quick", 1), candidate("other", 1)],
  ];
  const found = await testSpeeds(
    groups,
    {},
    {
      onStart: (count) => said.push(count),
      onTimed: (name) => said.push(name),
    },
  );
  expect(found).toMatchObject({ chosen: "quick", units: 784, chains: 96 });
  expect(found.candidates.map(({ name }) => name)).toEqual(["quick", "slow"]);
  expect(said).toEqual([2, "slow", "quick"]);
  expect(isSpeedTest(JSON.parse(JSON.stringify(found)))).toBe(true);
});

it("computes in full precision, is not measured alone, and does not exist where nothing does", async () => {
  const groups = [[candidate("rounded", 1, "bf16"), candidate("whole", 20)]];
  const alone = await testSpeeds(groups);
  expect(alone.candidates).toEqual([{ name: "whole", label: "JavaScript", stepsPerSecond: null }]);
  expect((await testSpeeds(groups, { everyMode: true })).candidates).toHaveLength(1);
  await expect(testSpeeds([[absent]])).rejects.toMatchObject({
    code: "unavailable",
    message: "No fast backend is available. absent: There is no absent.",
  });
  const broken = { name: "broken", open: () => Promise.reject(new TypeError("x")) };
  await expect(testSpeeds([[broken]])).rejects.toBeInstanceOf(TypeError);
});

it("is not decided by a round in which the machine was busy", async () => {
  const hindered = candidate("quick", [40, 5, 5]);
  const { chosen, candidates } = await testSpeeds([[hindered], [candidate("steady", 15)]]);
  expect(chosen).toBe("quick");
  // The best of its rounds counts, and no mean of them.
  expect(candidates[0]!.stepsPerSecond).toBeGreaterThan(100);
});

it("is trusted for a week", () => {
  const measured = "2026-01-10T00:00:00Z";
  const test = { chosen: "a", measured, units: 784, chains: 96, candidates: [] };
  const at = (time: string) => isRecent(test, Date.parse(time));
  expect([at("2026-01-10T00:00:01Z"), at("2026-01-16T23:59:00Z")]).toEqual([true, true]);
  // A clock that was set back trusts nothing from its future.
  expect([at("2026-01-17T00:00:01Z"), at("2026-01-09T00:00:00Z")]).toEqual([false, false]);
});

it("is known from what was kept of it only where that is whole", () => {
  const candidates = [{ name: "a", label: "A", stepsPerSecond: null }];
  const kept = {
    chosen: "a",
    measured: "2026-01-02T00:00:00Z",
    units: 784,
    chains: 96,
    candidates,
  };
  expect(isSpeedTest(kept)).toBe(true);
  for (const damaged of [
    undefined,
    null,
    {},
    { ...kept, chosen: "b" },
    { ...kept, measured: "soon" },
    { ...kept, candidates: [null] },
    { ...kept, candidates: [{ ...candidates[0], stepsPerSecond: "fast" }] },
    { ...kept, candidates: [{ ...candidates[0], label: 1 }] },
  ]) {
    expect(isSpeedTest(damaged)).toBe(false);
  }
});
