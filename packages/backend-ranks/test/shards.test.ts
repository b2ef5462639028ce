// Shards within one process: the contract, and the numbers that ranks are held to.
import { createRanksBackend } from "@neural-langevin/backend-ranks";
import { testBackend } from "@neural-langevin/backend-testkit/vitest";
import type { SessionSpec } from "@neural-langevin/core";
import { describe, expect, it } from "vitest";
import { inner, trainedNumbers } from "./job.js";

await testBackend("cpu in three shards", () => createRanksBackend(inner.cpu!, { shards: 3 }));
await testBackend(
  "reference in four shards",
  () => createRanksBackend(inner.reference!, { shards: 4 }),
  { level: "quick" },
);

const numbersOf = async (name: string, shards?: number) => {
  await using backend = await (shards === undefined
    ? inner[name]!()
    : createRanksBackend(inner[name]!, { shards }));
  return await trainedNumbers(backend);
};

describe.each(["cpu", "reference"])("%s in shards", (name) => {
  it("computes the bits of the inner backend in one shard", async () => {
    expect(await numbersOf(name, 1)).toEqual(await numbersOf(name));
  });

  it("computes the numbers of the inner backend, to the rounding of sums, in five", async () => {
    const [shards, whole] = [await numbersOf(name, 5), await numbersOf(name)];
    shards.reports.flat().forEach((value, at) => {
      expect(value).toBeCloseTo(whole.reports.flat()[at]!, 3);
    });
    expect(shards.couplings).not.toBe(whole.couplings);
  });

  it("has the same bits where statistics cannot be reached in place", async () => {
    const copying = async () => {
      const backend = await inner[name]!();
      const open = async (spec: SessionSpec) => {
        const session = await backend.open(spec);
        return new Proxy(session, {
          get(target, key) {
            if (key === "statistics") return undefined;
            const value = Reflect.get(target, key);
            return typeof value === "function" ? value.bind(target) : value;
          },
        });
      };
      return { ...backend, device: backend.device, open };
    };
    await using backend = await createRanksBackend(copying, { shards: 5 });
    expect(await trainedNumbers(backend)).toEqual(await numbersOf(name, 5));
  });

  it("has shards without chains or data where there are more of them", async () => {
    const numbers = await numbersOf(name, 30);
    expect(numbers.reports.flat().every(Number.isFinite)).toBe(true);
  });
});

it("reports the shards and the limits of all of them", async () => {
  await using backend = await createRanksBackend(inner.reference!, { shards: 4 });
  const alone = (await inner.reference!()).device;
  expect(backend.id).toBe("reference");
  expect(backend.device.limits).toEqual({ units: 4096, chains: 4 * alone.limits.chains });
  expect(backend.device.details.at(-1)).toBe("4 shards in one process");
});
