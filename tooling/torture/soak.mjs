// Long use: backends and sessions are opened, trained, sampled and closed, and runs are opened and written, for as long
// as is asked. In the end there are as many handles, threads and bytes as after the first fifth of the time.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  createReferenceBackend,
  isLangevinError,
  LangevinError,
  sample,
  train,
} from "@neural-langevin/core";
import { openRun } from "@neural-langevin/runs/node";
import { nameSoftwareVulkan } from "../src/chromium.mjs";
import { findHeadlessGl, findXvfb } from "../src/headless-gl.mjs";
import { start, startNode } from "./processes.mjs";
import { begin, checkpoint } from "./saves.mjs";

const own = fileURLToPath(import.meta.url);
/** The share of the time, and the rounds, after which memory has settled; and twice as many rounds there are at least. */
const SETTLED = { share: 0.2, rounds: 3 };
/** How much more memory there may be in the end: of JavaScript's objects, of array buffers, and of the process. */
const GROWTH = { heap: 2e6, buffers: 1e6, resident: 32e6 };
/** What one device of WebGPU takes in software; that of the last round may or may not be freed yet. */
const SOFTWARE_DEVICE = 128e6;

const UNITS = 64;

const require = createRequire(import.meta.url);

/** TensorFlow.js's native addon, which tooling/build-tfjs-node.mjs builds. */
function nativeTensorFlow() {
  const folder = process.env.NLM_TFJS_NODE;
  if (folder) return require(join(folder, "node_modules", "@tensorflow", "tfjs-node"));
  throw new LangevinError(
    "unavailable",
    "NLM_TFJS_NODE names no folder with TensorFlow.js's addon.",
  );
}

/** Every backend by its name, opened anew. */
const backends = {
  "cpu, native": async () => (await import("@neural-langevin/backend-cpu")).createCpuBackend(),
  "cpu, WebAssembly": async () =>
    (await import("@neural-langevin/backend-cpu")).createCpuBackend({ build: "plain", threads: 2 }),
  "tfjs, cpu": async () =>
    (await import("@neural-langevin/backend-tfjs")).createTfjsBackend({ platform: "cpu" }),
  "tfjs, wasm": async () =>
    (await import("@neural-langevin/backend-tfjs")).createTfjsBackend({ platform: "wasm" }),
  "tfjs, node": async () =>
    (await import("@neural-langevin/backend-tfjs")).createTfjsBackend({ tf: nativeTensorFlow() }),
  "gpujs, cpu": async () =>
    (await import("@neural-langevin/backend-gpujs")).createGpuJsBackend({ mode: "cpu" }),
  "gpujs, WebGL in Node": async () =>
    (await import("@neural-langevin/backend-gpujs")).createGpuJsBackend({ mode: "headlessgl" }),
  webgpu: async () => (await import("@neural-langevin/backend-webgpu")).createWebGpuBackend(),
  reference: async () => createReferenceBackend(),
};

/** @returns { cycles, backends, missing, first, last, failures } */
export async function soak({ seconds, tell }) {
  // One heap of the C library: with one for each thread, it keeps in each what software that compiles kernels once took.
  const env = { ...process.env, MALLOC_ARENA_MAX: "1" };
  nameSoftwareVulkan(env);
  const args = ["--expose-gc", own, `${seconds}`];
  const [modules, xvfb] = [findHeadlessGl(), findXvfb()];
  const { ended } =
    modules && xvfb
      ? start(xvfb, ["-a", process.execPath, ...args], { env: { ...env, NODE_PATH: modules } })
      : startNode(args, { env });
  const { status, signal, stdout, stderr } = await ended;
  if (status !== 0) return { failures: [stderr || `ended with ${status ?? signal}`] };
  const result = JSON.parse(stdout.trim().split("\n").at(-1));
  for (const [name, why] of Object.entries(result.missing)) tell(`without ${name}: ${why}`);
  tell(`${result.cycles} cycles in ${seconds} s`);
  const { first, last } = result;
  const failures = [];
  const device = result.backends.includes("webgpu") ? SOFTWARE_DEVICE : 0;
  for (const [name, growth] of Object.entries(GROWTH)) {
    if (last[name] - first[name] > growth + (name === "resident" ? device : 0)) {
      failures.push(`${name}: from ${first[name]} to ${last[name]} bytes`);
    }
  }
  for (const name of ["files", "threads", "handles"]) {
    if (last[name] > first[name]) failures.push(`${name}: from ${first[name]} to ${last[name]}`);
  }
  return { ...result, failures };
}

/** Trains and samples a little in a session of its own. */
async function useSession(backend, cycle) {
  const chains = 4 + (cycle % 3);
  const session = await backend.open({ units: UNITS, chains, batch: 5, seed: cycle });
  try {
    session.write("couplings", new Float32Array(UNITS ** 2));
    session.write("bias", new Float32Array(UNITS));
    const data = Float32Array.from({ length: 10 * UNITS }, (_, at) => Math.sin(at));
    const plan = { updates: 3, batch: 5, dt: 0.05, learningRate: 1e-3 };
    for await (const _ of train(session, data, plan));
    await sample(session, { stages: [{ steps: 20, temperature: 1 }], dt: 0.05 });
  } finally {
    await session.close();
  }
}

/** What the process holds, once garbage is collected. */
async function held() {
  for (let pass = 0; pass < 3; pass++) {
    globalThis.gc();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const { heapUsed: heap, arrayBuffers: buffers, rss: resident } = process.memoryUsage();
  const threads = Number(/Threads:\s*(\d+)/.exec(readFileSync("/proc/self/status", "utf8"))[1]);
  const files = readdirSync("/proc/self/fd").length;
  return {
    heap,
    buffers,
    resident,
    threads,
    files,
    handles: process.getActiveResourcesInfo().length,
  };
}

// As a program it is the process that is watched: SECONDS.
if (process.argv[1] === own) {
  const seconds = Number(process.argv[2]);
  const began = performance.now();
  const spent = () => (performance.now() - began) / 1000 / seconds;
  const used = new Set();
  const missing = {};
  let cycles = 0;
  let first;
  while (spent() < 1 || cycles < 2 * SETTLED.rounds) {
    for (const [name, open] of Object.entries(backends)) {
      if (name in missing) continue;
      const backend = await open().catch((error) => {
        if (!isLangevinError(error, "unavailable")) throw error;
        missing[name] = error.message;
      });
      if (!backend) continue;
      used.add(name);
      for (let session = 0; session < 2; session++) await useSession(backend, cycles);
      await backend.close();
    }
    const folder = mkdtempSync(join(tmpdir(), "nlm-soak-"));
    await begin(folder);
    const run = await openRun(folder);
    await run.lock();
    await run.resume();
    await run.addMetrics({ update: 15, energy: cycles });
    await run.writeCheckpoint(checkpoint(15));
    await run.close();
    rmSync(folder, { recursive: true });
    cycles++;
    if (!first && spent() >= SETTLED.share && cycles >= SETTLED.rounds) first = await held();
  }
  const last = await held();
  const result = { cycles, backends: [...used], missing, first, last };
  process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0));
}
