// `verifyBackend`: what passes, fails, is a known gap, is a closed one, and is not held to a backend.
import { createReferenceBackend, LangevinError } from "@neural-langevin/core";
import { describe, expect, it } from "vitest";
import { scenarios, verifyBackend } from "../src/index.js";
import { createFaultyBackend } from "./faulty-backend.js";

const level = "quick";
const quick = scenarios.filter(({ isLarge }) => !isLarge);
const outcomeOf = (found: Awaited<ReturnType<typeof verifyBackend>>, key: string) =>
  found.outcomes.find((outcome) => outcome.key === key)!;

describe("verifyBackend", () => {
  it("names what fails and why, and goes on; a known gap is excused", async () => {
    const create = async () => createFaultyBackend("a read is stale");
    const seen: number[] = [];
    const found = await verifyBackend(create, { level, onProgress: ({ done }) => seen.push(done) });
    expect(found.holds).toBe(false);
    expect(outcomeOf(found, "life/order").outcome).toBe("failed");
    expect(outcomeOf(found, "life/order").reason).toMatch(/chains after/);
    expect(found.outcomes.map(({ key }) => key)).toEqual(quick.map(({ key }) => key));
    expect(seen).toEqual(quick.map((_, index) => index + 1));
    expect(quick.length).toBeLessThan(scenarios.length);
    const failed = found.outcomes.filter(({ outcome }) => outcome === "failed");
    const excused = await verifyBackend(create, {
      level,
      knownGaps: failed.map(({ key }) => key),
    });
    expect(excused.holds).toBe(true);
    expect(outcomeOf(excused, "life/order").outcome).toBe("known-gap");
  });

  it("does not hold when a known gap has closed, nor holds native noise to the shared one", async () => {
    const create = async () => {
      const backend = createReferenceBackend();
      return { ...backend, device: { ...backend.device, noise: "native" as const } };
    };
    const found = await verifyBackend(create, { level, knownGaps: ["life/report"] });
    expect(outcomeOf(found, "life/report").outcome).toBe("closed-gap");
    expect(outcomeOf(found, "bits/draw-chains").outcome).toBe("not-held");
    expect(outcomeOf(found, "step/drift").outcome).toBe("passed");
    expect(found.holds).toBe(false);
  });

  it("passes on that a backend is unavailable, and refuses a known gap that is not a scenario", async () => {
    const missing = async () => {
      throw new LangevinError("unavailable", "There is no device.");
    };
    await expect(verifyBackend(missing)).rejects.toMatchObject({ code: "unavailable" });
    const stale = verifyBackend(async () => createReferenceBackend(), {
      knownGaps: ["life/reprot"],
    });
    await expect(stale).rejects.toMatchObject({ code: "invalid-value" });
  });
});
