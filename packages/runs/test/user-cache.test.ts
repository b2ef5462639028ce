// What is kept for the user of this computer is found by what it depends on, or not at all.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { cacheFile, keepCached, readCached } from "../src/node.js";

const folder = mkdtempSync(join(tmpdir(), "nlm-user-cache-"));
const before = process.env.NLM_CACHE;
beforeAll(() => {
  process.env.NLM_CACHE = join(folder, "made when it is needed");
});
afterAll(() => {
  if (before === undefined) delete process.env.NLM_CACHE;
  else process.env.NLM_CACHE = before;
  rmSync(folder, { recursive: true });
});

it("is found by its name and its key, and not where it is damaged or of another key", async () => {
  const key = { processor: "one", threads: 2 };
  expect(await readCached("speed", key)).toBeUndefined();
  await keepCached("speed", key, { chosen: "cpu" });
  expect(await readCached("speed", key)).toEqual({ chosen: "cpu" });
  expect(await readCached("speed", { ...key, threads: 4 })).toBeUndefined();
  expect(await readCached("other", key)).toBeUndefined();
  const file = cacheFile("speed", key);
  expect(dirname(file)).toBe(process.env.NLM_CACHE);
  const other = JSON.stringify({ key: { ...key, threads: 4 }, chosen: "gpu" });
  for (const damage of ["", "{", "null", "{}", other]) {
    writeFileSync(file, damage);
    expect(await readCached("speed", key)).toBeUndefined();
  }
});
