// The testkit is worth what it catches: every planted fault fails the scenario that is named for it, and the
// same backend without a fault passes them all.
import { createReferenceBackend } from "@neural-langevin/core";
import { describe, expect, it } from "vitest";
import { createContext, runScenario, scenarios } from "../src/contract.js";
import { createFaultyBackend, type Fault, faults } from "./faulty-backend.js";

const scenario = (key: string) => {
  const found = scenarios.find((one) => one.key === key);
  if (!found) throw new Error(`There is no scenario ${key}.`);
  return found;
};

describe("without a fault", () => {
  it.each([...new Set(Object.values(faults))])("%s holds", async (key) => {
    const context = await createContext(async () => createFaultyBackend(undefined));
    await runScenario(scenario(key), context);
  });
});

describe("a planted fault is caught", () => {
  it.each(Object.entries(faults) as [Fault, string][])("%s: %s", async (fault, key) => {
    const context = await createContext(async () => createFaultyBackend(fault));
    await expect(runScenario(scenario(key), context)).rejects.toThrow();
  });
});

describe("the list of scenarios", () => {
  it("has stable, unique keys in the groups of the contract", () => {
    const keys = scenarios.map(({ key }) => key);
    expect(new Set(keys).size).toBe(keys.length);
    const groups = [
      "life",
      "arguments",
      "bits",
      "draw",
      "step",
      "compose",
      "physics",
      "learn",
      "average",
      "limits",
    ];
    for (const key of keys) expect(groups).toContain(key.split("/")[0]);
  });

  it("is complete on the reference, whatever order it runs in", async () => {
    const context = await createContext(async () => createReferenceBackend());
    const quick = scenarios.filter(({ key }) => !key.startsWith("physics/")).reverse();
    for (const one of quick) await runScenario(one, context);
    expect(quick.length).toBeGreaterThan(50);
  });
});
