// The contract in Chromium, from a production build: with threads on a page that is cross-origin isolated, and
// with one worker and memory of its own on a page that is not.
import { fileURLToPath } from "node:url";
import type { Verification } from "@neural-langevin/backend-testkit";
import { findChromium, outcomeOfPage } from "@neural-langevin/tooling/chromium";
import { describe, expect, it } from "vitest";

describe.skipIf(!findChromium())("in Chromium", () => {
  const page = fileURLToPath(new URL("page/", import.meta.url));
  const run = async (isolated: boolean) => {
    const { device, outcomes } = await outcomeOfPage<Verification>(page, { isolated });
    expect(outcomes.filter(({ outcome }) => outcome !== "passed")).toEqual([]);
    return device;
  };

  it("an isolated page computes on threads", { timeout: 120_000 }, async () => {
    expect((await run(true)).threads).toBe(2);
  });

  it("a page that is not isolated computes on one worker and says so", {
    timeout: 120_000,
  }, async () => {
    const { threads, details } = await run(false);
    expect(threads).toBe(1);
    expect(details).toContain("one thread, because this page is not cross-origin isolated");
  });
});
