// `nlm lab` as a process: what it serves and what it refuses.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runFormat } from "@neural-langevin/runs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { nlm, start } from "./command.js";

const folder = mkdtempSync(join(tmpdir(), "nlm-lab-"));
beforeAll(() => {
  mkdirSync(join(folder, "run", "checkpoints"), { recursive: true });
  for (const name of ["config.yaml", "manifest.json", "metrics.jsonl", "secret.txt"]) {
    writeFileSync(join(folder, "run", name), name);
  }
  writeFileSync(join(folder, "run", "manifest.json"), JSON.stringify({ format: runFormat }));
  writeFileSync(join(folder, "run", "checkpoints", "000000005.safetensors"), "machine");
  writeFileSync(join(folder, "run", "checkpoints", "best.safetensors"), "mine");
});
afterAll(() => rmSync(folder, { recursive: true }));

describe("nlm lab", () => {
  it("serves the site, the run's own files, and nothing else of it, until it is interrupted", async () => {
    const { child, ended } = start(["lab", "run", "--port", "0", "--json"], folder);
    const line = await new Promise<string>((resolve) => {
      child.stdout!.once("data", (text) => resolve(String(text)));
    });
    const { address } = JSON.parse(line) as { address: string };
    const ask = (path: string) => fetch(new URL(path, address));

    expect(await (await ask("/")).text()).toContain("<script");
    expect(await (await ask("/run/index.json")).json()).toEqual([
      "run/config.yaml",
      "run/manifest.json",
      "run/metrics.jsonl",
      "run/checkpoints/000000005.safetensors",
    ]);
    const checkpoint = await ask("/run/run/checkpoints/000000005.safetensors");
    expect(await checkpoint.text()).toBe("machine");
    expect((await ask("/run/run/checkpoints/best.safetensors")).status).toBe(404);
    expect((await ask("/run/run/secret.txt")).status).toBe(404);
    child.kill("SIGINT");
    expect((await ended).status).toBe(0);
  });

  it("refuses what is not a run, and a port that is taken", async () => {
    const missing = await nlm(["lab", "nowhere"], folder);
    expect(missing.status).toBe(2);
    expect(missing.stderr).toMatch(/There is no run in nowhere\./);
    const { child, ended } = start(["lab", "--port", "0", "--json"], folder);
    const line = await new Promise<string>((resolve) => {
      child.stdout!.once("data", (text) => resolve(String(text)));
    });
    const { port } = new URL((JSON.parse(line) as { address: string }).address);
    const second = await nlm(["lab", "--port", port], folder);
    expect(second.status).toBe(2);
    expect(second.stderr).toMatch(/is in use/);
    child.kill("SIGINT");
    await ended;
  });
});
