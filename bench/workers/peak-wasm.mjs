// The most 128-bit multiply-adds that WebAssembly makes here, as a contestant: independent sums in registers,
// with the relaxed instruction or with a multiplication and an addition.
//
//   node peak-wasm.mjs relaxed|plain THREADS
import { once } from "node:events";
import { performance } from "node:perf_hooks";
import { setFlagsFromString } from "node:v8";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { serve } from "./protocol.mjs";

const SUMS = 12;

/** A module with `run(rounds)`: rounds × SUMS × 4 lanes × 2 operations. */
function encode(build) {
  const section = (id, content) => [id, ...size(content.length), ...content];
  const size = (n) => (n < 128 ? [n] : [(n & 127) | 128, ...size(n >> 7)]);
  const constant = (value) => [0x43, ...new Uint8Array(Float32Array.of(value).buffer)];
  const simd = (code) => [0xfd, ...size(code)];
  const [splat, add, multiply, multiplyAdd] = [0x13, 0xe4, 0xe6, 0x105].map(simd);
  // Locals: 0 rounds, then the sums, then factor and summand.
  const [factor, summand] = [SUMS + 1, SUMS + 2];
  const get = (local) => [0x20, local];
  const set = (local) => [0x21, local];
  const body = [
    ...[0x01, SUMS + 2, 0x7b],
    ...[
      ...constant(0.999),
      ...splat,
      ...set(factor),
      ...constant(0.001),
      ...splat,
      ...set(summand),
    ],
    ...[0x03, 0x40],
  ];
  for (let sum = 1; sum <= SUMS; sum++) {
    body.push(...get(sum), ...get(factor));
    if (build === "relaxed") body.push(...get(summand), ...multiplyAdd);
    else body.push(...multiply, ...get(summand), ...add);
    body.push(...set(sum));
  }
  body.push(...get(0), 0x41, 1, 0x6b, 0x22, 0, 0x0d, 0, 0x0b);
  for (let sum = 1; sum <= SUMS; sum++) body.push(...get(sum), ...(sum > 1 ? add : []));
  body.push(...simd(0x1f), 0, 0x0b);
  return Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, 1, 0x7f, 1, 0x7d]),
    ...section(3, [1, 0]),
    ...section(7, [1, 3, 0x72, 0x75, 0x6e, 0, 0]),
    ...section(10, [1, ...size(body.length), ...body]),
  ]);
}

if (!isMainThread) {
  const { run } = new WebAssembly.Instance(workerData).exports;
  parentPort.on("message", (rounds) => {
    run(rounds);
    parentPort.postMessage("done");
  });
} else {
  const [build, threads] = process.argv.slice(2);
  const flop = 8 * SUMS * Number(threads);
  let workers;
  await serve({
    async describe() {
      setFlagsFromString("--experimental-wasm-relaxed-simd");
      const bytes = encode(build);
      if (!WebAssembly.validate(bytes)) throw new Error("this engine does not support the instruction");
      const module = await WebAssembly.compile(bytes);
      workers = Array.from(
        { length: Number(threads) },
        () => new Worker(new URL(import.meta.url), { workerData: module }),
      );
      await Promise.all(workers.map((worker) => once(worker, "online")));
      return { device: { details: [`WebAssembly, ${build}`], threads: Number(threads) } };
    },
    /** Counts in units of 1e8 operations, so that one count is a fraction of a second anywhere. */
    async run({ count }) {
      const rounds = Math.ceil((count * 1e8) / flop);
      const start = performance.now();
      for (const worker of workers) worker.postMessage(rounds);
      await Promise.all(workers.map((worker) => once(worker, "message")));
      return { seconds: (performance.now() - start) / 1000, flop: rounds * flop };
    },
  });
}
