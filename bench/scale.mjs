// A model of training on many ranks, fitted to what `node bench/ranks.mjs` measured and simulated to 1,024 ranks.
//
// Time of an update of R ranks, each with one shard:
//   max(compute + exchange, rank 0)
//   compute   (4k + 8)N²B/R operations at the speed of a rank
//   exchange  (R − 1)·a + 2(R − 1)/R·s·(N² + N): two messages to every other rank, and two slices of the numbers
//   rank 0    six requests to each rank, and the rows of the batch, sent while the update before is computed
// The exchange overlaps with nothing. What overlap could bring at most is shown beside it: rows that are finished leave while
// the sums of the last term are still taken, 2N²B/R operations.
// a (per rank) and s (per number) are the line through the measured exchange of two ranks; for a network, s is that of its
// bandwidth and a stays what the software takes.
import { readFileSync, writeFileSync } from "node:fs";
import { readOptions } from "../tooling/src/options.mjs";

const usage = `node bench/scale.mjs [options]

  --measured FILE   what bench/ranks.mjs wrote (docs/notes/ranks.csv)
  --link "Open MPI" whose exchange the model is fitted to (MPICH)
  --out FILE        what the model says, as CSV, for example docs/notes/scale.csv
`;
const { values: options } = readOptions(usage, {
  measured: { type: "string", default: "docs/notes/ranks.csv" },
  link: { type: "string", default: "MPICH" },
  out: { type: "string" },
});
const STEPS = 10;
const REQUESTS = 6;

const [names, ...lines] = readFileSync(options.measured, "utf8").trimEnd().split("\n");
const columns = names.split(",");
const rows = lines.map((line) => {
  const cells = line.split(/,(?=(?:[^"]*"[^"]*")*[^"]*$)/).map((cell) => cell.replaceAll('"', ""));
  return Object.fromEntries(columns.map((column, at) => [column, cells[at]]));
});
const numbers = (units) => units * units + units;
const flop = (units, chains) => (4 * STEPS + 8) * units * units * chains;

/** Seconds of one line y = a + s·x, weighted so that small and large sizes count alike. */
function fittedLine(points) {
  const sum = (value) => points.reduce((all, point) => all + value(point) / point.y ** 2, 0);
  const [w, x, y] = [sum(() => 1), sum(({ x }) => x), sum(({ y }) => y)];
  const [xx, xy] = [sum(({ x }) => x * x), sum(({ x, y }) => x * y)];
  const slope = (w * xy - x * y) / (w * xx - x * x);
  return { a: Math.max(0, (y - slope * x) / w), s: slope };
}

const exchange = rows
  .filter(({ work, link }) => work === "exchange" && link === options.link)
  .map(({ N, ms }) => ({ x: numbers(Number(N)), y: Number(ms) / 1000 }));
const measured = fittedLine(exchange);
const request =
  Number(rows.find(({ work, link }) => work === "request" && link === options.link).ms) / 1000;
const processor = Number(rows.find(({ work }) => work === "processor").ms) / 1000;
/** Operations per second of one rank of one thread, by the processor time of an update. */
const speed = flop(784, 1000) / processor;

/** Seconds of the parts of one update. */
function simulate({ units, chains, ranks, speed, a, s }) {
  const compute = flop(units, chains / ranks) / speed;
  const share = (ranks - 1) / ranks;
  const exchange = (ranks - 1) * a + 2 * share * s * numbers(units);
  const rankZero = REQUESTS * (ranks - 1) * request + share * s * chains * units;
  const hidden = Math.min(exchange, (compute * 2) / (4 * STEPS + 8));
  return {
    compute,
    exchange,
    rankZero,
    total: Math.max(compute + exchange, rankZero),
    overlapped: Math.max(compute + exchange - hidden, rankZero),
  };
}

const bandwidth = (gigabits) => ({ a: measured.a, s: 4 / ((gigabits * 1e9) / 8) });
// A node of 64 such cores as one rank, on a network of 100 Gbit/s.
const node = { speed: 64 * speed, ...bandwidth(100) };
const cases = [
  { scaling: "B = 1000", units: 784, chains: () => 1000 },
  { scaling: "B = 64000", units: 784, chains: () => 64_000 },
  { scaling: "B = 1000 per rank", units: 784, chains: (ranks) => 1000 * ranks },
  { scaling: "B = 1000 per rank", units: 10_000, chains: (ranks) => 1000 * ranks },
  { scaling: "B = 1000 per rank", units: 100_000, chains: (ranks) => 1000 * ranks },
];
const places = [
  { place: "cores of one memory", speed, ...measured },
  { place: "nodes at 100 Gbit/s", ...node },
  { place: "nodes at 10 Gbit/s", ...node, ...bandwidth(10) },
];
const results = [];
for (const { place, ...machine } of places) {
  for (const { scaling, units, chains } of cases) {
    const alone = simulate({ units, chains: chains(1), ranks: 1, ...machine }).total;
    for (let ranks = 1; ranks <= 1024; ranks *= 2) {
      const parts = simulate({ units, chains: chains(ranks), ranks, ...machine });
      const share = (alone * chains(ranks)) / chains(1) / ranks;
      const efficiency = share / parts.total;
      const efficiencyOverlapped = share / parts.overlapped;
      results.push({
        place,
        scaling,
        N: units,
        ranks,
        ...parts,
        efficiency,
        efficiencyOverlapped,
      });
    }
  }
}

process.stdout.write(
  `Fitted to ${options.link}: ${(speed / 1e9).toFixed(1)} GFLOP/s a rank, ` +
    `${(measured.a * 1e6).toFixed(0)} µs a rank and exchange, ${(measured.s * 1e9).toFixed(2)} ns a number, ` +
    `${(request * 1e6).toFixed(0)} µs a request\n\n`,
);
for (const { x, y } of exchange) {
  const fitted = measured.a + measured.s * x;
  process.stdout.write(
    `  ${String(x).padStart(9)} numbers: measured ${(1000 * y).toFixed(2)} ms, fitted ${(1000 * fitted).toFixed(2)} ms\n`,
  );
}
for (const { place } of places) {
  process.stdout.write(
    `\n${place}: efficiency\n${" ".repeat(34)}${[2, 8, 32, 128, 512, 1024].map((r) => String(r).padStart(7)).join("")}\n`,
  );
  for (const { scaling, units } of cases) {
    const of = (ranks) =>
      results.find(
        (one) =>
          one.place === place && one.scaling === scaling && one.N === units && one.ranks === ranks,
      );
    for (const [kind, words] of [
      ["efficiency", `N = ${String(units).padEnd(7)} ${scaling}`],
      ["efficiencyOverlapped", "  with overlap"],
    ]) {
      const cells = [2, 8, 32, 128, 512, 1024].map((ranks) =>
        of(ranks)[kind].toFixed(2).padStart(7),
      );
      process.stdout.write(`  ${words.padEnd(32)} ${cells.join("")}\n`);
    }
  }
}

if (options.out) {
  const shown = [
    "place",
    "scaling",
    "N",
    "ranks",
    "compute",
    "exchange",
    "rankZero",
    "total",
    "overlapped",
    "efficiency",
    "efficiencyOverlapped",
  ];
  const cell = (value) => {
    if (typeof value === "string") return `"${value}"`;
    return Number.isInteger(value) ? String(value) : value.toPrecision(4);
  };
  const text = results.map((row) => shown.map((column) => cell(row[column])).join(","));
  writeFileSync(options.out, `${[shown.join(","), ...text].join("\n")}\n`);
}
