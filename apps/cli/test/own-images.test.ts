// A run that another program began, such as the lab, with images of its own: the command line goes on with it and begins
// it anew from its settings, bit for bit, from any folder.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createCpuBackend } from "@neural-langevin/backend-cpu";
import { encodeNpy } from "@neural-langevin/datasets";
import {
  completeSettings,
  computedBy,
  decodeCheckpoint,
  newManifest,
  prepareData,
  type RunSink,
  sessionOf,
  trainRun,
} from "@neural-langevin/runs";
import { createRun, openRun } from "@neural-langevin/runs/node";
import { afterAll, beforeAll, expect, it } from "vitest";
import { nlm } from "./command.js";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "nlm-own-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const images = {
  width: 6,
  height: 6,
  count: 60,
  pixels: Uint8Array.from({ length: 60 * 36 }, (_, at) => 120 * ((at + Math.floor(at / 36)) % 3)),
  labels: Uint8Array.from({ length: 60 }, (_, image) => image % 3),
  source: "stripes",
};
const settings = completeSettings({
  data: "images.npy",
  labels: [0, 2],
  "held-out": 0,
  gain: 1,
  "initial-bias": "data",
  chains: 8,
  batch: 8,
  "step-size": 0.05,
  updates: 40,
  seed: 6,
});

it("a run with its own images goes on and begins anew, bit for bit", async () => {
  const backend = await createCpuBackend({ build: "plain", threads: 1 });
  const data = await prepareData(images, settings);
  const train = async (sink: RunSink, stopAfter: number) => {
    await using session = await backend.open(sessionOf(settings, data));
    const signal = { aborted: false };
    for await (const { update } of trainRun({
      session,
      settings,
      data,
      sink,
      signal,
      reportEvery: 1,
    })) {
      signal.aborted = update === stopAfter;
    }
  };
  const [path, whole] = [join(folder, "page"), join(folder, "whole")];
  const by = computedBy(backend, "cpu:plain");
  const manifest = newManifest({ settings, data, computedBy: by, versions: { page: "1" } });
  try {
    await train(await createRun(whole, { settings, manifest }), settings.updates);
    const begun = await createRun(path, { settings, manifest });
    writeFileSync(join(path, "images.npy"), encodeNpy(images.pixels, [60, 6, 6]));
    writeFileSync(join(path, "labels.npy"), encodeNpy(images.labels, [60]));
    await expect(train(begun, 10)).rejects.toThrow("Training was stopped after update 11.");
    await begun.close();
  } finally {
    await backend.close();
  }
  const last = (run: string) => {
    const file = join(folder, run, "checkpoints", "000000040.safetensors");
    return decodeCheckpoint(readFileSync(file), file);
  };
  const expected = last("whole");

  const elsewhere = join(folder, "elsewhere");
  mkdirSync(elsewhere);
  const resumed = await nlm(["train", "--resume", "../page"], elsewhere);
  expect(resumed.status, resumed.stderr).toBe(0);
  expect(last("page")).toEqual(expected);
  const config = ["--config", "../page/config.yaml", "--out", "../anew"];
  const device = ["--backend", "cpu:plain", "--threads", "1"];
  const anew = await nlm(["train", ...config, ...device], elsewhere);
  expect(anew.status, anew.stderr).toBe(0);
  expect(last("anew")).toEqual(expected);
  const { data: again } = await (await openRun(join(folder, "anew"))).readManifest();
  expect(again.sha256).toBe(data.sha256);

  const evaluated = await nlm(["evaluate", "../page"], elsewhere);
  expect(evaluated.status).toBe(2);
  expect(evaluated.stderr).toMatch(/at least 2 images that were kept back, but 0 were/);
});
