// Experiments at a scale of seconds: what they write, and that an interruption anywhere changes no number.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LangevinError } from "@neural-langevin/core";
import { encodeIdx, parsePng } from "@neural-langevin/datasets";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runExperiment } from "../src/commands/experiment.js";
import { ExperimentFolder } from "../src/experiments/experiment-folder.js";
import { experiments } from "../src/experiments/index.js";
import type { Terminal } from "../src/terminal/terminal.js";
import { nlm, start } from "./command.js";

let folder: string;
const at = (...names: string[]) => join(folder, ...names);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "nlm-experiments-"));
  // Images of 6 × 6 pixels with stripes, of as many kinds as there are digits.
  const count = 600;
  const labels = Uint8Array.from({ length: count }, (_, image) => image % 10);
  const values = Uint8Array.from({ length: count * 36 }, (_, place) => {
    const [image, pixel] = [Math.floor(place / 36), place % 36];
    const bright = (pixel * (1 + (image % 10))) % 7 < 3;
    return (bright ? 220 : 20) + ((image * 31 + pixel * 7) % 20);
  });
  mkdirSync(at("images"));
  const images = encodeIdx({ shape: [count, 6, 6], values });
  writeFileSync(at("images", "train-images-idx3-ubyte"), images);
  const kinds = encodeIdx({ shape: [count], values: labels });
  writeFileSync(at("images", "train-labels-idx1-ubyte"), kinds);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A training of a moment on the images above. */
const tiny = () => ({
  ...{ data: at("images"), labels: [1, 3, 6], images: 100, "held-out": 2, updates: 12 },
  ...{ chains: 8, batch: 8, temperature: 1, "step-size": 0.05, integrator: "leimkuhler-matthews" },
  ...{ "negative-phase": "pcd-3", rate: 1e-2, "checkpoint-every": 100 },
});

/** Settings of every experiment at that scale. */
const micro: Record<string, () => object> = {
  regimes: () => ({
    trainings: [tiny(), { ...tiny(), "negative-phase": "rdm-5" }],
    ...{ at: [5], chains: 8, steps: [2, 5, 9] },
  }),
  spectrum: () => ({ training: tiny(), at: [5] }),
  classes: () => ({ training: tiny(), classes: [2, 3], chains: 8, steps: 9 }),
  memorisation: () => ({
    training: { ...tiny(), "held-out": 8 },
    ...{ images: [5, 20], seeds: 2, steps: 9, leastSamples: 8 },
  }),
  exploration: () => ({
    training: tiny(),
    ...{ chains: 8, burnIn: 4, frames: 12, between: 2, labelled: 120 },
  }),
  "fixed-points": () => ({
    training: tiny(),
    ...{ at: [5], starts: 2, steps: 9, descent: 200, newton: 20, spectra: 1 },
  }),
  denoise: () => ({
    training: { ...tiny(), "negative-phase": "none", chains: 1, batch: 10 },
    ...{ levels: [0, 0.25], shown: 0.25, copies: 2, dt: 0.05, steps: [0, 3, 9] },
  }),
  "one-sample": () => ({
    training: { ...tiny(), chains: 1, batch: 1, "feedback-off": 2, "held-out": 8 },
    ...{ phases: ["pcd-3", "rdm-3"], at: [5], chains: 8, steps: 9 },
  }),
  "one-chain": () => ({
    training: {
      ...{ ...tiny(), "negative-phase": "time-average-6", "burn-in": 2, thin: 2 },
      ...{ chains: 1, "held-out": 8 },
    },
    ...{ at: [5], chains: 8, steps: 9 },
  }),
  latent: () => ({
    training: { ...tiny(), labels: undefined },
    mnist: { data: at("images"), code: 3 },
    fashion: { data: at("images"), code: 4 },
    autoencoder: { hidden: 8, batch: 50, rate: 1e-2, epochs: 3, keptEvery: 2 },
    ...{ chains: 8, steps: [2, 9] },
  }),
  bias: () => ({
    ...{ training: tiny(), chains: 8, stepSizes: [0.05, 0.1] },
    ...{ burnIn: 1, states: 4, between: 0.5 },
  }),
};

/** A terminal on which Ctrl-C comes at the nth time that somebody looks. */
function terminalThatStops(after: number): Terminal & { results: unknown[] } {
  let looks = 0;
  const results: unknown[] = [];
  return {
    ...{ json: true, interactive: false, columns: 80, results },
    print() {},
    showStatus() {},
    result: (value) => results.push(value),
    interrupted: {
      get aborted() {
        return ++looks === after;
      },
    } as AbortSignal,
  };
}

/** All numbers that an experiment wrote, by file. */
function numbersIn(path: string): Record<string, string> {
  const found: Record<string, string> = {};
  const visit = (below: string) => {
    for (const entry of readdirSync(join(path, below), { withFileTypes: true })) {
      const name = `${below}/${entry.name}`;
      if (entry.isDirectory()) visit(name);
      // Checkpoints at interruptions come on top, and metrics and manifests hold times.
      else if (/^(arrays|stages|tables)\//.test(name) || /0012\.safetensors$/.test(name)) {
        found[name] = readFileSync(join(path, name)).toString("base64");
      }
    }
  };
  for (const part of ["arrays", "stages", "tables", "machines"]) {
    if (readdirSync(path).includes(part)) visit(part);
  }
  return found;
}

const computing = { seed: 3, overwrite: false, backend: "cpu:plain", threads: 1 };

it("every experiment has settings for this test", () => {
  expect(Object.keys(micro).sort()).toEqual(experiments.map(({ name }) => name).sort());
});

describe.each(experiments)("the experiment $name", (experiment) => {
  const out = () => at(`${experiment.name}-whole`);

  it("writes findings, figures, tables and what it took", async () => {
    const terminal = terminalThatStops(Number.POSITIVE_INFINITY);
    const settings = micro[experiment.name]!();
    await runExperiment(terminal, experiment, { ...computing, settings, out: out() });
    const report = JSON.parse(readFileSync(join(out(), "report.json"), "utf8"));
    const text = readFileSync(join(out(), "report.md"), "utf8");
    expect(terminal.results).toEqual([{ run: out(), report: join(out(), "report.md"), ...report }]);
    expect(report.findings.length).toBeGreaterThan(0);
    for (const { paper, found } of report.findings) {
      expect(`${paper}${found}`).not.toMatch(/NaN|undefined|Infinity/);
      expect(text).toContain(found);
    }
    for (const { name } of report.figures) {
      const png = readFileSync(join(out(), "figures", `${name}.png`));
      expect(parsePng(png, name).width).toBeGreaterThan(300);
      expect(text).toContain(`figures/${name}.png`);
    }
    expect(report.figures.length).toBeGreaterThan(0);
    expect(report.tables.length).toBeGreaterThan(0);
    expect(report.flop).toBeGreaterThan(0);
    expect(report.seconds).toBeGreaterThan(0);
    expect(report.settings).toEqual(settings);
  });

  it("interrupted again and again says how to go on, and gives the same numbers", async () => {
    const path = at(`${experiment.name}-parts`);
    const settings = micro[experiment.name]!();
    let interruptions = 0;
    let resumed: ExperimentFolder | undefined;
    for (let finished = false; !finished; ) {
      const terminal = terminalThatStops(5 + (interruptions % 3));
      const options = { ...computing, settings, out: path };
      await runExperiment(terminal, experiment, options, resumed).then(
        () => {
          finished = true;
        },
        (error) => {
          expect(error).toBeInstanceOf(LangevinError);
          expect(error.code, error.message).toBe("aborted");
          expect(error.remedy).toContain(`experiment --resume ${path}`);
          interruptions++;
        },
      );
      resumed = await ExperimentFolder.open(path);
      expect(resumed.record.state).toBe(finished ? "finished" : "interrupted");
    }
    expect(interruptions).toBeGreaterThan(2);
    expect(numbersIn(path)).toEqual(numbersIn(out()));
    const [whole, parts] = [out(), path].map((run) =>
      JSON.parse(readFileSync(join(run, "report.json"), "utf8")),
    );
    expect(parts.findings).toEqual(whole.findings);
    expect(parts.flop).toBe(whole.flop);
  });
});

it("latent leaves Fashion-MNIST out by name where there is none", async () => {
  const latent = experiments.find(({ name }) => name === "latent")!;
  const fashion = { data: at("nowhere"), code: 4 };
  const settings = { ...micro.latent!(), fashion };
  const terminal = terminalThatStops(Number.POSITIVE_INFINITY);
  const lines: string[] = [];
  const talking = { ...terminal, say: (line = "") => lines.push(line) };
  await runExperiment(talking, latent, { ...computing, settings, out: at("no-fashion") });
  const report = JSON.parse(readFileSync(at("no-fashion", "report.json"), "utf8"));
  const verdicts = report.findings.map(({ agrees }: { agrees: string }) => agrees);
  expect(verdicts).toEqual([expect.stringMatching(/yes|partly|no/), "absent"]);
  expect(report.findings[1].found).toContain(`no data at ${fashion.data}`);
  expect(lines.join(" ")).toContain("dataset-fashion-mnist");
});

describe("nlm experiment", () => {
  it("--list says what every one shows and takes", async () => {
    const args = ["experiment", "--list", "--backend", "cpu:plain", "--threads", "1", "--json"];
    const { status, stdout } = await nlm(args, folder);
    expect(status).toBe(0);
    const list = JSON.parse(stdout);
    expect(list.backend).toBe("cpu:plain");
    expect(list.experiments.map(({ name }: { name: string }) => name)).toEqual(
      experiments.map(({ name }) => name),
    );
    for (const { scales } of list.experiments) {
      const [quick, half, paper] = ["quick", "half", "paper"].map((name) => scales[name].seconds);
      expect(quick).toBeGreaterThan(0);
      expect(half).toBeGreaterThan(quick);
      expect(paper).toBeGreaterThan(half);
    }
  });

  it("stopped by Ctrl-C exits 130 and says how to go on", async () => {
    const { child, ended, stderr } = start(["experiment", "bias", "--backend", "cpu"], folder);
    while (!stderr().includes("Training:")) await new Promise((resolve) => setTimeout(resolve, 20));
    child.kill("SIGINT");
    const stopped = await ended;
    expect(stopped.status).toBe(130);
    expect(stopped.stderr.replace(/\n/g, " ")).toContain(
      "Go on with: nlm experiment --resume runs/experiments/bias-quick",
    );
    const record = JSON.parse(
      readFileSync(at("runs", "experiments", "bias-quick", "experiment.json"), "utf8"),
    );
    expect(record).toMatchObject({ experiment: "bias", scale: "quick", state: "interrupted" });
  });

  it.each([
    [["nothing"], /There is no experiment "nothing"\. Choose one of regimes/],
    [[], /Which experiment is not said/],
    [["--resume", "images"], /There is no experiment in images/],
    [["bias", "--out", "images"], /not empty and is not an experiment/],
  ])("%j is refused", async (args, message) => {
    const given = [...args, "--backend", "cpu:plain"];
    const { status, stderr } = await nlm(["experiment", ...given], folder);
    expect(status).toBe(2);
    expect(stderr.replace(/\n/g, " ")).toMatch(message);
  });
});
