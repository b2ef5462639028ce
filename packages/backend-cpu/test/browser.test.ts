// The contract in Chromium, from a production build: with threads on a page that is cross-origin isolated, and
// with one worker and memory of its own on a page that is not.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { scenarios } from "@neural-langevin/backend-testkit";
import { findChromium, withPage } from "@neural-langevin/tooling/chromium";
import { build } from "vite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

interface Outcome {
  readonly isolated: boolean;
  readonly threads: number;
  readonly details: readonly string[];
  readonly ran: number;
  readonly failures: readonly string[];
}

describe.skipIf(!findChromium())("in Chromium", () => {
  const folder = mkdtempSync(join(tmpdir(), "nlm-page-"));
  beforeAll(() =>
    build({
      root: fileURLToPath(new URL("page/", import.meta.url)),
      logLevel: "error",
      build: { outDir: folder, emptyOutDir: true, target: "es2022" },
      worker: { format: "es" },
    }),
  );
  afterAll(() => rmSync(folder, { recursive: true }));

  const run = (isolated: boolean): Promise<Outcome> =>
    withPage(folder, { isolated }, (page) =>
      page.evaluate(() => (globalThis as unknown as { outcome: Promise<Outcome> }).outcome),
    );

  it("an isolated page computes on threads", { timeout: 120_000 }, async () => {
    const { failures, ...outcome } = await run(true);
    expect(failures).toEqual([]);
    expect(outcome).toMatchObject({ isolated: true, threads: 2, ran: scenarios.length });
  });

  it("a page that is not isolated computes on one worker and says so", {
    timeout: 120_000,
  }, async () => {
    const { failures, ...outcome } = await run(false);
    expect(failures).toEqual([]);
    expect(outcome).toMatchObject({ isolated: false, threads: 1, ran: scenarios.length });
    expect(outcome.details).toContain("one thread, because this page is not cross-origin isolated");
  });
});
