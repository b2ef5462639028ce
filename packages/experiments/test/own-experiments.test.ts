// Experiments of one's own, with data and settings of one's own, and in shards: what does not apply is refused, what was
// given is written down, and shards that are put together are the whole experiment.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createCpuBackend } from "@neural-langevin/backend-cpu";
import { type Backend, isLangevinError } from "@neural-langevin/core";
import { type DataSet, encodeImages, encodeNpy } from "@neural-langevin/datasets";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { encodeArrays } from "../src/arrays.js";
import {
  createMemoryStorage,
  defineExperiment,
  type Experiment,
  type ExperimentRun,
  experiments,
  givenSettings,
  type MemoryStorage,
  memorisation,
  regimes,
  runExperiment,
  runExperimentShard,
  spectrum,
  start,
} from "../src/index.js";
import {
  chooseExperiment,
  createExperimentFolder,
  gatherExperiment,
  loadExperiment,
  namedImages,
  openExperimentFolder,
} from "../src/node.js";
import { micro, stripes } from "./micro.js";

let backend: Backend;
let folder: string;
const at = (...names: string[]) => join(folder, ...names);
beforeAll(async () => {
  backend = await createCpuBackend({ threads: 1 });
  folder = mkdtempSync(join(tmpdir(), "nlm-own-experiments-"));
});
afterAll(async () => {
  await backend.close();
  rmSync(folder, { recursive: true });
});

/** What an error says, with its remedy. */
const saidBy = async (work: () => unknown): Promise<string> => {
  try {
    await work();
  } catch (error) {
    if (isLangevinError(error)) return `${error.message} ${error.remedy ?? ""}`.trim();
    throw error;
  }
  return "nothing thrown";
};

const images = { stripes: stripes(), "large stripes": stripes(500, 28) };
const runOf = (experiment: Experiment, more: Partial<ExperimentRun<object>>) => ({
  experiment,
  settings: micro[experiment.name],
  backend,
  seed: 3,
  data: (name: string) => images[name as keyof typeof images],
  ...more,
});

/** All files of stages but for manifests, which hold times. */
const stagesIn = ({ files }: MemoryStorage) =>
  [...files]
    .filter(([name]) => /^(arrays|stages|machines)\//.test(name) && !name.endsWith("manifest.json"))
    .map(([name, bytes]): [string, string] => [name, Buffer.from(bytes).toString("base64")]);

/** More than one part, where the settings of moments have one. */
const several: Readonly<Record<string, object>> = {
  age: { ...micro.age, restarts: [4, 2], steps: [2] },
  start: {
    ...micro.start,
    at: [],
    starts: [2, 3].map((gain) => ({ couplings: "antisymmetric", gain, "step-size": 0.05 })),
  },
};

/** A storage in which the eigenvalues of `start` are there already: they take long, and depend on one start alone. */
async function storageFor({ name }: Experiment): Promise<MemoryStorage> {
  const storage = createMemoryStorage();
  const stiffness = { shape: [1], values: Float64Array.of(1) };
  for (const gain of name === "start" ? [2, 3] : []) {
    const file = `arrays/antisymmetric-${gain}-stiffness.npz`;
    await storage.write(file, encodeArrays({ before: stiffness, after: stiffness }));
  }
  return storage;
}

describe.each(experiments.filter(({ parts }) => parts))("the parts of $name", (experiment) => {
  it("are independent: shards of them compute the same bytes as the whole", async () => {
    const settings = several[experiment.name] ?? micro[experiment.name]!;
    const whole = await storageFor(experiment);
    await runExperiment(runOf(experiment, { settings, storage: whole }));
    const all = new Map(stagesIn(whole));
    const found = new Set<string>();
    for (const index of [0, 1]) {
      const storage = await storageFor(experiment);
      const run = runOf(experiment, { settings, storage });
      const parts = await runExperimentShard(run, { index, count: 2 });
      expect(parts.length).toBeGreaterThan(0);
      for (const [name, bytes] of stagesIn(storage)) {
        expect({ name, bytes }).toEqual({ name, bytes: all.get(name) });
        found.add(name);
      }
      expect(storage.files.has("report.json")).toBe(false);
    }
    expect([...found].sort()).toEqual([...all.keys()].sort());
  });
});

/** The mean energy of machines without training, over the temperature. */
const energies = defineExperiment({
  name: "energies",
  description: "the energy over the temperature",
  scales: {
    quick: { training: { data: "stripes", "held-out": 2, updates: 2 }, temperatures: [1, 2, 4] },
  },
  parts: "temperatures",
  async measure(context, { training, temperatures }) {
    const rows: { temperature: number; energy: number }[] = [];
    for (const temperature of temperatures) {
      const given = { ...training, chains: 4, batch: 4, temperature };
      const [network] = await context.train(`machine-${temperature}`, given);
      const { energies } = await context.sample(`energies-${temperature}`, {
        network: network!,
        chains: 4,
        at: [20],
        dt: 0.05,
        integrator: "leimkuhler-matthews",
        temperature,
        observe: (frame) => ({ energies: frame.energies }),
      });
      rows.push({ temperature, energy: energies[0]!.reduce((a, b) => a + b) / 4 });
    }
    return rows;
  },
  tables: (rows) => [{ name: "energies", caption: "Energy over temperature", rows }],
  findings: (rows) => [{ found: `${rows.length} temperatures were measured.` }],
});

describe("an experiment of one's own", () => {
  it("runs like any other, and reports what was found without a word of the paper", async () => {
    const storage = createMemoryStorage();
    const report = await runExperiment(
      runOf(energies as Experiment, { storage, settings: undefined }),
    );
    expect(report).toMatchObject({ experiment: "energies", scale: "quick" });
    expect(report.findings).toEqual([
      { found: "3 temperatures were measured.", paper: "", verdict: "not-claimed" },
    ]);
    const page = new TextDecoder().decode(storage.files.get("report.md"));
    expect(page).toContain("\n- 3 temperatures were measured.\n");
    expect(page).not.toContain("Paper");
    // The work of a scale is that of its trainings, unless the experiment says otherwise.
    const { half, paper } = energies.scales;
    expect([half, paper]).toEqual([energies.scales.quick, energies.scales.quick]);
    expect(energies.operations(half).backend).toBeGreaterThan(0);
  });

  it("is the default export of a file or of a package", async () => {
    const body = `{ name: "own", description: "d", scales: { quick: { n: 1 } }, measure: async () => 1 }`;
    writeFileSync(at("own.mjs"), `export default ${body};`);
    const ofFile = await loadExperiment("./own.mjs", folder);
    expect(ofFile).toMatchObject({ experiment: { name: "own" }, module: at("own.mjs") });
    expect(ofFile.experiment.findings(1)).toEqual([]);
    mkdirSync(at("node_modules", "own-package"), { recursive: true });
    writeFileSync(
      at("node_modules", "own-package", "package.json"),
      '{ "name": "own-package", "type": "module", "main": "index.js" }',
    );
    writeFileSync(at("node_modules", "own-package", "index.js"), `export default ${body};`);
    const ofPackage = await loadExperiment("own-package", folder);
    expect(ofPackage).toMatchObject({ experiment: { name: "own" }, module: "own-package" });
    expect(await loadExperiment("spectrum", folder)).toEqual({
      experiment: spectrum,
      module: undefined,
    });
  });

  it.each([
    ["nothing.js", undefined, "There is no file"],
    ["no-package", undefined, 'There is no experiment "no-package", and no package of that name.'],
    ["fs", undefined, 'There is no experiment "fs"'],
    ["broken.mjs", "export default {", "broken.mjs does not load: "],
    [
      "empty.mjs",
      "export const a = 1;",
      "not an experiment. This is not an experiment: it is not an object",
    ],
    [
      "named.mjs",
      'export default { name: "My own" };',
      "name takes lower-case letters, digits and",
    ],
    ["plain.mjs", 'export default { name: "a" };', "description is missing"],
    ["flat.mjs", 'export default { name: "a", description: "d" };', "scales.quick is missing"],
    [
      "still.mjs",
      'export default { name: "a", description: "d", scales: { quick: {} } };',
      "measure is not a function",
    ],
    [
      "table.mjs",
      'export default { name: "a", description: "d", scales: { quick: {} }, measure() {}, tables: [] };',
      "tables is not a function",
    ],
    [
      "parts.mjs",
      'export default { name: "a", description: "d", scales: { quick: {} }, measure() {}, parts: "b" };',
      "parts names b, which is not a list at every scale",
    ],
  ])("%s is refused where it is none", async (name, content, sentence) => {
    if (content) writeFileSync(at(name), content);
    const path = name.includes(".") ? `./${name}` : name;
    expect(await saidBy(() => loadExperiment(path, folder))).toContain(sentence);
  });
});

describe("settings that are given", () => {
  const given = (experiment: Experiment, set: Record<string, unknown>) =>
    givenSettings(experiment, "quick", set) as Record<string, never>;

  it("are the experiment's own, else those of all its trainings", () => {
    const set = { chains: "7", steps: "3,5", "training.chains": "9", dt: "0.5" };
    const { chains, steps, trainings, at } = given(regimes as Experiment, set);
    expect({ chains, steps, at }).toEqual({ chains: 7, steps: [3, 5], at: [400] });
    for (const training of trainings as object[]) {
      expect(training).toMatchObject({ chains: 9, "step-size": 0.5, updates: 2000 });
    }
    expect(regimes.scales.quick.chains).toBe(256);
  });

  it("take other data whole, unless they say which of them", () => {
    const { training } = given(spectrum as Experiment, { data: "photos" });
    expect(training).toMatchObject({ data: "photos", labels: undefined, images: undefined });
    const some = given(spectrum as Experiment, { data: "photos", images: "50" });
    expect(some.training).toMatchObject({ images: 50, labels: undefined });
    expect(given(spectrum as Experiment, { data: "mnist" }).training).toMatchObject({
      labels: [1, 3, 6],
    });
  });

  it.each([
    [spectrum, { nothing: "1" }, "spectrum has no setting nothing. Its own are at; those of its"],
    [spectrum, { rate: "-1" }, "rate takes a positive number"],
    [spectrum, { at: "1,x" }, 'at of spectrum takes a number, not "x".'],
    [
      spectrum,
      { seed: "2" },
      "The seed of spectrum is not a setting of its trainings. Give it with",
    ],
    [spectrum, { thin: "2" }, "thin only affects time-average-K, not pcd-10."],
    [regimes, { "negative-phase": "pcd-1" }, "regimes chooses negative-phase itself"],
    [memorisation, { "training.images": "5" }, "memorisation chooses images itself"],
    [start, { data: "photos" }, "start chooses data itself, so it cannot be given."],
    [start, { starts: "1" }, "starts of start is not a number, a text or a list of them"],
  ])("are refused where they do not apply (%#)", async (experiment, set, sentence) => {
    expect(await saidBy(() => given(experiment as Experiment, set))).toContain(sentence);
  });

  it("come with data that are there, and are written down", async () => {
    const pixels = images.stripes.pixels.subarray(0, 40 * 36);
    writeFileSync(at("own.npy"), encodeNpy(pixels, [40, 6, 6]));
    const set = { updates: "3", at: "1", chains: "4", batch: "4" };
    const choice = { scale: "quick", data: at("own.npy"), set } as const;
    const chosen = await chooseExperiment("spectrum", choice);
    expect(chosen.given).toEqual({ ...set, data: at("own.npy") });
    const storage = createMemoryStorage();
    await runExperiment({ ...chosen, backend, storage, data: () => images.stripes });
    const read = (name: string) => new TextDecoder().decode(storage.files.get(name));
    expect(JSON.parse(read("experiment.json"))).toMatchObject({
      scale: "quick",
      given: chosen.given,
      settings: { at: [1], training: { updates: 3, data: at("own.npy") } },
    });
    expect(read("report.md")).toContain("Given in place of the scale's: `updates=3`, `at=1`,");
    const lost = { ...choice, data: at("lost.npy") };
    expect(await saidBy(() => chooseExperiment("spectrum", lost))).toContain(
      "There are no data at",
    );
    const stopped = { signal: { aborted: true } };
    expect(await saidBy(() => chooseExperiment("spectrum", choice, stopped))).toContain(
      "Reading was stopped",
    );
    const few = { ...choice, set: { images: "1000" } };
    expect(await saidBy(() => chooseExperiment("spectrum", few))).toContain("1000");
    const values = Float32Array.from({ length: 60 }, (_, place) => 5 * Math.sin(place));
    writeFileSync(at("rates.npy"), encodeNpy(values, [20, 3]));
    const rates = { ...choice, data: at("rates.npy"), set: { ...set, encoding: "z-score" } };
    const ofRates = await chooseExperiment("spectrum", rates);
    const data = namedImages();
    const report = await runExperiment({
      ...ofRates,
      backend,
      storage: createMemoryStorage(),
      data,
    });
    expect(report.findings[0]!.found).toContain("After 3 updates");
    const others = { ...rates, set: { encoding: "z-score" } };
    expect(await saidBy(() => chooseExperiment("one-chain", others))).toContain(
      "rates.npy holds samples of 3 numbers. The experiments regimes, memorisation, spectrum, ",
    );
    for (const name of ["exploration", "classes", "denoise"]) {
      const plain = { scale: "quick", data: at("own.npy") } as const;
      expect(await saidBy(() => chooseExperiment(name, plain))).toContain(
        "own.npy has no labels for",
      );
    }
    const share = { ...choice, shard: "1/2" };
    expect(await saidBy(() => chooseExperiment("spectrum", share))).toBe(
      "The experiment spectrum is not made of independent parts, so it has no shards. Run it as a whole.",
    );
    const none = { scale: "quick", shard: true } as const;
    expect(await saidBy(() => chooseExperiment("classes", none))).toContain("Give --shard i/n.");
    expect(await saidBy(() => chooseExperiment(undefined, choice))).toContain(
      "Name an experiment.",
    );
  });
});

describe("data that are no images", () => {
  const numbers: DataSet = {
    count: images.stripes.count,
    shape: [36],
    values: encodeImages(images.stripes),
    labels: images.stripes.labels,
    source: "numbers",
  };
  /** Settings whose trainings learn the numbers as they are. */
  const asNumbers = (settings: object): object =>
    Object.fromEntries(
      Object.entries(settings).map(([name, value]) => {
        const change = (training: object) => ({ ...training, encoding: "identity" });
        if (name === "training") return [name, change(value)];
        return [name, name === "trainings" ? value.map(change) : value];
      }),
    );

  it.each(experiments.filter((one) => one.takesNumbers).map((one) => [one.name, one] as const))(
    "give %s what images of the same states give it",
    async (name, experiment) => {
      const [ofImages, ofNumbers] = [createMemoryStorage(), createMemoryStorage()];
      const report = await runExperiment(runOf(experiment, { storage: ofImages }));
      const settings = asNumbers(micro[name]!);
      const more = { storage: ofNumbers, settings, data: () => numbers };
      const other = await runExperiment(runOf(experiment, more));
      // Numbers that are no images have no negatives, and are not called images.
      const asSamples = (text = "") =>
        text
          .replace("real images have", "real samples have")
          .replace(/ and [^,;]* negatives\./, ".");
      expect(other.findings).toEqual(
        report.findings.map((one) => ({ ...one, found: asSamples(one.found) })),
      );
      expect(JSON.stringify(other.findings)).not.toContain("negatives");
      const tables = [...ofImages.files.keys()].filter((file) => file.startsWith("tables/"));
      expect(tables.length).toBeGreaterThan(0);
      for (const table of tables) {
        expect(ofNumbers.files.get(table)).toEqual(ofImages.files.get(table));
      }
    },
  );
});

describe("shards in folders", () => {
  let run: ExperimentRun<object>;
  beforeAll(() => {
    run = runOf(energies as Experiment, { settings: undefined });
  });
  const shards = [1, 2, 3].map((number) => `shard-${number}`);
  const report = (name: string) => JSON.parse(readFileSync(at(name, "report.json"), "utf8"));
  const gather = (names: readonly string[], out: string) =>
    saidBy(() =>
      gatherExperiment(
        names.map((name) => at(name)),
        at(out),
      ),
    );

  it("are put together, and finished, as one", async () => {
    for (const [index, name] of shards.entries()) {
      await using storage = await createExperimentFolder(at(name));
      expect(await runExperimentShard({ ...run, storage }, { index, count: 3 })).toEqual([
        [1, 2, 4][index],
      ]);
    }
    await using plain = await createExperimentFolder(at("plain"));
    await runExperiment({ ...run, storage: plain });
    expect(await gather([...shards].reverse(), "gathered")).toBe("nothing thrown");
    await using storage = await openExperimentFolder(at("gathered"));
    // Nothing is left to compute.
    const open = () => Promise.reject(new TypeError("computed"));
    await runExperiment({ ...run, backend: { ...backend, device: backend.device, open }, storage });
    expect(report("gathered").flop).toBe(report("plain").flop);
    const table = (name: string) => readFileSync(at(name, "tables", "energies.csv"), "utf8");
    expect(table("gathered")).toBe(table("plain"));
  });

  it("are refused where they are not all of one experiment", async () => {
    expect(await gather(shards.slice(1), "no")).toBe(
      "Of 3 shards 1/3 are missing. Name the folders of all shards.",
    );
    expect(await gather(["plain"], "no")).toContain("is not a shard.");
    expect(await gather([shards[0]!, shards[0]!], "no")).toContain("are both shard 1 of 3.");
    expect(await gather(["nowhere"], "no")).toContain("There is no experiment in");
    {
      await using other = await createExperimentFolder(at("other"));
      await runExperimentShard({ ...run, seed: 4, storage: other }, { index: 1, count: 3 });
      const share = { index: 0, count: 3 };
      expect(await saidBy(() => runExperimentShard({ ...run, storage: other }, share))).toContain(
        "The storage holds shard 2 of 3 of the experiment energies, not shard 1 of 3.",
      );
      expect(await saidBy(() => runExperiment({ ...run, storage: other }))).toContain("not all.");
    }
    expect(await gather([shards[0]!, "other"], "no")).toContain(
      "are not shards of one experiment energies",
    );
    {
      await using begun = await createExperimentFolder(at("begun"));
      const stopped = { ...run, storage: begun, signal: { aborted: true } };
      await saidBy(() => runExperimentShard(stopped, { index: 0, count: 3 }));
    }
    expect(await gather(["begun"], "no")).toMatch(
      /^The shard 1 of 3 in .* is not finished\. Go on/,
    );
    expect(await saidBy(() => openExperimentFolder(at("no")))).toContain(
      "There is no experiment in",
    );
  });
});
