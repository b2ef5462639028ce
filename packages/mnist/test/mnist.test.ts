// The packed files are the data that everybody knows.
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { readMnist } from "@neural-langevin/datasets/node";
import { expect, it } from "vitest";
import { mnistFolder } from "../src/index.js";

it("both parts are MNIST's, by their hashes", async () => {
  // readMnist refuses images of another SHA-256.
  const train = await readMnist(mnistFolder(), "train");
  expect([train.count, train.labels?.length]).toEqual([60_000, 60_000]);
  const test = await readMnist(mnistFolder(), "test");
  expect([test.count, test.labels?.length]).toEqual([10_000, 10_000]);
});

it("the files take less than 12 MB", () => {
  const files = readdirSync(mnistFolder());
  expect(files).toHaveLength(4);
  const bytes = files.reduce((sum, name) => sum + statSync(join(mnistFolder(), name)).size, 0);
  expect(bytes).toBeLessThan(12e6);
});
