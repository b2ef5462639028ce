// onnxruntime as a contestant: one graph that takes Langevin steps in a Loop, so that nothing crosses into
// JavaScript between them.
//
//   node onnx.mjs THREADS

import { createRequire } from "node:module";
import { performance } from "node:perf_hooks";
import { langevinGraph } from "./onnx-graph.mjs";
import { serve } from "./protocol.mjs";

const require = createRequire(new URL("../peers/package.json", import.meta.url));
const threads = Number(process.argv[2]);
let runtime;
let session;
let x;

await serve({
  describe() {
    runtime = require("onnxruntime-node");
    const { version } = require("onnxruntime-node/package.json");
    return { device: { details: [`onnxruntime-node ${version}`], threads } };
  },
  async prepare({ kind, units, chains }) {
    if (kind !== "steps") throw new Error("an inference engine does not train");
    const couplings = Float32Array.from({ length: units * units }, (_, at) =>
      at % (units + 1) === 0 ? 0 : (Math.random() - 0.5) * Math.sqrt(48 / units),
    );
    session = await runtime.InferenceSession.create(langevinGraph(units, chains, couplings), {
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      executionMode: "sequential",
      graphOptimizationLevel: "all",
    });
    const start = Float32Array.from({ length: units * chains }, () => 2 * Math.random() - 1);
    x = new runtime.Tensor("float32", start, [chains, units]);
  },
  async run({ count }) {
    const steps = new runtime.Tensor("int64", BigInt64Array.of(BigInt(count)), []);
    const start = performance.now();
    ({ after: x } = await session.run({ steps, before: x }));
    return { seconds: (performance.now() - start) / 1000 };
  },
  finish: () => session?.release(),
});
