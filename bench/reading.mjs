// What it takes to read data: processor time and memory of a process of its own for each file, without what starting it
// takes.
//
//   node bench/reading.mjs FILE…            files of your own
//   node bench/reading.mjs --make FOLDER    makes 70 000 × 784 numbers in several formats (2 GB), and reads them
import { execFileSync } from "node:child_process";
import { closeSync, mkdirSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const [COUNT, SIZE] = [70_000, 784];
const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { make: { type: "string" }, write: { type: "string" }, one: { type: "string" } },
});

/** Reads a file in this process, and prints what that took as JSON. */
async function readOne(file) {
  const { loadSamples } = await import("../packages/datasets/dist/node.js");
  const before = process.cpuUsage();
  await loadSamples(file);
  const { user, system } = process.cpuUsage(before);
  const memory = process.resourceUsage().maxRSS / 1024;
  console.log(JSON.stringify({ user: user / 1e6, kernel: system / 1e6, memory }));
}

/** Random numbers from 0 to 1, and levels from 0 to 255 of which three fifths are 0, as in pictures. */
function makeFiles(folder) {
  mkdirSync(folder, { recursive: true });
  let state = 1;
  const draw = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  const numbers = Float64Array.from({ length: COUNT * SIZE }, draw);
  const levels = Uint8Array.from(numbers, (one) => (one < 0.6 ? 0 : 256 * one));
  const files = [];
  const file = (name, pieces) => {
    files.push(join(folder, name));
    const handle = openSync(files.at(-1), "w");
    for (const piece of pieces) writeSync(handle, piece);
    closeSync(handle);
  };
  const npy = (name, type, values, convert) => {
    const text = `{'descr': '${type}', 'fortran_order': False, 'shape': (${COUNT}, 28, 28), }`;
    const header = Buffer.from(`\x93NUMPY\x01\x00v\x00${text.padEnd(117)}\n`, "latin1");
    file(name, [header, ...rowsOf(values, (row) => new Uint8Array(convert(row).buffer))]);
  };
  npy("float32.npy", "<f4", numbers, (row) => new Float32Array(row));
  npy("float64.npy", "<f8", numbers, (row) => new Float64Array(row));
  npy("uint8.npy", "|u1", levels, (row) => new Uint8Array(row));
  npy("int64.npy", "<i8", levels, (row) => BigInt64Array.from(row, BigInt));
  file(
    "levels.csv",
    rowsOf(levels, (row) => `${row.join(",")}\n`),
  );
  file(
    "floats.csv",
    rowsOf(numbers, (row) => `${Array.from(row, (one) => one.toFixed(4)).join(",")}\n`),
  );
  return files;
}

const rowsOf = function* (values, write) {
  for (let at = 0; at < values.length; at += SIZE) yield write(values.subarray(at, at + SIZE));
};

/** What this program prints as JSON in a process of its own, whose memory is that of this work alone. */
const inOwnProcess = (...words) =>
  JSON.parse(execFileSync(process.execPath, [fileURLToPath(import.meta.url), ...words]));

if (options.one !== undefined) await readOne(options.one);
else if (options.write !== undefined) console.log(JSON.stringify(makeFiles(options.write)));
else {
  const files = options.make === undefined ? positionals : inOwnProcess("--write", options.make);
  for (const file of files) {
    const { user, kernel, memory } = inOwnProcess("--one", file);
    const [all, of] = [user + kernel, `${user.toFixed(2)} + ${kernel.toFixed(2)} s`];
    console.log(
      `${file}  ${all.toFixed(2)} s (program and system: ${of}), ${memory.toFixed(0)} MB`,
    );
  }
}
