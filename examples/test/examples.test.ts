// Every example runs as a reader would run it, and does what it says.
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { createMachine, createReferenceBackend } from "@neural-langevin/core";
import { completeSettings, type Manifest } from "@neural-langevin/runs";
import { createRun } from "@neural-langevin/runs/node";
import { findChromium, outcomeOfPage } from "@neural-langevin/tooling/chromium";
import { findNumpy } from "@neural-langevin/tooling/numpy";
import { describe, expect, it } from "vitest";

const python = findNumpy("safetensors.numpy");
const folder = fileURLToPath(new URL("..", import.meta.url));
const run = async (command: string, args: string[]) =>
  (await promisify(execFile)(command, args, { cwd: folder })).stdout.trimEnd();
const program = (name: string, ...args: string[]) =>
  run(process.execPath, ["--import", "tsx", name, ...args]);

describe("an example", () => {
  it("trains a first machine that draws bars and stripes", async () => {
    const output = await program("first-machine.ts");
    const share = Number(/^(\d+) % of 500 samples/m.exec(output)?.[1]);
    expect(output).toContain("4000 updates: energy");
    expect(share).toBeGreaterThan(75);
  });

  it("completes an image of which one row is known", async () => {
    const output = await program("conditional-sampling.ts");
    expect(output.split("\n").slice(0, 4)).toEqual(["█·█·", "█·█·", "█·█·", "█·█·"]);
    expect(Number(/(\d+) % of 200 chains/.exec(output)?.[1])).toBeGreaterThan(90);
  });

  it("tempers a cold machine, whose chains stay where they fell without it", async () => {
    const output = await program("tempering.ts");
    const imagesOf = (name: string) =>
      Number(new RegExp(`^${name}: .* a chain is in (\\S+) images`, "m").exec(output)?.[1]);
    expect(imagesOf("tempered")).toBeGreaterThan(2 * imagesOf("plain"));
    const [, rates] = /^swaps accepted ([\d. ]+), \d+ round trips$/m.exec(output)!;
    const shares = rates!.split(" ").map(Number);
    expect(Math.max(...shares) - Math.min(...shares)).toBeLessThan(0.12);
  });

  it("tells by a ladder how often a trained machine is in each kind of image", async () => {
    const place = mkdtempSync(join(tmpdir(), "nlm-example-"));
    try {
      const output = await program("tempering/classes.ts", place, "--quick");
      for (const training of ["pcd-10", "tempering-10"]) {
        const [plain, tempered] = ["plain", "tempered from kind 1"].map((sampling) =>
          Number(new RegExp(`^${training}, ${sampling}: (\\S+) switches`, "m").exec(output)?.[1]),
        );
        expect(tempered).toBeGreaterThan(2 * plain!);
      }
      const lines = readFileSync(join(place, "tempering.csv"), "utf8").trimEnd().split("\n");
      expect(lines.length).toBe(7);
    } finally {
      rmSync(place, { recursive: true });
    }
  });

  it("gives the same trajectories on three backends", async () => {
    const lines = (await program("swap-backends.ts")).split("\n");
    expect(lines).toEqual(
      ["reference", "cpu", "tfjs"].map((id) => `${id}: agrees with the float64 reference to 1e-4`),
    );
  });

  it("makes a backend that holds the contract", async () => {
    const output = await program("own-backend.ts");
    const [, passed, all] = /^(\d+) of (\d+) scenarios passed: the contract holds$/m.exec(output)!;
    expect(passed).toBe(all);
    expect(Number(passed)).toBeGreaterThanOrEqual(44);
    expect(output).toContain("many sessions and took many steps");
  });

  it.skipIf(!findChromium())("runs a machine in a page", async () => {
    const page = join(folder, "page/");
    const found = await outcomeOfPage<{ updates: number; valid: number }>(page, { isolated: true });
    expect(found.updates).toBe(4000);
    expect(found.valid).toBeGreaterThan(0.5);
  });

  it.skipIf(!python)("reads a run in Python", async () => {
    const place = mkdtempSync(join(tmpdir(), "nlm-example-"));
    try {
      const backend = createReferenceBackend();
      const machine = await createMachine(backend, { units: 4, chains: 6, batch: 3, seed: 1 });
      const data = Float32Array.from({ length: 12 }, (_, at) => Math.sin(at));
      const folder = await createRun(join(place, "waves"), {
        settings: completeSettings({ chains: 6 }),
        manifest: { format: "neural-langevin run", state: "finished" } as Manifest,
      });
      for await (const { update, dataEnergy } of machine.train(data, { updates: 5 })) {
        await folder.addMetrics({ update, dataEnergy });
      }
      await folder.writeCheckpoint(await machine.state());
      const energies = await machine.session.measure("energy", "chains");
      const mean = energies.reduce((sum, energy) => sum + energy, 0) / energies.length;
      const output = await run(python!, ["read_run.py", folder.path]);
      expect(output).toContain("waves: 5 rows of metrics, the last of update 5");
      expect(output).toContain(
        `J (4, 4), b (4,), 6 chains with a mean energy of ${mean.toFixed(3)}`,
      );
    } finally {
      rmSync(place, { recursive: true });
    }
  });
});
