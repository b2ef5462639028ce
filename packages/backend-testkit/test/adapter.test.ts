// The vitest adapter: an unavailable backend is skipped by name or fails where it is required, known gaps are
// expected to fail, and stale ones are refused.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startVitest } from "vitest/node";

const here = fileURLToPath(new URL("..", import.meta.url));
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(here, ".adapter-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

interface Report {
  readonly success: boolean;
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly testResults: {
    readonly message: string;
    readonly assertionResults: { readonly title: string; readonly status: string }[];
  }[];
}

/** Runs a test file of its own that calls `testBackend` so, and returns vitest's report. */
async function report(name: string, call: string): Promise<Report> {
  const file = join(folder, `${name}.test.ts`);
  const output = join(folder, `${name}.json`);
  writeFileSync(
    file,
    `import { createReferenceBackend, LangevinError } from "@neural-langevin/core";
     import { testBackend } from "../src/vitest.js";
     const missing = async () => { throw new LangevinError("unavailable", "There is no device."); };
     const present = async () => createReferenceBackend();
     ${call}`,
  );
  const exit = process.exitCode;
  const vitest = await startVitest("test", [file], {
    root: here,
    watch: false,
    config: false,
    include: [file],
    reporters: ["json"],
    outputFile: output,
    testNamePattern: "available|life/report",
  });
  await vitest.close();
  process.exitCode = exit;
  return JSON.parse(readFileSync(output, "utf8")) as Report;
}

const titles = ({ testResults }: Report, status: string) =>
  testResults.flatMap(({ assertionResults }) =>
    assertionResults.filter((one) => one.status === status).map(({ title }) => title),
  );

describe("testBackend", () => {
  it("skips an unavailable backend by name and reason", async () => {
    const found = await report("skipped", 'await testBackend("absent", missing);');
    expect(found.success).toBe(true);
    expect(titles(found, "skipped").join()).toMatch(
      /is available \(There is no device\. \d+ scenarios/,
    );
  });

  it("fails when an unavailable backend is required", async () => {
    const found = await report(
      "required",
      'await testBackend("absent", missing, { required: true });',
    );
    expect(found.success).toBe(false);
    expect(titles(found, "failed")).toHaveLength(1);
  });

  it("breaks when a known gap has closed", async () => {
    const call = 'await testBackend("present", present, { knownGaps: ["life/report"] });';
    const found = await report("closed-gap", call);
    expect(titles(found, "failed").join()).toMatch(/life\/report.*known gap/);
  });

  it("refuses a known gap that is not a scenario", async () => {
    const call = 'await testBackend("present", present, { knownGaps: ["life/reprot"] });';
    const found = await report("stale-gap", call);
    expect(found.success).toBe(false);
    expect(found.testResults[0]!.message).toMatch(/no scenario "life\/reprot"/);
  });
});
