// Every block of docs/python.md runs, reads what was written, and writes what can be read.
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { createReferenceBackend, langevin } from "@neural-langevin/core";
import { type Encoding, isImageSet, valuesOf } from "@neural-langevin/datasets";
import { loadSamples } from "@neural-langevin/datasets/node";
import {
  completeSettings,
  computedBy,
  decodeNetwork,
  newManifest,
  prepareData,
  sessionOf,
  trainRun,
} from "@neural-langevin/runs";
import { createRun, readWhole, writeTrajectory } from "@neural-langevin/runs/node";
import { findNumpy } from "@neural-langevin/tooling/numpy";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const page = readFileSync(fileURLToPath(new URL("../../docs/python.md", import.meta.url)), "utf8");
const blocks = [...page.matchAll(/^```python\n([\s\S]*?)^```/gm)].map(([, block]) => block!);
const python = findNumpy("safetensors.numpy");
const pandas = findNumpy("safetensors.numpy", "pandas");

let folder = "";
let encoding: Encoding;
/** Means over the last chains and the trajectory, as the blocks compute them. */
const known = { dataEnergy: 0, energy: 0, rate: 0, first: 0, energies: 0 };
const mean = (values: ArrayLike<number>) =>
  Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "nlm-python-"));
  const rates = {
    count: 60,
    shape: [6],
    values: Float32Array.from({ length: 360 }, (_, at) => 5 + (at % 6) * Math.sin(at * at)),
    labels: undefined,
    source: "rates",
  };
  const settings = completeSettings({
    encoding: "z-score",
    chains: 8,
    batch: 10,
    updates: 5,
    "evaluate-every": 2,
  });
  const data = await prepareData(rates, settings);
  encoding = data.encoding;
  const backend = createReferenceBackend();
  const session = await backend.open(sessionOf(settings, data));
  const manifest = newManifest({ settings, data, computedBy: computedBy(backend), versions: {} });
  const run = await createRun(join(folder, "rates"), { settings, manifest });
  const evaluate = async () => ({ A_T: 0.5, A_T_error: null, E2: 0.25 });
  for await (const report of trainRun({ session, settings, data, sink: run, evaluate })) {
    known.dataEnergy = report.dataEnergy;
  }
  await run.close();
  known.energy = mean(await session.measure("energy", "chains"));
  known.rate = mean(encoding.decode(await session.read("chains")));
  const frames = langevin(session, { stages: [{ steps: 20, temperature: 1 }], dt: 0.05, every: 5 });
  let count = 0;
  const seen = async function* () {
    for await (const frame of frames) {
      known.first += mean(frame.states.filter((_, at) => at % 6 === 0).map(Math.tanh));
      known.energies += mean(frame.energies);
      count++;
      yield frame;
    }
  };
  const files = { states: join(folder, "trajectory.npy"), energies: join(folder, "energies.npy") };
  await writeTrajectory(files, seen());
  known.first /= count;
  known.energies /= count;
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What the block that contains some text prints. */
async function outputOf(text: string): Promise<string> {
  const block = blocks.find((one) => one.includes(text))!;
  const program = block.includes("pandas") ? pandas! : python!;
  return (await promisify(execFile)(program, ["-c", block], { cwd: folder })).stdout.trim();
}
const numberAt = (output: string, place: number) =>
  Number([...output.matchAll(/-?\d+\.\d+/g)][place]![0]);

describe.skipIf(!python)("with NumPy", () => {
  it("recordings are written that a training reads", async () => {
    await outputOf("np.savez");
    const set = await loadSamples(join(folder, "recordings.npz"), { numbers: "real" });
    expect([isImageSet(set), set.count, valuesOf(set).length]).toEqual([false, 500, 500 * 60]);
    expect([...set.labels!.subarray(0, 4)]).toEqual([0, 1, 2, 0]);
  });

  it("a machine's couplings give the energies of its chains", async () => {
    expect(numberAt(await outputOf("mean energy"), 0)).toBeCloseTo(known.energy, 2);
  });

  it("states become numbers again", async () => {
    const output = await outputOf("encoding_deviation");
    expect(output).toMatch(/^z-score 6 \(8, 6\) /);
    expect(numberAt(output, 0)).toBeCloseTo(known.rate, 2);
  });

  it("couplings from elsewhere are a machine", async () => {
    await outputOf("save_file(");
    const file = join(folder, "mine.safetensors");
    expect(decodeNetwork(await readWhole(file), file).units).toBe(6);
  });

  it("a trajectory is an array", async () => {
    const output = await outputOf("mmap_mode");
    expect(output).toMatch(/^\(4, 8, 6\) mean rate of unit 0/);
    expect(numberAt(output, 0)).toBeCloseTo(known.first, 2);
  });
});

describe.skipIf(!pandas)("with pandas", () => {
  it("a frame is written that a training reads", async () => {
    await outputOf("to_csv");
    const set = await loadSamples(join(folder, "recordings.csv"), { numbers: "real" });
    expect([set.count, valuesOf(set).length, set.classes]).toEqual([500, 1500, ["awake"]]);
  });

  it("metrics and manifest say how the run went", async () => {
    const output = await outputOf("read_json");
    expect(numberAt(output, 0)).toBeCloseTo(known.dataEnergy, 3);
    expect(output).toMatch(/finished \[6\] z-score$/);
  });

  it("evaluations are a table beside their times", async () => {
    const output = await outputOf("evaluations");
    expect(output).toMatch(/^5 +[\d.]+ +0\.5 +NaN +0\.25 \(3, 5\)$/);
  });

  it("energies are a table", async () => {
    const output = await outputOf("rename_axis");
    expect(numberAt(output, 0)).toBeCloseTo(known.energies, 2);
    expect(output).toMatch(/\(4, 8\)$/);
  });
});

it("every block has its test", () => {
  expect(blocks).toHaveLength(9);
});
