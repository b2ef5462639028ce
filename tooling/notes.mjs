// Draws the figures of docs/notes, in docs/pictures/notes, from the measurements beside the notes.
//
//   node tooling/notes.mjs
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./run.mjs";
import "./setup.mjs";

const { meanEstimate } = await import("../packages/analysis/dist/index.js");
const { curves } = await import("../packages/figures/dist/index.js");
const notes = join(root, "docs", "notes");
const pictures = join(root, "docs", "pictures", "notes");

/** The rows of a note's CSV, each by column name; a cell may be quoted, and is text. */
function readRows(name) {
  const text = readFileSync(join(notes, `${name}.csv`), "utf8").trimEnd();
  const [names, ...rows] = text
    .split("\n")
    .map((line) =>
      Array.from(line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g), ([, quoted, plain]) =>
        (quoted ?? plain).replaceAll('""', '"'),
      ),
    );
  return rows.map((cells) => Object.fromEntries(names.map((column, at) => [column, cells[at]])));
}

/** The number in a cell; NaN, which no figure draws, where nothing was measured. */
const numberOf = (cell) => (cell === "" ? Number.NaN : Number(cell));

/** One column over another as a line, in the order of the rows. */
const lineOf = (name, rows, x, y) => ({
  name,
  x: rows.map((row) => numberOf(row[x])),
  y: rows.map((row) => numberOf(row[y])),
});

/** The same as dots: what is not a number keeps neighbours apart. */
function dotsOf(name, rows, x, y) {
  const line = lineOf(name, rows, x, y);
  const apart = (values) => values.flatMap((value) => [value, Number.NaN]);
  return { name, x: apart(line.x), y: apart(line.y) };
}

/** A dashed line at one height, between two places of the x axis. */
const level = (name, x, y) => ({ name, x, y: [y, y], dashed: true });

/** Rows whose columns have these values. */
const where = (rows, values) =>
  rows.filter((row) => Object.entries(values).every(([name, value]) => row[name] === value));

function legibility() {
  const rows = where(readRows("legibility"), { group: "compared" });
  const machines = [
    ["the demo of record 4", "demo"],
    ["the authors' published couplings", "authors' couplings"],
    ["a restricted Boltzmann machine, 500 hidden units", "RBM"],
    ["antisymmetric start", "antisymmetric start"],
  ];
  const [heldOut] = where(rows, { machine: "held-out images" });
  const plot = (title, column, logarithmic = false) => ({
    title,
    logarithmic,
    series: [
      ...machines.map(([machine, name]) => {
        const own = rows.filter((row) => row.machine.startsWith(machine));
        return dotsOf(name, own, "legible", column);
      }),
      level("held-out images", [0, 1], numberOf(heldOut[column])),
    ],
  });
  return curves({
    xTitle: "share of samples that are legible",
    plots: [
      plot("A_T", "A_T"),
      plot("E⁽²⁾", "E2"),
      plot("Fréchet distance in the judge's features", "FID", true),
    ],
  });
}

function demoSettings() {
  const rows = where(readRows("demo-settings"), { series: "legibility" });
  const kinds = [
    ["one digit", ({ digits }) => digits !== "1 3 6"],
    ["label units", ({ label_units }) => label_units !== "0"],
    ["at most 1000 images", ({ images }) => Number(images) <= 1000],
    ["three digits", () => true],
  ];
  const kindOf = (row) => kinds.find(([, fits]) => fits(row))[0];
  return curves({
    xTitle: "A_T at T = 1",
    plots: [
      {
        title: "Share of cooled samples that are legible",
        series: kinds.map(([kind]) =>
          dotsOf(
            kind,
            rows.filter((row) => kindOf(row) === kind),
            "A_T",
            "legible_cooled",
          ),
        ),
      },
    ],
  });
}

function variety() {
  const rows = readRows("variety").map((row) => ({
    ...row,
    told: String((numberOf(row.A_S) + numberOf(row.A_T)) / 2),
  }));
  const groups = {
    "without noise": "pixels alone",
    "with noise": "pixels alone, noise on the data",
    "asked for": "asked for by labels",
  };
  const series = Object.entries(groups).map(([group, name]) =>
    dotsOf(name, where(rows, { group }), "told", "legible"),
  );
  return curves({
    xTitle: "mean of A_S and A_T",
    plots: [{ title: "Share of images that are legible", series }],
  });
}

function processorKernel() {
  const rows = where(readRows("processor-kernel"), { N: "784" });
  const plot = (title, build) => {
    const layout = where(rows, { comparison: "layout", build });
    const few = where(rows, { comparison: "few chains", build });
    return {
      title,
      series: [
        lineOf("chains in the lanes", layout, "B", "before_gflops"),
        lineOf("units in the lanes", layout, "B", "after_gflops"),
        lineOf("few chains wait less", few, "B", "after_gflops"),
      ],
    };
  };
  return curves({
    xTitle: "chains B",
    xLogarithmic: true,
    plots: [
      plot("AVX-512, N = 784, GFLOP/s", "avx512"),
      plot("WebAssembly, relaxed, N = 784, GFLOP/s", "relaxed"),
    ],
  });
}

function bf16() {
  const rows = where(readRows("bf16"), { work: "steps", N: "784" });
  return curves({
    xTitle: "chains B",
    xLogarithmic: true,
    plots: [
      {
        title: "Steps per second over those of float32 (AVX-512), N = 784",
        series: [
          lineOf("avx512-bf16", rows, "B", "avx512_bf16_ratio"),
          lineOf("amx", rows, "B", "amx_ratio"),
          level("float32", [1, 1000], 1),
        ],
      },
    ],
  });
}

function benchmark() {
  const rows = where(readRows("benchmark"), { work: "steps", N: "784" });
  return curves({
    xTitle: "chains B",
    xLogarithmic: true,
    plots: [
      {
        title: "Steps per second over those of PyTorch 2.15, N = 784",
        series: [
          lineOf("avx512", rows, "B", "avx512_to_torch"),
          lineOf("avx2", rows, "B", "avx2_to_torch"),
          lineOf("relaxed", rows, "B", "relaxed_to_torch"),
          level("PyTorch 2.15", [1, 1000], 1),
        ],
      },
    ],
  });
}

function recordings() {
  const rows = readRows("recordings");
  const plot = (condition) => {
    const own = where(rows, { condition });
    const counts = [...new Set(own.map(({ samples }) => samples))];
    const overSeeds = (name, column) => {
      const errors = counts.map((samples) =>
        meanEstimate(where(own, { samples }).map((row) => numberOf(row[column]))),
      );
      return {
        name,
        x: counts.map(Number),
        y: errors.map(({ value }) => value),
        low: errors.map(({ value, standardError }) => value - standardError),
        high: errors.map(({ value, standardError }) => value + standardError),
        bars: true,
      };
    };
    return {
      title: `Relative error of J at ${condition}, T = ${own[0].temperature}`,
      logarithmic: true,
      series: [overSeeds("J", "whole"), overSeeds("J up to a rotation of v", "upToRotation")],
    };
  };
  const conditions = ["strong activity", "weak activity"];
  return curves({ xTitle: "samples", xLogarithmic: true, plots: conditions.map(plot) });
}

function ranks() {
  const rows = where(readRows("ranks"), { work: "exchange" });
  const links = [...new Set(rows.map(({ link }) => link))];
  return curves({
    xTitle: "units N",
    xLogarithmic: true,
    plots: [
      {
        title: "Milliseconds of an exchange of statistics between two processes of one machine",
        logarithmic: true,
        series: links.map((link) => lineOf(link, where(rows, { link }), "N", "ms")),
      },
    ],
  });
}

function scale() {
  const rows = readRows("scale");
  const plot = (title, place) => {
    const here = where(rows, { place });
    const cases = [...new Set(here.map(({ N, scaling }) => `N = ${N}, ${scaling}`))];
    return {
      title,
      series: cases.map((name) =>
        lineOf(
          name,
          here.filter(({ N, scaling }) => `N = ${N}, ${scaling}` === name),
          "ranks",
          "efficiency",
        ),
      ),
    };
  };
  return curves({
    xTitle: "ranks",
    xLogarithmic: true,
    plots: [
      plot("Efficiency of cores in one memory", "cores of one memory"),
      plot("Efficiency of nodes at 100 Gbit/s", "nodes at 100 Gbit/s"),
    ],
  });
}

const figures = {
  benchmark,
  bf16,
  "demo-settings": demoSettings,
  legibility,
  variety,
  "processor-kernel": processorKernel,
  recordings,
  ranks,
  scale,
};
for (const [name, draw] of Object.entries(figures)) {
  const file = join(pictures, `${name}.svg`);
  writeFileSync(file, draw());
  process.stderr.write(`${file}\n`);
}
