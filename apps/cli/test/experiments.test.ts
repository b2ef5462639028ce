// `nlm experiment` as its users have it: what it lists, refuses and prints, and that it goes on after Ctrl-C.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createReferenceBackend } from "@neural-langevin/core";
import { encodeIdx } from "@neural-langevin/datasets";
import { type Experiment, experiments, runExperiment } from "@neural-langevin/experiments";
import { createExperimentFolder } from "@neural-langevin/experiments/node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { nlm, start } from "./command.js";

let folder: string;
const at = (...names: string[]) => join(folder, ...names);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "nlm-experiments-"));
  // Images of 6 × 6 pixels with stripes, of as many kinds as there are digits.
  const count = 200;
  const values = Uint8Array.from({ length: count * 36 }, (_, place) => {
    const [image, pixel] = [Math.floor(place / 36), place % 36];
    return ((pixel * (1 + (image % 10))) % 7 < 3 ? 220 : 20) + ((image * 31 + pixel * 7) % 20);
  });
  const labels = Uint8Array.from({ length: count }, (_, image) => image % 10);
  mkdirSync(at("images"));
  const images = encodeIdx({ shape: [count, 6, 6], values });
  writeFileSync(at("images", "train-images-idx3-ubyte"), images);
  writeFileSync(
    at("images", "train-labels-idx1-ubyte"),
    encodeIdx({ shape: [count], values: labels }),
  );
});
afterAll(() => rmSync(folder, { recursive: true }));

const json = (...names: string[]) => JSON.parse(readFileSync(at(...names), "utf8"));

const training = {
  images: 100,
  "held-out": 2,
  updates: 12,
  chains: 8,
  batch: 8,
  temperature: 1,
  "step-size": 0.05,
  integrator: "leimkuhler-matthews",
  "negative-phase": "pcd-3",
};

/** Begins an experiment with settings of moments, and stops it at once: what `--resume` then goes on with. */
async function begin(name: string, settings: object): Promise<void> {
  const backend = await createReferenceBackend();
  const storage = await createExperimentFolder(at(name));
  const begun = runExperiment({
    experiment: experiments.find((one) => one.name === name) as Experiment,
    settings,
    backend,
    seed: 3,
    storage,
    data() {
      throw new TypeError("Nothing is read before the stop.");
    },
    signal: { aborted: true },
    computedBy: { backend: "cpu:plain", device: "", threads: 1 },
    versions: { node: "of the beginning" },
  });
  await begun.catch(() => {});
  await storage[Symbol.asyncDispose]();
  await backend.close();
}

describe("nlm experiment", () => {
  it("--list names what every one shows and takes", async () => {
    const args = ["experiment", "--list", "--backend", "cpu:plain", "--threads", "1", "--json"];
    const { status, stdout } = await nlm(args, folder);
    expect(status).toBe(0);
    const list = JSON.parse(stdout);
    expect(list.backend).toBe("cpu:plain");
    for (const [index, { name, description, operations, scales }] of experiments.entries()) {
      const listed = list.experiments[index];
      expect(listed).toMatchObject({ name, description });
      for (const scale of ["quick", "half", "paper"] as const) {
        const work = operations(scales[scale]);
        expect(listed.scales[scale]).toMatchObject(work);
        // Products at the speed that was measured, and 10⁹ operations a second in JavaScript.
        const seconds = work.backend / list.flopPerSecond + work.host / 1e9;
        expect(listed.scales[scale].seconds).toBeCloseTo(seconds, 6);
      }
    }
  });

  it("finishes what was begun, and prints what report.json holds", async () => {
    await begin("spectrum", { training: { ...training, data: at("images") }, at: [5] });
    const { status, stdout, stderr } = await nlm(
      ["experiment", "--resume", "spectrum", "--json"],
      folder,
    );
    expect(status, stderr).toBe(0);
    const report = json("spectrum", "report.json");
    expect(JSON.parse(stdout)).toEqual({
      run: "spectrum",
      report: "spectrum/report.md",
      ...report,
    });
    expect(report).toMatchObject({ experiment: "spectrum", scale: "custom", backend: "cpu:plain" });
    expect(report.versions).toEqual({ node: "of the beginning" });
    expect(json("spectrum", "experiment.json").state).toBe("finished");
    const text = readFileSync(at("spectrum", "report.md"), "utf8");
    expect(text).toContain("](figures/eigenvalues.png)");
    expect(readFileSync(at("spectrum", "figures", "eigenvalues.png")).length).toBeGreaterThan(1000);
    const again = await nlm(["experiment", "--resume", "spectrum"], folder);
    for (const { found } of report.findings) {
      expect(again.stdout.replace(/\s+/g, " ")).toContain(`• ${found}`);
    }
    // A training of an experiment is a run.
    const sampled = await nlm(["inspect", "spectrum/machines/machine", "--json"], folder);
    expect(sampled.status, sampled.stderr).toBe(0);
  });

  it("runs one of one's own with own data, in shards that gather puts together", async () => {
    writeFileSync(
      at("mixture.mjs"),
      `export default {
        name: "mixture",
        description: "the energy of data over the label",
        scales: { quick: { training: ${JSON.stringify(training)}, digits: [1, 3, 6] } },
        parts: "digits",
        async measure(context, { training, digits }) {
          const rows = [];
          for (const digit of digits) {
            const [network] = await context.train("digit-" + digit, { ...training, labels: [digit] });
            rows.push({ digit, bias: Math.hypot(...network.bias) });
          }
          return rows;
        },
        tables: (rows) => [{ name: "bias", caption: "Norm of the bias", rows }],
        findings: (rows) => [{ found: rows.length + " digits were learned." }],
      };`,
    );
    const own = ["experiment", "./mixture.mjs", "--data", "images", "--set", "images=10"];
    const device = ["--backend", "cpu:plain", "--threads", "1"];
    for (const shard of ["1/2", "2/2"]) {
      const out = `shard-${shard[0]}`;
      const ended = await nlm([...own, "--shard", shard, "--out", out, ...device], folder);
      expect(ended.status, ended.stderr).toBe(0);
      expect(ended.stdout).toContain(`Shard ${shard.replace("/", " of ")} is done`);
    }
    const { status, stdout } = await nlm(
      ["gather", "shard-2", "shard-1", "--out", "mixture"],
      folder,
    );
    expect(status).toBe(0);
    expect(stdout).toContain("• 3 digits were learned.");
    expect(json("mixture", "experiment.json")).toMatchObject({
      module: at("mixture.mjs"),
      given: { data: at("images"), images: "10" },
      settings: { training: { data: at("images"), images: 10 } },
      state: "finished",
      stages: { "digit-1": {}, "digit-3": {}, "digit-6": {} },
    });
    expect(json("mixture", "machines", "digit-3", "manifest.json").state).toBe("finished");
  });

  it("latent reports images that are not there, and goes on with the others", async () => {
    await begin("latent", {
      training,
      mnist: { data: at("images"), code: 3 },
      fashion: { data: at("nowhere"), code: 4 },
      autoencoder: { hidden: 8, batch: 50, rate: 1e-2, epochs: 1, keptEvery: 1 },
      chains: 8,
      steps: [2, 9],
    });
    const { status, stdout, stderr } = await nlm(["experiment", "--resume", "latent"], folder);
    expect(status, stderr).toBe(0);
    expect(stdout.replace(/\s+/g, " ")).toContain(
      `Fashion-MNIST was not computed. There are no data at ${at("nowhere")}.`,
    );
    const { findings } = json("latent", "report.json");
    expect(findings[0].verdict).not.toBe("not-run");
    expect(findings[1].verdict).toBe("not-run");
  });

  it("stopped by Ctrl-C exits 130, prints how to go on, and leaves a run", async () => {
    const { child, ended, stderr } = start(["experiment", "bias", "--backend", "cpu"], folder);
    while (!/Training machine: [1-9]/.test(stderr())) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    child.kill("SIGINT");
    const stopped = await ended;
    expect(stopped.status).toBe(130);
    expect(stopped.stderr.replace(/\n/g, " ")).toContain(
      "Go on with: nlm experiment --resume runs/experiments/bias-quick",
    );
    const path = ["runs", "experiments", "bias-quick"];
    expect(json(...path, "experiment.json")).toMatchObject({
      experiment: "bias",
      scale: "quick",
      state: "interrupted",
    });
    expect(json(...path, "machines", "machine", "manifest.json").state).toBe("interrupted");
  });

  it.each([
    [
      ["nothing"],
      /There is no experiment "nothing", and no package of that name\. Choose one of regimes/,
    ],
    [[], /Name an experiment\. Choose one of regimes/],
    [["--resume", "images"], /There is no experiment in images/],
    [["--resume", "images", "--set", "rate=1"], /keeps its settings, so --set cannot be given/],
    [["bias", "--out", "images"], /not empty and is not an experiment/],
    [["bias", "--fashion", "."], /bias does not take Fashion-MNIST/],
    [["latent", "--fashion", "nowhere"], /There is no folder nowhere/],
    [["spectrum", "--shard", "1/2"], /spectrum is not made of independent parts/],
    [["spectrum", "--set", "rate=-1"], /rate takes a positive number/],
    [["classes", "--set", "labels=1"], /classes chooses labels itself/],
  ])("%j is refused", async (args, message) => {
    const { status, stderr } = await nlm(["experiment", ...args, "--backend", "cpu:plain"], folder);
    expect(status).toBe(2);
    expect(stderr.replace(/\n/g, " ")).toMatch(message);
  });
});
