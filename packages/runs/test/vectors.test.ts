// A run whose data are no images learns them as their encoding says, and its machine knows what its units mean.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createReferenceBackend, isLangevinError } from "@neural-langevin/core";
import {
  type EncodingKind,
  encodeImages,
  encodingNames,
  encodingOf,
  type VectorSet,
} from "@neural-langevin/datasets";
import { afterEach, beforeEach, expect, it } from "vitest";
import {
  type Checkpoint,
  completeSettings,
  computedBy,
  decodeCheckpoint,
  decodeNetwork,
  encodeNetwork,
  narrowData,
  newManifest,
  prepareData,
  sessionOf,
  trainRun,
} from "../src/index.js";
import { createRun, openRun } from "../src/node.js";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "nlm-vectors-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Forty samples of 2 × 3 numbers with scales that differ by hundreds. */
const rates: VectorSet = {
  count: 40,
  shape: [2, 3],
  values: Float32Array.from(
    { length: 40 * 6 },
    (_, at) => (at % 6) ** 3 + Math.sin(at) * 10 ** (at % 3),
  ),
  labels: Uint8Array.from({ length: 40 }, (_, at) => at % 2),
  classes: ["asleep", "awake"],
  columns: ["a", "b", "c", "d", "e", "f"],
  source: "recordings",
};
const settings = completeSettings({
  encoding: "z-score",
  "held-out": 8,
  chains: 6,
  batch: 8,
  updates: 3,
  "step-size": 0.05,
});

it("a run keeps shape, columns and encoding, and its machine decodes what it samples", async () => {
  const data = await prepareData(rates, settings);
  const backend = createReferenceBackend();
  const manifest = newManifest({ settings, data, computedBy: computedBy(backend), versions: {} });
  const path = join(folder, "run");
  const run = await createRun(path, { settings, manifest });
  const session = await backend.open(sessionOf(settings, data));
  for await (const _ of trainRun({ session, settings, data, sink: run }));
  await run.close();
  await backend.close();

  const again = await openRun(path);
  const { data: kept } = await again.readManifest();
  expect([kept.shape, kept.columns, kept.classes, kept.width, kept.height]).toEqual([
    [2, 3],
    rates.columns,
    rates.classes,
    3,
    2,
  ]);
  expect(await again.readSettings()).toMatchObject({ encoding: "z-score" });
  const checkpoint = await again.resume();
  expect(checkpoint.shape).toEqual([2, 3]);
  for (const record of [kept.encoding, checkpoint.encoding]) {
    const encoding = encodingOf(record);
    expect(encoding.name).toBe("z-score");
    expect(encodeImages(data.training, encoding)).toEqual(data.states);
    encoding.decode(data.states).forEach((value, at) => {
      const exact = data.training.values[at]!;
      expect(Math.abs(value - exact)).toBeLessThan(1e-5 * (1 + Math.abs(exact)));
    });
  }
});

it("the encoding is fitted to what is learned, and not to what is kept back", async () => {
  const data = await prepareData(rates, settings);
  const { states, heldOutRates, training, units } = data;
  for (let unit = 0; unit < units; unit++) {
    let sum = 0;
    for (let row = 0; row < training.count; row++) sum += states[row * units + unit]!;
    expect(Math.abs(sum / training.count)).toBeLessThan(1e-6);
  }
  expect(heldOutRates.length).toBe(8 * 6);
  const fewer = narrowData(data, { labels: [1] });
  expect(fewer.encoding).toBe(data.encoding);
  expect([...new Set(fewer.training.labels)]).toEqual([1]);
  expect(fewer.states).toEqual(encodeImages(fewer.training, data.encoding));
});

it("every encoding is kept exactly in a machine's file", async () => {
  const grey = { ...rates, values: rates.values.map((_, at) => (at % 7) / 6) };
  for (const encoding of encodingNames) {
    const data = await prepareData(grey, { ...settings, encoding });
    const network = { units: 6, couplings: new Float32Array(36), bias: new Float32Array(6) };
    const file = encodeNetwork({ ...network, encoding: data.encoding, shape: [2, 3] });
    const read = decodeNetwork(file, "m");
    const { name, parameters } = data.encoding;
    expect([read.encoding, read.shape]).toEqual([{ name, parameters }, [2, 3]]);
  }
});

it("a program brings its own encoding, whose name the machine keeps", async () => {
  const root: EncodingKind = {
    name: "cube root",
    takes: "real",
    fit: () => root.of({}),
    of: () => ({
      name: "cube root",
      parameters: {},
      range: [-1, 1],
      encode: (values) => Float32Array.from(values, Math.cbrt),
      decode: (states) => Float64Array.from(states, (x) => x ** 3),
    }),
  };
  const data = await prepareData(rates, settings, { encoding: root });
  expect(data.states[5]).toBeCloseTo(Math.cbrt(data.training.values[5]!), 6);
  const kept: Checkpoint[] = [];
  const sink = {
    addMetrics() {},
    writeCheckpoint: (checkpoint: Checkpoint) => void kept.push(checkpoint),
    setState() {},
  };
  const session = await createReferenceBackend().open(sessionOf(settings, data));
  for await (const _ of trainRun({ session, settings, data, sink }));
  expect(kept.at(-1)?.encoding).toEqual({ name: "cube root", parameters: {} });
  expect(() => encodingOf(kept.at(-1)?.encoding)).toThrow('"cube root" is not known here');
  expect(encodingOf(kept.at(-1)?.encoding, [root]).name).toBe("cube root");
});

it("numbers that an encoding does not take, and units that are not a sample, are refused in words", async () => {
  const failure = async (work: Promise<unknown>) =>
    work.then(
      () => "nothing was thrown",
      (error) => (isLangevinError(error) ? `${error.code}: ${error.message}` : error),
    );
  expect(await failure(prepareData(rates, completeSettings({})))).toMatch(
    /^invalid-value: The encoding atanh takes numbers from 0 to 1, and recordings has/,
  );
  expect(await failure(prepareData(rates, { ...settings, units: 7 }))).toBe(
    "invalid-value: 7 units do not fit samples of 2 × 3 numbers.",
  );
});

it("a file whose shape or encoding cannot be is refused", () => {
  const network = { units: 6, couplings: new Float32Array(36), bias: new Float32Array(6) };
  for (const [metadata, problem] of [
    [{ shape: "2,4" }, "m: samples of the shape (2, 4) do not fit 6 units."],
    [{ shape: "2,x" }, 'm: its shape is "2,x", not numbers.'],
    [{ encoding: "atanh", encoding_clip: "" }, 'm: its encoding_clip is "", not numbers.'],
  ] as const) {
    const bytes = encodeNetwork(network, metadata);
    expect(() => decodeNetwork(bytes, "m")).toThrow(problem);
    expect(() => decodeCheckpoint(bytes, "m")).toThrow();
  }
});
