// The peak of an instruction set as a contestant: peak.c, compiled for it and asked from here.
//
//   node peak-native.mjs SET THREADS
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { serve } from "./protocol.mjs";

const sets = {
  avx512: {
    lanes: 16,
    sums: 16,
    register: '"+v"',
    flags: ["-mavx512f", "-mprefer-vector-width=512"],
  },
  avx2: { lanes: 8, sums: 12, register: '"+x"', flags: ["-mavx2", "-mfma"] },
  "avx512-bf16": {
    lanes: 16,
    sums: 16,
    register: '"+v"',
    each: 2,
    flags: ["-mavx512f", "-mavx512bf16", "-mprefer-vector-width=512", "-DBF16"],
  },
  // A product of tiles is 16 × 16 × 32 multiply-adds.
  amx: { lanes: 16, sums: 4, register: '"+v"', each: 512, flags: ["-mavx512f", "-DAMX"] },
  neon: { lanes: 4, sums: 24, register: '"+w"', flags: [] },
};
const [set, threads] = process.argv.slice(2);
const { lanes, sums, register, each = 1, flags } = sets[set];
const flop = 2 * lanes * sums * each * Number(threads);
let lines;
let program;
let ended;

async function secondsOf(rounds) {
  program.stdin.write(`${rounds}\n`);
  const [line] = await Promise.race([once(lines, "line"), ended]);
  return Number(line);
}

await serve({
  async describe() {
    const compiler = [process.env.CC, "cc", "gcc", "clang"].find(
      (name) => name && spawnSync(name, ["--version"]).status === 0,
    );
    if (!compiler) throw new Error("there is no C compiler to make it with");
    const folder = mkdtempSync(join(tmpdir(), "nlm-peak-"));
    process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
    const source = fileURLToPath(new URL("peak.c", import.meta.url));
    const args = ["-O2", "-ffp-contract=fast", "-pthread", ...flags, `-DL=${lanes}`, `-DS=${sums}`];
    const made = spawnSync(
      compiler,
      [...args, `-DREGISTER(x)=${register}(x)`, source, "-o", join(folder, "peak")],
      { encoding: "utf8" },
    );
    if (made.status !== 0) throw new Error(`${compiler} cannot make it: ${made.stderr}`);
    program = spawn(join(folder, "peak"), [threads], { stdio: ["pipe", "pipe", "inherit"] });
    program.stdin.on("error", () => {});
    lines = createInterface({ input: program.stdout });
    ended = once(program, "exit").then(([status, signal]) => {
      throw new Error(
        `this processor does not run it: it ended with ${signal ?? `status ${status}`}`,
      );
    });
    ended.catch(() => {});
    // A processor without these instructions ends it here, and not in the middle of a measurement.
    await secondsOf(1);
    const precision = each > 1 ? "bf16" : "float32";
    const details = [`${set}, compiled with ${compiler}`];
    return { device: { precision, details, threads: Number(threads) } };
  },
  /** Counts in units of 1e8 operations, so that one count is a fraction of a second anywhere. */
  async run({ count }) {
    const rounds = Math.ceil((count * 1e8) / flop);
    return { seconds: await secondsOf(rounds), flop: rounds * flop };
  },
});
