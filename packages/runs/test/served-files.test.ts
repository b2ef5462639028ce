// What of a run a page may fetch.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { runFormat } from "../src/index.js";
import { servedFiles } from "../src/node.js";
import { codeOf } from "./known.js";

const folder = mkdtempSync(join(tmpdir(), "nlm-served-"));
const at = (...names: string[]) => join(folder, ...names);
beforeAll(() => {
  mkdirSync(at("run", "checkpoints"), { recursive: true });
  for (const name of ["config.yaml", "images.npy", "secret.txt"])
    writeFileSync(at("run", name), "");
  writeFileSync(at("run", "manifest.json"), JSON.stringify({ format: runFormat }));
  writeFileSync(at("run", "checkpoints", "000000005.safetensors"), "");
  writeFileSync(at("run", "checkpoints", "best.safetensors"), "");
  mkdirSync(at("no run"));
});
afterAll(() => rmSync(folder, { recursive: true }));

it("is what the run is read from, and nothing that lies beside it", async () => {
  expect([...(await servedFiles(at("run")))]).toEqual([
    ["run/config.yaml", at("run", "config.yaml")],
    ["run/manifest.json", at("run", "manifest.json")],
    ["run/images.npy", at("run", "images.npy")],
    ["run/checkpoints/000000005.safetensors", at("run", "checkpoints", "000000005.safetensors")],
  ]);
});

it("is the one file that is named, and a folder that is not a run is refused", async () => {
  const file = at("run", "checkpoints", "best.safetensors");
  expect([...(await servedFiles(file))]).toEqual([["best.safetensors", file]]);
  expect(await codeOf(servedFiles(at("no run")))).toBe("not-found");
  expect(await codeOf(servedFiles(at("nowhere")))).toBe("not-found");
});
