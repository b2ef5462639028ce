// A backend of this project as a contestant.
//
//   node backend.mjs MODULE CREATE OPTIONS     OPTIONS as JSON
import { performance } from "node:perf_hooks";
import { randomNetwork } from "@neural-langevin/core";
import { serve } from "./protocol.mjs";

const [modulePath, create, options] = process.argv.slice(2);
let backend;
let session;
let work;

/** n pieces of the prepared work: Langevin steps, or training updates of `work.steps` steps each. */
function enqueue(n) {
  const run = { dt: 0.01, temperature: 1, integrator: "euler-maruyama" };
  if (work.kind === "steps") {
    session.advance({ ...run, firstStep: work.done, steps: n });
    work.done += n;
    return;
  }
  for (let piece = 0; piece < n; piece++) {
    session.accumulate("batch", 1);
    session.advance({ ...run, firstStep: work.done, steps: work.steps });
    session.accumulate("chains", -1);
    work.done += work.steps;
    work.updates++;
    const optimizer = { kind: "adam" };
    session.update({
      optimizer,
      learningRate: 5e-5,
      decay: 5e-7,
      temperature: 1,
      update: work.updates,
    });
  }
}

async function open({ kind, units, chains, steps }) {
  work = { kind, steps, done: 0, updates: 0 };
  const batch = kind === "updates" ? chains : 0;
  session = await backend.open({ units, chains, batch, seed: 1 });
}

function fill({ kind, units, chains }) {
  session.write("couplings", randomNetwork({ units, gain: 2, seed: 1 }).couplings);
  session.drawChains({ stream: 1, step: 0 });
  if (kind === "updates") {
    session.write(
      "batch",
      Float32Array.from({ length: chains * units }, (_, at) => Math.sin(at)),
    );
  }
}

await serve({
  async describe() {
    const module = await import(modulePath);
    backend = await module[create](JSON.parse(options));
    const { label, precision, threads, details } = backend.device;
    return { device: { label, precision, threads, details } };
  },
  async prepare(shape) {
    await open(shape);
    fill(shape);
    await session.synchronize();
  },
  async run({ count }) {
    const start = performance.now();
    enqueue(count);
    await session.synchronize();
    return { seconds: (performance.now() - start) / 1000 };
  },
  finish: () => session.close(),
  /** Milliseconds from open() to the first awaited measure, of a process that has not opened before. */
  async first(shape) {
    const start = performance.now();
    await open(shape);
    await session.measure("energy", "chains");
    return { milliseconds: performance.now() - start };
  },
  /** Bytes that a session which has done everything added to the process. */
  async memory(shape) {
    globalThis.gc?.();
    const before = process.memoryUsage().rss;
    await open(shape);
    fill(shape);
    enqueue(1);
    await session.synchronize();
    globalThis.gc?.();
    return { bytes: process.memoryUsage().rss - before };
  },
});
