// A run on disk survives interruption, is never overwritten by chance, and says what is wrong with it.
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { completeSettings, decodeCheckpoint, type Manifest } from "../src/index.js";
import { createRun, openRun, readSettingsFile, writeWhole } from "../src/node.js";
import { codeOf } from "./known.js";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "nlm-runs-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const manifest: Manifest = {
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
  it("is found again with all it holds", async () => {
    const run = await createRun(join(folder, "a"), { settings, manifest });
    run.addMetrics({ update: 10, energy: 3 });
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
      run.addMetrics({ update, energy: update });
      if (update < 30) await run.writeCheckpoint(state(update));
    }
    await run.flush();
    const again = await openRun(join(folder, "a"));
    expect(await again.checkpoints()).toEqual([10, 20]);
    expect((await again.resume()).update).toBe(20);
    expect(again.metrics.map((row) => row.update)).toEqual([10, 20]);
    expect(await codeOf(again.resume(15))).toBe("not-found");
  });

  it("is overwritten only when told to, and only if it is a run", async () => {
    const path = join(folder, "a");
    await (await createRun(path, { settings, manifest })).writeCheckpoint(state(1));
    expect(await codeOf(createRun(path, { settings, manifest }))).toBe("exists");
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
    writeFileSync(join(run.path, "metrics.jsonl"), '{"update":1}\n{"upd');
    await expect(openRun(run.path)).rejects.toThrow(/metrics\.jsonl, line 2 is not JSON/);
    writeFileSync(join(run.path, "config.yaml"), "a: [1");
    expect(await codeOf(run.readSettings())).toBe("bad-file");
    writeFileSync(join(run.path, "config.yaml"), "- 1");
    expect(await codeOf(readSettingsFile(join(run.path, "config.yaml")))).toBe("bad-file");
  });
});

describe("writing", () => {
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

  it("leaves nothing behind when it fails", async () => {
    mkdirSync(join(folder, "taken", "by a folder"), { recursive: true });
    await expect(writeWhole(join(folder, "taken"), "text")).rejects.toThrow();
    expect(readdirSync(folder)).toEqual(["taken"]);
  });
});
