// A run on disk survives interruption, is never overwritten by chance, and says what is wrong with it.
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  appendFileSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { completeSettings, decodeCheckpoint, type Manifest, parseSplit } from "../src/index.js";
import {
  createRun,
  inspect,
  isRun,
  openRun,
  readSettingsFile,
  readWhole,
  writeWhole,
} from "../src/node.js";
import { codeOf } from "./known.js";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "nlm-runs-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const manifest: Manifest = {
  format: "neural-langevin run",
  state: "running",
  versions: { core: "1" },
  backend: "cpu",
  device: "a processor",
  threads: 2,
  seed: 1,
  data: { source: "none", sha256: "", width: 1, height: 2 },
  started: "2026-01-01T00:00:00Z",
  changed: "2026-01-01T00:00:00Z",
};
const settings = completeSettings({ units: 2, rate: 0.001, labels: [1, 2] });
const state = (update: number) => ({
  update,
  couplings: new Float32Array(4).fill(update),
  bias: new Float32Array(2),
  chains: new Float32Array(2),
  moments: new Float32Array(12),
});

describe("a run", () => {
  it("has settings of a page, and no text that takes the stack or the memory to read", async () => {
    const file = join(folder, "settings.yaml");
    for (const [text, problem] of [
      ["[".repeat(1e5), "more than 64 levels"],
      ["- ".repeat(1e5), "more than 64 levels"],
      ["{a: ".repeat(1e5), "more than 64 levels"],
      ["# \n".repeat(1e6), "3000000 bytes"],
    ] as const) {
      writeFileSync(file, text);
      await expect(readSettingsFile(file)).rejects.toMatchObject({
        code: "bad-file",
        message: expect.stringContaining(`${file} has ${problem}`),
      });
    }
    writeFileSync(file, 'data: "a\\0b"\n');
    expect(await readSettingsFile(file)).toEqual({ data: "a\0b" });
  });

  it("with a place that cannot be seen is never taken for one that has nothing there", async () => {
    const path = join(folder, "a");
    await (await createRun(path, { settings, manifest })).close();
    expect(await (await openRun(path)).checkpoints()).toEqual([]);
    // As where a disk fails, or too many files are open; root may read everything else.
    rmSync(join(path, "checkpoints"), { recursive: true, force: true });
    symlinkSync("checkpoints", join(path, "checkpoints"));
    const run = await openRun(path);
    expect(await codeOf(run.checkpoints())).toBe("bad-file");
    expect(await codeOf(run.checkpointFile())).toBe("bad-file");
    symlinkSync("itself", join(folder, "itself"));
    expect(await codeOf(inspect(join(folder, "itself")))).toBe("bad-file");
    expect(await codeOf(inspect(join(folder, "nothing")))).toBe("not-found");
  });

  it("is found again with all it holds", async () => {
    const run = await createRun(join(folder, "a"), { settings, manifest });
    await run.addMetrics({ update: 10, energy: 3 });
    await run.writeCheckpoint(state(10));
    await run.updateManifest({ state: "finished" });
    const again = await openRun(join(folder, "a"));
    expect(await again.readSettings()).toEqual(settings);
    expect(await again.readManifest()).toEqual({ ...manifest, state: "finished" });
    expect(again.metrics).toEqual([{ update: 10, energy: 3 }]);
    expect(await again.resume()).toEqual(state(10));
  });

  it("goes on from a checkpoint without what came after it", async () => {
    const run = await createRun(join(folder, "a"), { settings, manifest });
    for (const update of [10, 20, 30]) {
      await run.addMetrics({ update, energy: update });
      if (update < 30) await run.writeCheckpoint(state(update));
    }
    const again = await openRun(join(folder, "a"));
    expect(await again.checkpoints()).toEqual([10, 20]);
    expect((await again.resume()).update).toBe(20);
    expect(again.metrics.map((row) => row.update)).toEqual([10, 20]);
    expect(await codeOf(again.resume(15))).toBe("not-found");
  });

  it("is overwritten only when told to, and only if it is a run", async () => {
    const path = join(folder, "a");
    const first = await createRun(path, { settings, manifest });
    await first.writeCheckpoint(state(1));
    expect(await codeOf(createRun(path, { settings, manifest }))).toBe("exists");
    expect(await codeOf(createRun(path, { settings, manifest, overwrite: true }))).toBe("in-use");
    await first.close();
    expect(await (await openRun(path)).checkpoints()).toEqual([1]);
    const fresh = await createRun(path, { settings, manifest, overwrite: true });
    expect(await fresh.checkpoints()).toEqual([]);

    const other = join(folder, "thesis");
    mkdirSync(other);
    writeFileSync(join(other, "chapter"), "years of work");
    expect(await codeOf(createRun(other, { settings, manifest, overwrite: true }))).toBe("exists");
    expect(readFileSync(join(other, "chapter"), "utf8")).toBe("years of work");
  });

  it("that is none or is damaged gets a name for it", async () => {
    expect(await codeOf(openRun(join(folder, "nowhere")))).toBe("not-found");
    const run = await createRun(join(folder, "a"), { settings, manifest });
    expect(await codeOf(run.resume())).toBe("not-found");
    writeFileSync(join(run.path, "metrics.jsonl"), '{"update":1}\n{"upd\n');
    await expect(openRun(run.path)).rejects.toThrow(/metrics\.jsonl, line 2 is not JSON/);
    writeFileSync(join(run.path, "config.yaml"), "a: [1");
    expect(await codeOf(run.readSettings())).toBe("bad-file");
    writeFileSync(join(run.path, "config.yaml"), "- 1");
    expect(await codeOf(readSettingsFile(join(run.path, "config.yaml")))).toBe("bad-file");
  });
});

describe("a run that is overwritten", () => {
  it("refuses a split that says too little", async () => {
    const file = "split.json";
    const split = { seed: 1, heldOutFrom: "training", count: 4, training: [0, 3], heldOut: [1, 2] };
    expect(parseSplit(JSON.stringify(split), file)).toEqual(split);
    for (const damage of [
      { seed: "1" },
      { count: null },
      { heldOutFrom: "both" },
      { heldOut: [-1] },
    ]) {
      const text = JSON.stringify({ ...split, ...damage });
      expect(() => parseSplit(text, file)).toThrow("split.json does not say which images");
    }
    for (const text of ["", "null", '{"seed":1']) {
      expect(() => parseSplit(text, file)).toThrow("split.json does not say");
    }
  });

  it("loses the files that we wrote, and no others", async () => {
    const path = join(folder, "a");
    const run = await createRun(path, { settings, manifest });
    await run.writeCheckpoint(state(1));
    await run.writeFile("figures/training.svg", "<svg/>");
    await run.close();
    mkdirSync(join(path, "samples"));
    const own = ["notes.ipynb", "samples/states.npy", "figures/paper.pdf", "checkpoints/best"];
    for (const name of own) writeFileSync(join(path, name), name);
    await (await createRun(path, { settings, manifest, overwrite: true })).close();
    expect(readdirSync(join(path, "checkpoints"))).toEqual(["best"]);
    expect(readdirSync(join(path, "figures"))).toEqual(["paper.pdf"]);
    for (const name of own) expect(readFileSync(join(path, name), "utf8")).toBe(name);
  });

  it("never takes a file of its names that somebody else put there", async () => {
    const path = join(folder, "a");
    const run = await createRun(path, { settings, manifest });
    mkdirSync(join(path, "figures"));
    writeFileSync(join(path, "figures/training.svg"), "mine");
    expect(await codeOf(run.writeFile("figures/training.svg", "<svg/>"))).toBe("exists");
    expect(readFileSync(join(path, "figures/training.svg"), "utf8")).toBe("mine");
  });

  it("is no other program's folder that has a manifest.json", async () => {
    const path = join(folder, "webapp");
    mkdirSync(join(path, "src"), { recursive: true });
    writeFileSync(join(path, "manifest.json"), '{"name": "app"}');
    writeFileSync(join(path, "src/app.js"), "code");
    expect(await codeOf(createRun(path, { settings, manifest, overwrite: true }))).toBe("exists");
    expect(readFileSync(join(path, "src/app.js"), "utf8")).toBe("code");
    await expect(openRun(path)).rejects.toThrow(
      /its manifest\.json was written by another program/,
    );
    expect(await codeOf(createRun("", { settings, manifest, overwrite: true }))).toBe(
      "invalid-value",
    );
  });

  it("is not left through its list of files or its links", async () => {
    const path = join(folder, "a");
    const run = await createRun(path, { settings, manifest });
    await run.writeFile("figures/training.svg", "<svg/>");
    await run.close();
    const outside = join(folder, "outside");
    mkdirSync(outside);
    writeFileSync(join(outside, "training.svg"), "mine");
    rmSync(join(path, "figures"), { recursive: true });
    symlinkSync(outside, join(path, "figures"));
    appendFileSync(join(path, "files.txt"), `../outside/training.svg\n${outside}/training.svg\n`);
    await createRun(path, { settings, manifest, overwrite: true });
    expect(readFileSync(join(outside, "training.svg"), "utf8")).toBe("mine");
  });

  it("behind a link stays behind it", async () => {
    const path = join(folder, "a");
    await (await createRun(path, { settings, manifest })).close();
    const link = join(folder, "link");
    symlinkSync(path, link);
    await createRun(link, { settings, manifest, overwrite: true });
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
    expect(await isRun(path)).toBe(true);
  });
});

describe("the lock of a run", () => {
  it("refuses a second writer with what to do, until the first is done", async () => {
    const path = join(folder, "a");
    const run = await createRun(path, { settings, manifest });
    const second = await openRun(path);
    await expect(second.lock()).rejects.toMatchObject({
      code: "in-use",
      message: expect.stringMatching(`process ${process.pid} on .*, since 20`),
      remedy: expect.stringContaining(join(path, "lock.json")),
    });
    await run.close();
    await second.lock();
    await second.close();
    expect(readdirSync(path)).not.toContain("lock.json");
  });

  it("of a process that is over does not hold on its own machine, and holds on others", async () => {
    const path = join(folder, "a");
    await (await createRun(path, { settings, manifest })).close();
    const child = spawn(process.execPath, ["-e", ""]);
    await new Promise((resolve) => child.once("exit", resolve));
    const lock = { host: hostname(), process: child.pid, since: "2026-01-01", began: null };
    const run = await openRun(path);
    writeFileSync(join(path, "lock.json"), JSON.stringify({ ...lock, host: "another" }));
    expect(await codeOf(run.lock())).toBe("in-use");
    writeFileSync(join(path, "lock.json"), "");
    expect(await codeOf(run.lock())).toBe("in-use");
    writeFileSync(join(path, "lock.json"), JSON.stringify(lock));
    const host = createHash("sha256").update(hostname()).digest("hex").slice(0, 8);
    const [dead, alive] = [child.pid, process.pid].map((id) => `.nlm-${host}-${id}--1.tmp`);
    for (const name of [dead!, alive!]) writeFileSync(join(path, name), "half");
    await run.lock();
    expect(readdirSync(path)).not.toContain(dead);
    expect(readdirSync(path)).toContain(alive);
  });
});

describe("the lock of a process that is over", () => {
  it("is taken by one of many that want it at once", async () => {
    const path = join(folder, "a");
    await (await createRun(path, { settings, manifest })).close();
    const child = spawn(process.execPath, ["-e", ""]);
    await new Promise((resolve) => child.once("exit", resolve));
    const lock = { host: hostname(), process: child.pid, since: "2026-01-01", began: null };
    for (let round = 0; round < 20; round++) {
      writeFileSync(join(path, "lock.json"), JSON.stringify(lock));
      const runs = await Promise.all(Array.from({ length: 8 }, () => openRun(path)));
      const codes = await Promise.all(runs.map((run) => codeOf(run.lock())));
      expect(codes.filter((code) => code === "nothing thrown")).toHaveLength(1);
      expect(codes.filter((code) => code === "in-use")).toHaveLength(7);
      for (const run of runs) await run.close();
      expect(readdirSync(path).filter((name) => /lock|tmp/.test(name))).toEqual([]);
    }
  });
});

describe("settings that change", () => {
  const resumption = { at: "2026-01-02T00:00:00Z", update: 10, backend: "cpu", versions: {} };

  it("hold although the process was killed between the manifest and config.yaml", async () => {
    const run = await createRun(join(folder, "a"), {
      settings,
      manifest: { ...manifest, settings },
    });
    const config = readFileSync(join(run.path, "config.yaml"), "utf8");
    const changed = { rate: [0.001, 0.01] as const };
    await run.noteResumption({ ...resumption, changed }, { rate: 0.01 });
    expect(await run.readSettings()).toEqual({ ...settings, rate: 0.01 });
    writeFileSync(join(run.path, "config.yaml"), config);
    expect(await run.readSettings()).toEqual({ ...settings, rate: 0.01 });
    writeFileSync(join(run.path, "config.yaml"), config.replace("rate: 0.001", "rate: 0.5"));
    await expect(run.readSettings()).rejects.toMatchObject({
      code: "invalid-value",
      message: expect.stringContaining("says rate: 0.5, but the run has 0.01"),
      remedy: expect.stringContaining("--set rate=0.5"),
    });
    expect((await run.readSettings({ rate: 0.5 })).rate).toBe(0.01);
  });
});

describe("a run that was never begun", () => {
  it("because its process was killed first, is begun without a word", async () => {
    const path = join(folder, "a");
    await (await createRun(path, { settings, manifest })).close();
    rmSync(join(path, "manifest.json"));
    expect(await isRun(path)).toBe(false);
    await (await createRun(path, { settings, manifest })).close();
    expect(await isRun(path)).toBe(true);
  });

  it("is not one with a checkpoint, whose manifest somebody removed", async () => {
    const path = join(folder, "a");
    const run = await createRun(path, { settings, manifest });
    await run.writeCheckpoint(state(1));
    await run.close();
    rmSync(join(path, "manifest.json"));
    expect(await codeOf(createRun(path, { settings, manifest }))).toBe("exists");
  });
});

describe("a run that was killed", () => {
  it("has every row of its metrics, and half a row is forgotten", async () => {
    const path = join(folder, "a");
    const run = await createRun(path, { settings, manifest });
    for (const update of [10, 20]) await run.addMetrics({ update });
    const file = join(path, "metrics.jsonl");
    expect(readFileSync(file, "utf8")).toBe('{"update":10}\n{"update":20}\n');
    await run.writeCheckpoint(state(20));
    appendFileSync(file, '{"update":3');
    const again = await openRun(path);
    expect(again.metrics).toEqual([{ update: 10 }, { update: 20 }]);
    await again.resume();
    await again.addMetrics({ update: 30 });
    expect(readFileSync(file, "utf8")).toBe('{"update":10}\n{"update":20}\n{"update":30}\n');
  });

  it("in the middle of a name of its list still knows its files", async () => {
    const path = join(folder, "a");
    const run = await createRun(path, { settings, manifest });
    await run.writeCheckpoint(state(10));
    await run.close();
    appendFileSync(join(path, "files.txt"), "checkpoints/00000");
    const again = await openRun(path);
    await again.lock();
    await again.writeCheckpoint(state(20));
    await again.writeCheckpoint(state(20));
    const names = readFileSync(join(path, "files.txt"), "utf8").trim().split("\n").slice(-2);
    expect(names).toEqual([
      "checkpoints/000000010.safetensors",
      "checkpoints/000000020.safetensors",
    ]);
    await again.close();
  });

  it("is running while a process holds its lock, and broken off where none does", async () => {
    const path = join(folder, "a");
    const run = await createRun(path, { settings, manifest });
    const { writer, ...standing } = await run.readState();
    expect(standing).toEqual({ state: "running" });
    expect(writer).toMatchObject({ host: hostname(), process: process.pid });
    expect((await inspect(path)).content).toMatchObject({
      "written by": `process ${process.pid} on ${hostname()}, since ${writer!.since}`,
    });
    // A killed process leaves its lock, one that failed lets it go.
    const { pid } = spawnSync(process.execPath, ["--version"]);
    const lock = JSON.parse(readFileSync(join(path, "lock.json"), "utf8"));
    const leave = (holder: object) =>
      writeFileSync(join(path, "lock.json"), JSON.stringify({ ...lock, ...holder }));
    leave({ process: pid });
    expect(await run.readState()).toEqual({ state: "broken-off" });
    rmSync(join(path, "lock.json"));
    expect((await inspect(path)).format).toBe("run, broken-off");
    // Whether a process of another machine is over cannot be told from here.
    leave({ process: pid, host: "another" });
    expect(await run.readState()).toMatchObject({ state: "running", writer: { host: "another" } });
    await run.setState("finished");
    expect(await run.readState()).toEqual({ state: "finished" });
  });

  it("with a damaged last checkpoint names those before it, and goes on from one", async () => {
    const run = await createRun(join(folder, "a"), { settings, manifest });
    for (const update of [10, 20, 30]) {
      await run.addMetrics({ update });
      await run.writeCheckpoint(state(update));
    }
    const last = await run.checkpointFile();
    writeFileSync(last, readFileSync(last).subarray(0, 100));
    await expect(run.resume()).rejects.toMatchObject({
      code: "bad-file",
      remedy: "Go on from one before it with --from: 10, 20.",
    });
    expect((await run.resume(20)).update).toBe(20);
    expect(await run.checkpoints()).toEqual([10, 20]);
    expect(readdirSync(join(run.path, "checkpoints/set-aside"))).toHaveLength(1);
    expect(run.metrics).toEqual([{ update: 10 }, { update: 20 }]);
  });
});

describe("writing", () => {
  it("follows links, and writes through pipes and devices", async () => {
    const [file, link] = [join(folder, "file"), join(folder, "link")];
    symlinkSync("file", link);
    await writeWhole(link, "one");
    await writeWhole(link, "two");
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
    expect(readFileSync(file, "utf8")).toBe("two");
    await writeWhole("/dev/null", "nothing");
    expect(lstatSync("/dev/null").isCharacterDevice()).toBe(true);
    const pipe = join(folder, "pipe");
    execFileSync("mkfifo", [pipe]);
    const reader = spawn("cat", [pipe]);
    let read = "";
    reader.stdout.on("data", (text) => {
      read += text;
    });
    const over = new Promise((resolve) => reader.once("close", resolve));
    await writeWhole(pipe, "through");
    await over;
    expect(read).toBe("through");
    expect(lstatSync(pipe).isFIFO()).toBe(true);
  });

  it("that the system refuses says so with the path and what to do", async () => {
    const refused = async (name: string) =>
      writeWhole(name, "text").then(
        () => undefined,
        ({ code, message, remedy }) => ({ code, message, remedy }),
      );
    writeFileSync(join(folder, "file"), "");
    expect(await refused("/dev/full")).toEqual({
      code: "unavailable",
      message: "/dev/full cannot be written: the disk is full.",
      remedy: "Make room, or choose another place.",
    });
    expect(await refused(folder)).toMatchObject({ code: "exists" });
    expect(await refused(join(folder, "file", "x"))).toMatchObject({ code: "exists" });
    expect(await refused(join(folder, "x".repeat(300)))).toMatchObject({ code: "invalid-value" });
    expect(await refused("")).toMatchObject({ code: "invalid-value" });
    expect(await codeOf(readWhole("/dev/zero"))).toBe("bad-file");
    expect(await refused(join(folder, "y".repeat(250)))).toBeUndefined();
  });

  it("leaves a whole checkpoint behind whenever the process is killed", async () => {
    const program = `
      import { writeWhole } from ${JSON.stringify(new URL("../dist/node.js", import.meta.url).href)};
      import { encodeCheckpoint } from ${JSON.stringify(new URL("../dist/index.js", import.meta.url).href)};
      const units = 200;
      for (let update = 1; ; update++) {
        await writeWhole(${JSON.stringify(join(folder, "c"))}, encodeCheckpoint({ update,
          couplings: new Float32Array(units * units).fill(update), bias: new Float32Array(units),
          chains: new Float32Array(units), moments: new Float32Array(2 * (units * units + units)) }));
        process.stdout.write(".");
      }`;
    for (let trial = 0; trial < 5; trial++) {
      const child = spawn(process.execPath, ["--input-type=module", "-e", program]);
      await new Promise((resolve) => child.stdout.once("data", resolve));
      await setTimeout(7 * trial);
      child.kill("SIGKILL");
      await new Promise((resolve) => child.once("exit", resolve));
      const { update, couplings } = decodeCheckpoint(readFileSync(join(folder, "c")), "c");
      expect(couplings.every((value) => value === update)).toBe(true);
    }
  });

  it("removes what a killed process left, however often this one has written there", async () => {
    const child = spawn(process.execPath, ["-e", ""]);
    await new Promise((resolve) => child.once("exit", resolve));
    const host = createHash("sha256").update(hostname()).digest("hex").slice(0, 8);
    for (let round = 0; round < 2; round++) {
      writeFileSync(join(folder, `.nlm-${host}-${child.pid}--1.tmp`), "half");
      await writeWhole(join(folder, "whole"), "text");
      expect(readdirSync(folder)).toEqual(["whole"]);
    }
  });

  it("leaves nothing behind when it fails", async () => {
    mkdirSync(join(folder, "taken", "by a folder"), { recursive: true });
    await expect(writeWhole(join(folder, "taken"), "text")).rejects.toThrow();
    expect(readdirSync(folder)).toEqual(["taken"]);
  });
});
