// Damaged files of every format, drawn by fast-check: a reader refuses them by a LangevinError, within a second, and
// without memory that only a header asks for. Each reader has a process of its own, which is given up when it hangs.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { isLangevinError } from "@neural-langevin/core";
import fc from "fast-check";
import { cases } from "./mutations.mjs";
import { each, startNode } from "./processes.mjs";
import { readers } from "./readers.mjs";

const own = fileURLToPath(import.meta.url);

/** What reading one file may take at most. */
const SECONDS = 1;
const MEMORY = 100e6;
const TIMES_THE_FILE = 8;
/** A reader that says nothing for so many seconds hangs. */
const PATIENCE = 60;

const names = [
  "safetensors",
  "NPY",
  "NPZ and ZIP",
  "PNG",
  "IDX",
  "IDX in gzip",
  "CSV and TSV",
  "JPEG",
  "YAML of settings",
  "the folder of a run",
  "what the lab opens",
];

/**
 * @param count cases of every reader
 * @returns { failures, readers: by name { cases, refused, slowest, memory } }
 */
export async function fuzz({ count, seed, tell }) {
  const failures = [];
  const found = {};
  await each(names, 2, async (name) => {
    const { child, ended } = startNode([own, name, `${count}`, `${seed}`], { stdio: "ipc" });
    // Seconds are counted, not read from a clock, which goes on while everything is stopped.
    let silent = 0;
    let hung = false;
    child.on("message", (message) => {
      silent = 0;
      if (message.result) found[name] = message.result;
    });
    const watch = setInterval(() => {
      if (++silent < PATIENCE) return;
      hung = true;
      child.kill("SIGKILL");
    }, 1000);
    const { status, stderr } = await ended;
    clearInterval(watch);
    if (hung) failures.push(`${name}: hangs with seed ${seed}`);
    else if (status !== 0) failures.push(`${name}: ${stderr}`);
    else tell(`${name}: ${count} damaged files read`);
  });
  const inOrder = names.filter((name) => found[name]).map((name) => [name, found[name]]);
  return { failures, readers: Object.fromEntries(inOrder) };
}

/** Reads damaged files in this process, and throws the smallest one that is not refused as it should be. */
async function fuzzReader(name, count, seed) {
  const folder = mkdtempSync(join(tmpdir(), "nlm-fuzz-"));
  try {
    const { samples, damage, read } = (await readers(folder))[name];
    const readSound = async () => {
      for (const [sample, bytes] of samples.entries()) await read(bytes, sample);
    };
    await readSound();
    const result = { cases: count, refused: 0, slowest: 0, memory: 0 };
    let done = 0;
    const property = fc.asyncProperty(cases, async ({ sample, damages, mended }) => {
      if (done++ % 200 === 0) process.send?.({ done });
      const place = sample % samples.length;
      const bytes = damage(samples[place], damages, mended, place);
      const before = memory();
      const began = process.cpuUsage();
      try {
        await read(bytes, place);
      } catch (error) {
        if (!isLangevinError(error)) throw error;
        result.refused++;
      }
      // Of the processor, so that other programs do not count.
      const { user, system } = process.cpuUsage(began);
      const seconds = (user + system) / 1e6;
      const taken = memory() - before;
      result.slowest = Math.max(result.slowest, seconds);
      result.memory = Math.max(result.memory, taken);
      if (seconds > SECONDS) throw new Error(`It takes ${seconds.toFixed(1)} s.`);
      if (taken > Math.max(MEMORY, TIMES_THE_FILE * bytes.length)) {
        throw new Error(`It takes ${Math.round(taken / 1e6)} MB for ${bytes.length} bytes.`);
      }
    });
    await fc.assert(property, { numRuns: count, seed });
    // Only copies were damaged, and no reader remembers them.
    await readSound();
    process.send?.({ result });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Bytes of JavaScript's objects and of array buffers, also of those that are garbage by now. */
function memory() {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

// As a program it is one reader's process, also to repeat a failure: node fuzz.mjs READER CASES SEED.
if (process.argv[1] === own) {
  const [, , name, count, seed] = process.argv;
  await fuzzReader(name, Number(count), Number(seed));
  process.disconnect?.();
}
