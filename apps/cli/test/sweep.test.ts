// `nlm sweep` and `nlm compare` as their users have them: killed and called again, in shards, and what they print.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeNpy } from "@neural-langevin/datasets";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { nlm, start } from "./command.js";

let folder: string;
const at = (...names: string[]) => join(folder, ...names);
const device = ["--backend", "cpu:plain", "--threads", "1"];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "nlm-sweeps-"));
  const pixels = Uint8Array.from({ length: 60 * 36 }, (_, place) => ((place * 7919) % 101) * 2);
  writeFileSync(at("images.npy"), encodeNpy(pixels, [60, 6, 6]));
  writeFileSync(
    at("rates.yaml"),
    "settings:\n  data: images.npy\n  chains: 8\n  batch: 8\n  updates: 60\n  checkpoint-every: 20\n" +
      "grid:\n  rate: [1e-3, 1e-4]\nseeds: 2\n",
  );
});
afterAll(() => rmSync(folder, { recursive: true }));

const names = [
  "rate=0.001,seed=1",
  "rate=0.001,seed=2",
  "rate=0.0001,seed=1",
  "rate=0.0001,seed=2",
];
const machineOf = (sweep: string, name: string) =>
  readFileSync(at(sweep, name, "checkpoints", "000000060.safetensors"), "base64");

describe("nlm sweep", () => {
  it("goes on bit for bit after it was killed, and shards do one sweep together", async () => {
    const killed = start(["sweep", "rates.yaml", "--out", "killed", ...device], folder);
    const second = at("killed", names[1]!, "checkpoints", "000000020.safetensors");
    while (!existsSync(second) && killed.child.exitCode === null) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    killed.child.kill("SIGKILL");
    await killed.ended;
    const shards = [1, 2].map((shard) =>
      nlm(["sweep", "rates.yaml", "--out", "shards", "--shard", `${shard}/2`, ...device], folder),
    );
    const resumed = nlm(["sweep", "rates.yaml", "--out", "killed", ...device, "--json"], folder);
    for (const { status } of await Promise.all(shards)) expect(status).toBe(0);
    const { status, stdout } = await resumed;
    expect(status).toBe(0);
    const { members } = JSON.parse(stdout);
    expect(
      members.map(({ name, state }: { name: string; state: string }) => [name, state]),
    ).toEqual(names.map((name) => [name, "finished"]));
    expect(readdirSync(at("shards")).sort()).toEqual([...names].sort());
    for (const name of names) expect(machineOf("killed", name)).toBe(machineOf("shards", name));
    const manifest = JSON.parse(readFileSync(at("killed", names[1]!, "manifest.json"), "utf8"));
    expect(manifest.resumed).toHaveLength(1);
  });

  it("says how to go on when it is stopped, and what is left", async () => {
    const stopped = start(["sweep", "rates.yaml", "--out", "a b", ...device], folder);
    while (!existsSync(at("a b", names[0]!, "manifest.json"))) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    stopped.child.kill("SIGTERM");
    const { status, stderr } = await stopped.ended;
    expect(status).toBe(143);
    expect(stderr.replaceAll("\n", " ")).toContain("Go on with: nlm sweep rates.yaml --out 'a b'");
    const listed = await nlm(["sweep", "rates.yaml", "--out", "a b", "--list"], folder);
    expect(listed.stderr).toContain(`a b/${names[0]}: interrupted`);
    expect(listed.stdout).toContain("4 trainings: 1 interrupted, 3 missing.");
  });

  it("refuses what it cannot do in one sentence, and writes nothing", async () => {
    writeFileSync(at("bad.yaml"), "grid:\n  learning-rate: [1]\n");
    writeFileSync(at("lost.yaml"), "settings:\n  data: lost.npy\nseeds: 2\n");
    for (const [args, sentence] of [
      [["bad.yaml"], "bad.yaml: grid.learning-rate is not a setting. The settings are data,"],
      [["lost.yaml"], "There are no data at "],
      [["rates.yaml", "--shard", "3/2"], "--shard takes i/n with i from 1 to n, such as 2/8"],
    ] as const) {
      const { status, stderr } = await nlm(["sweep", ...args, "--out", "no", ...device], folder);
      expect(status).toBe(2);
      expect(stderr.replaceAll("\n", " ")).toContain(sentence);
    }
    expect(existsSync(at("no"))).toBe(false);
  });
});

describe("nlm compare", () => {
  it("prints a table with errors over seeds, as text, CSV and JSON, and writes figures", async () => {
    const { status, stdout } = await nlm(["compare", "shards", "--out", "figures"], folder);
    expect(status).toBe(0);
    const lines = stdout.split("\n");
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(lines[0]).toMatch(/^ {2}rate +runs +dataEnergy +chainEnergy/);
    expect(lines[2]).toMatch(/^ {2}0\.001 +2 +[\d.]+ ± [\d.]+/);
    const { groups } = JSON.parse((await nlm(["compare", "shards", "--json"], folder)).stdout);
    const table = (await nlm(["compare", "shards", "--csv"], folder)).stdout.split("\n");
    const { value, standardError } = groups[0].measures.dataEnergy;
    expect(table[1]).toContain(`0.0001,2,${value},${standardError},`);
    expect(readdirSync(at("figures")).sort()).toEqual([
      "course.csv",
      "course.png",
      "course.svg",
      "groups.csv",
      "measures.csv",
      "measures.png",
      "measures.svg",
      "runs.csv",
    ]);
  });

  it("refuses folders without runs, and files that are there", async () => {
    const { stderr } = await nlm(["compare", "figures"], folder);
    expect(stderr).toContain("There is no run in figures, nor in a folder below it.");
    const again = await nlm(["compare", "shards", "--out", "figures"], folder);
    expect(again.status).toBe(2);
    expect(again.stderr).toContain("There is a file figures/groups.csv already.");
  });
});
