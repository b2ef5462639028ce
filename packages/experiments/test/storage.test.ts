// Where experiments are kept: memory and folders behave alike, and a folder is never overwritten unasked.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createReferenceBackend } from "@neural-langevin/core";
import { afterAll, describe, expect, it } from "vitest";
import {
  createMemoryStorage,
  type Experiment,
  type ExperimentStorage,
  readRecord,
  runExperiment,
  spectrum,
} from "../src/index.js";
import { createExperimentFolder, openExperimentFolder } from "../src/node.js";
import { micro, stripes } from "./micro.js";

const folder = mkdtempSync(join(tmpdir(), "nlm-experiments-"));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string) => join(folder, name);

const kinds: readonly [string, () => Promise<ExperimentStorage>][] = [
  ["memory", async () => createMemoryStorage()],
  ["a folder", () => createExperimentFolder(at("storage"))],
];

describe.each(kinds)("%s", (_, create) => {
  it("reads what was written, lists one folder, and forgets what was removed", async () => {
    const storage = await create();
    expect(await storage.read("a/one")).toBeUndefined();
    expect(await storage.list("a")).toEqual([]);
    const bytes = Uint8Array.of(1, 2, 3);
    await storage.write("a/one", bytes);
    bytes[0] = 9;
    await storage.write("a/two", "zwei");
    await storage.write("a/b/three", "");
    expect([...(await storage.read("a/one"))!]).toEqual([1, 2, 3]);
    expect(new TextDecoder().decode(await storage.read("a/two"))).toBe("zwei");
    const files = (await storage.list("a")).filter((name) => name !== "b");
    expect(files.sort()).toEqual(["one", "two"]);
    await storage.remove("a/one");
    await storage.remove("a/one");
    expect(await storage.read("a/one")).toBeUndefined();
  });
});

describe("the folder of an experiment", () => {
  it("is refused where something else is, and overwritten when that is wanted", async () => {
    mkdirSync(at("other"));
    writeFileSync(at("other/file"), "mine");
    await expect(createExperimentFolder(at("other"), { overwrite: true })).rejects.toMatchObject({
      code: "exists",
      message: `The folder ${at("other")} is not empty and is not an experiment.`,
    });
    await expect(createExperimentFolder(at("other/file"))).rejects.toMatchObject({
      code: "exists",
    });
    const storage = await createExperimentFolder(at("mine"));
    await storage.write("experiment.json", "{}");
    await storage.write("stages/old.json", "1");
    await expect(createExperimentFolder(at("mine"))).rejects.toMatchObject({ code: "exists" });
    await expect(openExperimentFolder(at("mine"))).rejects.toMatchObject({ code: "in-use" });
    await storage[Symbol.asyncDispose]();
    writeFileSync(at("mine/stages/notes.txt"), "mine");
    const anew = await createExperimentFolder(at("mine"), { overwrite: true });
    expect(await anew.list("stages")).toEqual(["notes.txt"]);
  });

  it("is no other program's folder that has an experiment.json", async () => {
    mkdirSync(at("foreign"));
    writeFileSync(at("foreign/experiment.json"), "{}");
    await expect(createExperimentFolder(at("foreign"), { overwrite: true })).rejects.toMatchObject({
      code: "exists",
    });
  });

  it("is refused where experiment.json is not a record", async () => {
    const storage = createMemoryStorage();
    await storage.write("experiment.json", "{");
    await expect(readRecord(storage)).rejects.toMatchObject({
      code: "bad-file",
      message: "experiment.json is not JSON.",
    });
    for (const text of ["null", "{}", '{"experiment": "bias", "settings": {}, "seed": 1}']) {
      await storage.write("experiment.json", text);
      await expect(readRecord(storage), text).rejects.toMatchObject({ code: "bad-file" });
    }
  });

  it("names a checkpoint that was lost", async () => {
    const backend = await createReferenceBackend();
    const storage = createMemoryStorage();
    const work = {
      experiment: spectrum as Experiment,
      settings: micro.spectrum!,
      backend,
      storage,
      data: () => stripes(),
    };
    await runExperiment(work);
    const file = "machines/machine/checkpoints/000000005.safetensors";
    await storage.remove(file);
    await expect(runExperiment(work)).rejects.toMatchObject({
      code: "not-found",
      message: `The experiment has lost its file ${file}.`,
    });
    await backend.close();
  });

  it("opens where an experiment is, and nowhere else", async () => {
    await expect(openExperimentFolder(at("nowhere"))).rejects.toMatchObject({
      code: "not-found",
      message: `There is no experiment in ${at("nowhere")}: it has no experiment.json.`,
    });
  });

  it("holds the same files as memory, and a finished experiment is read from it", async () => {
    const backend = await createReferenceBackend();
    const work = {
      experiment: spectrum as Experiment,
      settings: micro.spectrum!,
      backend,
      data: () => stripes(),
    };
    const memory = createMemoryStorage();
    const report = await runExperiment({ ...work, storage: memory });
    {
      await using begun = await createExperimentFolder(at("spectrum"));
      await runExperiment({ ...work, storage: begun });
    }
    const storage = await openExperimentFolder(at("spectrum"));
    for (const name of memory.files.keys()) expect(await storage.read(name), name).toBeDefined();
    const table = "tables/spectrum.csv";
    expect([...(await storage.read(table))!]).toEqual([...memory.files.get(table)!]);

    await backend.close();
    // Every stage is read: the backend is closed, and nobody asks for images to train on.
    const again = await runExperiment({ ...work, settings: undefined, storage });
    expect(again.findings).toEqual(report.findings);
    expect(again.settings).toEqual(micro.spectrum);
  });
});
