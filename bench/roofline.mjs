// What a graphics card could do at best in each mode, by the operations and bytes of a Langevin step: a roofline. A
// mode is a list of passes over memory; none is faster than its arithmetic nor than its bytes, and the host
// is not faster than the noise that it makes and sends. Prints a table in Markdown, or writes it into docs/roofline.md.
//
//   node bench/roofline.mjs [--write]
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

// An H100 SXM. Memory: measured with copies of 1 GiB. Arithmetic: float32 outside the tensor cores, and dense bf16 as
// the best products reach it. Texels: 528 texture units at 1.755 GHz.
const card = { memory: 3.0e12, float32: 67e12, bf16: 800e12, texels: 0.93e12 };
// One core that fills by the kernel of @neural-langevin/noise, 784,000 normals in 2.6 ms, and PCIe from plain memory.
const host = { perNormal: 2.6e-3 / 784_000, toDevice: 12e9 };
/** Seconds from one pass to the next, where a step is a chain of passes that wait for each other. */
const PER_PASS = 5e-6;

// Operations of a number beside the products, counted in multiply-adds at half their worth: Threefry takes 40 on whole
// numbers and Box–Muller 45, for each normal.
const NORMAL = 170;
const TANH = 30;
const F = 4;

const product = ({ units, chains }, more = 0, operations = 0) => ({
  flops: 2 * units ** 2 * chains + operations * units * chains,
  bytes: F * (units ** 2 + (2 + more) * units * chains),
});
/** A pass over states that reads `reads` of them and writes one. */
const overStates = ({ units, chains }, reads, operations = 2) => ({
  flops: operations * units * chains,
  bytes: F * (reads + 1) * units * chains,
});

/** TensorFlow.js: an operation on tensors is a pass. */
const tensors = (shape) => [
  overStates(shape, 1, TANH),
  product(shape),
  // x − b − Jφ; then φ², 1 − φ², ∘ Jᵀv.
  overStates(shape, 3),
  product(shape),
  ...[1, 1, 2].map((reads) => overStates(shape, reads)),
  // v·dt, and the sum of x, both moves and the noise.
  ...[1, 4].map((reads) => overStates(shape, reads)),
];
const normals = (shape) => overStates(shape, 0, NORMAL);

const modes = {
  webgpu: {
    // Both products with what follows them, the noise and tanh of the next step included.
    passes: (shape) => [product(shape, 1, 3), product(shape, 4, NORMAL + TANH + 8)],
  },
  "tfjs:webgpu, :webgl, :node-gpu with native noise": {
    // The noise, and ·√(2T dt), which the host does with its own.
    passes: (shape) => [...tensors(shape), normals(shape), overStates(shape, 1)],
  },
  "tfjs:node-gpu": { passes: tensors, noiseOnHost: true },
  "gpujs:webgl2": {
    // φ; v and F as sums over texels that no thread shares with another; the noise; the step.
    passes: (shape) => {
      const sums = { ...product(shape, 2), texels: 2 * shape.units ** 2 * shape.chains };
      return [overStates(shape, 1, TANH), sums, sums, normals(shape), overStates(shape, 3)];
    },
  },
  "_products in bf16, for comparison_": {
    // As webgpu, with φ, v and both matrices in 16 bits.
    passes: ({ units, chains }) =>
      [3, 238].map((operations, second) => ({
        flops: operations * units * chains,
        tensorFlops: 2 * units ** 2 * chains,
        bytes: 2 * units ** 2 + (second ? 18 : 12) * units * chains,
      })),
  },
};

/** Seconds of a step at least, and what takes them. */
function bound({ passes, noiseOnHost }, shape) {
  const all = passes(shape);
  const limits = { arithmetic: 0, memory: 0, texels: 0 };
  let device = 0;
  for (const { flops, bytes, texels = 0, tensorFlops = 0 } of all) {
    const times = {
      arithmetic: Math.max(flops / card.float32, tensorFlops / card.bf16),
      memory: bytes / card.memory,
      texels: texels / card.texels,
    };
    const [slowest, seconds] = Object.entries(times).reduce((a, b) => (b[1] > a[1] ? b : a));
    limits[slowest] += seconds;
    device += seconds;
  }
  const numbers = shape.units * shape.chains;
  const onHost = noiseOnHost ? numbers * Math.max(host.perNormal, F / host.toDevice) : 0;
  const by =
    onHost > device
      ? "noise of the host"
      : Object.entries(limits).reduce((a, b) => (b[1] > a[1] ? b : a))[0];
  const chained = Math.max(device + all.length * PER_PASS, onHost);
  const sum = (name) => all.reduce((total, pass) => total + (pass[name] ?? 0), 0);
  return {
    passes: all.length,
    flops: sum("flops") + sum("tensorFlops"),
    bytes: sum("bytes"),
    best: 1 / Math.max(device, onHost),
    by,
    chained: 1 / chained,
  };
}

const short = (value) =>
  value >= 1000
    ? Math.round(Number(value.toPrecision(3))).toLocaleString("en")
    : value.toPrecision(3);
const header = [
  "N",
  "B",
  "mode",
  "passes",
  "GFLOP",
  "MB",
  "steps/s at best",
  "bound by",
  "with 5 µs a pass",
];
const rows = [header];
for (const units of [784, 3072, 10_000]) {
  for (const chains of [1, 100, 1000]) {
    for (const [name, mode] of Object.entries(modes)) {
      const found = bound(mode, { units, chains });
      rows.push([
        units,
        chains,
        name,
        found.passes,
        short(found.flops / 1e9),
        short(found.bytes / 1e6),
        short(found.best),
        found.by,
        short(found.chained),
      ]);
    }
  }
}
const isText = (at) => at === 2 || at === 7;
const widths = header.map((_, at) => Math.max(...rows.map((row) => String(row[at]).length)));
const rule = header.map((_, at) =>
  isText(at) ? "-".repeat(widths[at]) : `${"-".repeat(widths[at] - 1)}:`,
);
const pad = (cell, at) =>
  isText(at) ? cell.padEnd(widths[at]) : String(cell).padStart(widths[at]);
const table = [header, rule, ...rows.slice(1)]
  .map((row) => `| ${row.map(pad).join(" | ")} |`)
  .join("\n");

if (process.argv.includes("--write")) {
  const file = fileURLToPath(new URL("../docs/roofline.md", import.meta.url));
  const [before, , after] = readFileSync(file, "utf8").split(/<!-- (?:table|end of the table) -->/);
  writeFileSync(file, `${before}<!-- table -->\n\n${table}\n\n<!-- end of the table -->${after}`);
} else process.stdout.write(`${table}\n`);
