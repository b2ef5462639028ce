// Every experiment at a scale of moments: what it writes, and that an interruption anywhere changes no byte.
import { createCpuBackend } from "@neural-langevin/backend-cpu";
import { type Backend, LangevinError, type StopSignal } from "@neural-langevin/core";
import { renderPng } from "@neural-langevin/figures/node";
import { decodeCheckpoint } from "@neural-langevin/runs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { decodeArrays } from "../src/arrays.js";
import {
  createMemoryStorage,
  type Experiment,
  experiments,
  latent,
  type MemoryStorage,
  type Report,
  readRecord,
  regimes,
  runExperiment,
  scaleNames,
} from "../src/index.js";
import { micro, stripes } from "./micro.js";

let backend: Backend;
beforeAll(async () => {
  backend = await createCpuBackend({ threads: 1 });
});
afterAll(() => backend.close());

const images = stripes();
const largeImages = stripes(500, 28);

function run(experiment: Experiment, storage: MemoryStorage, signal?: StopSignal): Promise<Report> {
  return runExperiment({
    experiment,
    settings: micro[experiment.name]!,
    backend,
    seed: 3,
    storage,
    data: (name) => (name === "large stripes" ? largeImages : images),
    signal,
    renderPng,
  });
}

/** A signal that is aborted from the nth time on that somebody looks. */
function stopsAt(look: number): StopSignal {
  let looks = 0;
  return {
    get aborted() {
      return ++looks >= look;
    },
  };
}

/** All files that hold results: those that an interruption must not change. */
const resultsIn = ({ files }: MemoryStorage): Record<string, string> =>
  Object.fromEntries(
    [...files]
      // Checkpoints at interruptions come on top; manifests and the record hold times.
      .filter(([name]) => /^(arrays|stages|tables|figures)\/|0012\.safetensors$|metrics/.test(name))
      .map(([name, bytes]) => [name, Buffer.from(bytes).toString("base64")]),
  );

/** The width that a PNG file's header names. */
function widthOfPng(png: Uint8Array): number {
  expect([...png.subarray(0, 8)]).toEqual([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return new DataView(png.buffer, png.byteOffset).getUint32(16);
}

const text = ({ files }: MemoryStorage, name: string): string =>
  new TextDecoder().decode(files.get(name));

it("every experiment has settings for this test", () => {
  expect(Object.keys(micro).sort()).toEqual(experiments.map(({ name }) => name).sort());
});

describe.each(experiments)("the experiment $name", (experiment) => {
  const storage = createMemoryStorage();

  it("reports findings, figures and tables, and counts its stages", async () => {
    const report = await run(experiment, storage);
    expect(JSON.parse(text(storage, "report.json"))).toEqual(JSON.parse(JSON.stringify(report)));
    expect(report).toMatchObject({ scale: "custom", seed: 3, backend: "cpu" });
    expect(report.settings).toEqual(micro[experiment.name]);
    const page = text(storage, "report.md");
    for (const { paper, found, verdict } of report.findings) {
      expect(`${paper}${found}`).not.toMatch(/NaN|undefined|Infinity/);
      expect(page).toContain(found);
      expect(verdict).not.toBe("not-run");
    }
    for (const { name, caption } of report.figures) {
      expect(widthOfPng(storage.files.get(`figures/${name}.png`)!)).toBeGreaterThan(300);
      expect(page).toContain(`![${caption}](figures/${name}.png)`);
    }
    for (const { name } of report.tables) {
      const [head, ...rows] = text(storage, `tables/${name}.csv`).trimEnd().split("\n");
      expect(rows.length).toBeGreaterThanOrEqual(2);
      expect(rows.every((row) => row.split(",").length === head!.split(",").length)).toBe(true);
    }
    // Every stage left a file of its own, and took what the report adds up.
    const stages = Object.entries(report.stages);
    const files = [...storage.files.keys()];
    for (const [name] of stages) {
      expect(files.some((file) => file.includes(`/${name}.`) || file.includes(`/${name}/`))).toBe(
        true,
      );
    }
    const sum = (of: "seconds" | "flop") => stages.reduce((all, [, cost]) => all + cost[of], 0);
    expect(report.seconds).toBeCloseTo(sum("seconds"), 9);
    expect(report.flop).toBe(sum("flop"));
    // No chains of an interruption are left behind.
    expect(files.filter((file) => file.includes("partial"))).toEqual([]);
  });

  it("interrupted again and again, gives the same bytes", async () => {
    const parts = createMemoryStorage();
    let report: Report | undefined;
    const interruptedAt = new Set<string>();
    // One look further every time, since data are read anew before there is anything to go on with.
    for (let look = 3; !report; look++) {
      report = await run(experiment, parts, stopsAt(look)).catch((error) => {
        expect(error).toBeInstanceOf(LangevinError);
        expect(error.code, error.message).toBe("aborted");
        interruptedAt.add([...parts.files.keys()].join());
        return undefined;
      });
      expect((await readRecord(parts))?.state).toBe(report ? "finished" : "interrupted");
    }
    expect(interruptedAt.size).toBeGreaterThan(2);
    expect(resultsIn(parts)).toEqual(resultsIn(storage));
    expect(report.findings).toEqual(JSON.parse(text(storage, "report.json")).findings);
    expect(report.flop).toBe(JSON.parse(text(storage, "report.json")).flop);
  });

  it("computes more at every larger scale", () => {
    const [quick, half, paper] = scaleNames.map((scale) => {
      const { backend: products, host } = experiment.operations(experiment.scales[scale]);
      return products + host;
    });
    // Of quick trainings every one takes at least that of a machine with 784 units and one update.
    expect(quick!).toBeGreaterThan(4 * 784 ** 2);
    expect(half!).toBeGreaterThan(quick!);
    expect(paper!).toBeGreaterThan(half!);
  });
});

describe("what is kept", () => {
  it("are named arrays over the steps, and runs", async () => {
    const storage = createMemoryStorage();
    await run(regimes, storage);
    const arrays = decodeArrays(storage.files.get("arrays/rdm-5-12.npz")!, "rdm-5-12.npz");
    const measures = [
      "realAccuracy",
      "generatedAccuracy",
      "adversarialError",
      "covarianceError",
      "negativeShare",
    ];
    expect(Object.keys(arrays)).toEqual([
      ...measures.flatMap((name) => [name, `${name}_error`]),
      "states",
    ]);
    expect(arrays.covarianceError!.shape).toEqual([3]);
    expect(arrays.states!.shape).toEqual([3, 3 * 36]);
    expect(arrays.states!.values).toBeInstanceOf(Float32Array);
    const file = "machines/rdm-5/checkpoints/000000012.safetensors";
    expect(decodeCheckpoint(storage.files.get(file)!, file).update).toBe(12);
    expect(text(storage, "machines/rdm-5/config.yaml")).toContain("negative-phase: rdm-5");
    expect(JSON.parse(text(storage, "machines/rdm-5/manifest.json"))).toMatchObject({
      state: "finished",
      backend: "cpu",
      seed: 3,
      data: { source: "stripes", width: 6, height: 6 },
    });
  });

  it("belongs to one experiment", async () => {
    const storage = createMemoryStorage();
    await run(regimes, storage);
    await expect(run(latent, storage)).rejects.toMatchObject({
      code: "exists",
      message: "The storage holds the experiment regimes, not latent.",
    });
  });
});

it("latent names the images that are not there", async () => {
  const { fashion, ...settings } = micro.latent as { fashion: object };
  const report = await runExperiment({
    experiment: latent as Experiment,
    settings: { ...settings, fashion: { ...fashion, data: "nowhere" } },
    backend,
    data(name) {
      if (name === "stripes") return images;
      throw new LangevinError("not-found", `There are no data at ${name}.`, "Look elsewhere.");
    },
  });
  expect(report.findings.map(({ verdict }) => verdict)).toEqual([
    expect.stringMatching(/^(yes|partly|no|unclear)$/),
    "not-run",
  ]);
  expect(report.findings[1]!.found).toBe(
    "Fashion-MNIST was not computed. There are no data at nowhere. Look elsewhere.",
  );
});
