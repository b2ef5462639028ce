// What a graphics card does with this software: the device, the whole contract, parity with the processor, and speed beside
// it. It needs nothing but built packages, so that it also runs from a bundle on a machine without a network, and writes its
// report after every part, so that a machine which is taken away leaves what was measured.
//
//   node tooling/gpu-check.mjs [--backends webgpu,gpujs:headlessgl] [--quick] [--out FILE]
import { existsSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { cpus } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { readOptions, refuse, someOf } from "./src/options.mjs";

const usage = `gpu-check [options]

  --backends a,b   what is checked (default: every backend that can use a graphics device in Node)
  --parts a,b      contract, parity, speed; also tiles: webgpu with every shape of tiles (default: the first three)
  --quick          the quick level of the contract, small machines: does everything run?
  --out FILE       the report as JSON (default: gpu-check.json)
`;
const { values: options } = readOptions(usage, {
  backends: { type: "string", default: "webgpu,tfjs:node-gpu,gpujs:headlessgl" },
  parts: { type: "string", default: "contract,parity,speed" },
  quick: { type: "boolean", default: false },
  out: { type: "string", default: "gpu-check.json" },
});

const here = dirname(fileURLToPath(import.meta.url));
// In a bundle the packages lie beside this file, in the repository in the command line's folder.
const installed = join(here, "node_modules", "neural-langevin");
const home = existsSync(installed) ? installed : join(here, "..", "apps", "cli");
const { resolve } = createRequire(join(home, "package.json"));
const load = (name) => import(pathToFileURL(resolve(`@neural-langevin/${name}`)).href);
const { measureParity, unavailableReason, verifyBackend } = await load("backend-testkit");
const { isLangevinError, randomNetwork } = await load("core");

/** How each backend is opened, in a mode or its own choice. */
const backends = {
  cpu: async (build) => (await load("backend-cpu")).createCpuBackend({ build }),
  webgpu: async () => (await load("backend-webgpu")).createWebGpuBackend(),
  tfjs: async (platform) => (await load("backend-tfjs")).createTfjsBackend({ platform }),
  gpujs: async (mode) => (await load("backend-gpujs")).createGpuJsBackend({ mode }),
};

/** Opens a backend by its name. */
function open(name) {
  const [id, mode] = name.split(":");
  return backends[id](mode);
}

const { quick } = options;
const parts = someOf(options, "parts", ["contract", "parity", "speed", "tiles"]);
const names = options.backends.split(",");
const strange = names.find((name) => !(name.split(":")[0] in backends));
if (strange !== undefined) {
  const known = Object.keys(backends).join(", ");
  refuse(
    `There is no backend "${strange}": --backends takes some of ${known}, each with or without :MODE.`,
  );
}
/** N × B: steps; N × B × k: updates of k steps. Floating-point operations as `npm run bench` counts them. */
const shapes = quick
  ? [
      [64, 16],
      [64, 16, 2],
    ]
  : [
      [784, 1],
      [784, 10],
      [784, 100],
      [784, 1000],
      [784, 10_000],
      [3072, 256],
      [3072, 4096],
      [10_000, 1000],
      [784, 1000, 10],
    ];
const flopOf = ([units, chains, steps]) =>
  (steps === undefined ? 4 : 4 * steps + 8) * units * units * chains;
const plan = {
  network: randomNetwork({ units: quick ? 64 : 784, gain: 2, seed: 1 }),
  chains: quick ? 16 : 256,
  seed: 1,
  dt: 0.05,
  temperature: 1,
  integrator: "leimkuhler-matthews",
  steps: quick ? [1, 10, 100] : [1, 10, 100, 1000],
};

const report = {
  began: new Date().toISOString(),
  node: process.version,
  platform: `${process.platform}-${process.arch}`,
  processor: `${cpus()[0]?.model ?? "unknown"}, ${cpus().length} threads`,
  quick,
  backends: [],
};
const tell = (line) => process.stdout.write(`${line}\n`);
function keep() {
  try {
    writeFileSync(options.out, `${JSON.stringify(report, null, 2)}\n`);
  } catch (error) {
    refuse(`The report cannot be written: ${error.message}. Name another file by --out.`);
  }
}

/** Steps or updates per second: the best of three turns of about half a second, each ended by a synchronization. */
async function measureSpeed(backend, [units, chains, steps]) {
  const batch = steps === undefined ? 0 : chains;
  const session = await backend.open({ units, chains, batch, seed: 1 });
  try {
    session.write("couplings", randomNetwork({ units, gain: 2, seed: 1 }).couplings);
    session.drawChains({ stream: 1, step: 0 });
    if (batch > 0) {
      session.write(
        "batch",
        Float32Array.from({ length: batch * units }, (_, at) => Math.sin(at)),
      );
    }
    const run = { dt: 0.01, temperature: 1, integrator: "euler-maruyama" };
    let [firstStep, update] = [0, 0];
    const time = async (count) => {
      const began = performance.now();
      if (steps === undefined) {
        session.advance({ ...run, firstStep, steps: count });
        firstStep += count;
      } else {
        for (let at = 0; at < count; at++) {
          session.accumulate("batch", 1);
          session.advance({ ...run, firstStep, steps });
          session.accumulate("chains", -1);
          firstStep += steps;
          update++;
          session.update({
            optimizer: { kind: "adam" },
            learningRate: 5e-5,
            temperature: 1,
            update,
          });
        }
      }
      await session.synchronize();
      return (performance.now() - began) / 1000;
    };
    await time(1);
    const turn = quick ? 0.05 : 0.5;
    let count = 1;
    let seconds = await time(count);
    while (seconds < turn) {
      count = Math.ceil(count * Math.min(8, Math.max(2, turn / seconds)));
      seconds = await time(count);
    }
    let best = count / seconds;
    for (let again = 0; again < 2 && seconds < 4 * turn; again++) {
      best = Math.max(best, count / (await time(count)));
    }
    return best;
  } finally {
    await session.close();
  }
}

async function check(name, ruler) {
  const result = { name };
  report.backends.push(result);
  let backend;
  try {
    backend = await open(name);
  } catch (error) {
    result.unavailable = unavailableReason(error);
    tell(`${name} is unavailable: ${result.unavailable}`);
    return;
  }
  try {
    await examine(result, backend, ruler);
  } finally {
    await backend.close();
  }
}

async function examine(result, backend, ruler) {
  const { name } = result;
  result.device = backend.device;
  const { label, details, noise } = backend.device;
  tell(`${name}: ${[label, ...(details ?? [])].join("; ")}; noise ${noise}`);
  if (parts.includes("contract")) {
    const began = performance.now();
    const { holds, outcomes } = await verifyBackend(() => open(name), {
      level: quick ? "quick" : "full",
    });
    const seconds = (performance.now() - began) / 1000;
    result.contract = { holds, seconds, outcomes };
    const count = (outcome) => outcomes.filter((one) => one.outcome === outcome).length;
    tell(
      `  contract: ${count("passed")} of ${outcomes.length} scenarios passed, ${count("failed")} failed, ` +
        `${count("not-held")} do not apply, ${seconds.toFixed(0)} s`,
    );
    for (const { key, outcome, reason } of outcomes) {
      if (outcome === "failed") tell(`    ${key}: ${reason}`);
    }
    keep();
  }
  if (parts.includes("parity")) {
    result.parity = await measureParity(ruler, backend, plan);
    const { bits, statistics } = result.parity;
    tell(
      `  parity with the processor: ${bits.map(({ steps, median, worst }) => `${median} bits (worst ${worst}) after ${steps}`).join(", ")}; ` +
        `statistics ${statistics.agree ? "agree" : "DISAGREE"}, z of the energy ${statistics.energy.z.toFixed(2)}`,
    );
    keep();
  }
  if (parts.includes("speed")) await time(result, backend);
  if (parts.includes("tiles") && name === "webgpu") await timeTiles(result);
}

/** Units, chains and depth of a tile, then units and chains of a thread. */
const tiles = [
  [128, 128, 16, 8, 8],
  [128, 64, 16, 8, 8],
  [128, 64, 16, 8, 4],
  [64, 128, 16, 8, 4],
  [64, 64, 8, 8, 4],
  [64, 64, 16, 8, 8],
  [64, 64, 16, 8, 4],
  [64, 64, 16, 4, 4],
  [64, 64, 32, 8, 4],
  [64, 32, 16, 8, 4],
  [32, 64, 16, 8, 4],
  [32, 64, 32, 4, 4],
  [32, 32, 16, 4, 4],
  [32, 32, 32, 4, 4],
];

/** Steps with every shape of tiles, so that the table of shapes in backend-webgpu can be chosen for a device. */
async function timeTiles(result) {
  const entry = resolve("@neural-langevin/backend-webgpu");
  const { openBackend } = await import(pathToFileURL(join(dirname(entry), "backend.js")).href);
  let chosen;
  const backend = await openBackend({}, () => chosen);
  result.tiles = [];
  try {
    for (const shape of quick
      ? [[64, 64]]
      : [
          [784, 200],
          [784, 1000],
          [784, 10_000],
          [3072, 1024],
        ]) {
      for (const [units, chains, depth, unitsPerThread, chainsPerThread] of tiles) {
        const name = [units, chains, depth, unitsPerThread, chainsPerThread].join("x");
        chosen = { name, units, chains, depth, unitsPerThread, chainsPerThread };
        const perSecond = await measureSpeed(backend, shape);
        const gigaflops = (perSecond * flopOf(shape)) / 1e9;
        result.tiles.push({ units: shape[0], chains: shape[1], tile: name, perSecond, gigaflops });
        tell(`  tiles of ${name}, N ${shape[0]}, B ${shape[1]}: ${gigaflops.toFixed(0)} GFLOP/s`);
      }
      keep();
    }
  } finally {
    await backend.close();
  }
}

async function time(result, backend) {
  result.speed = [];
  for (const shape of shapes) {
    const [units, chains, steps] = shape;
    const what = `N ${units}, B ${chains}${steps === undefined ? "" : `, updates of ${steps} steps`}`;
    try {
      const perSecond = await measureSpeed(backend, shape);
      const gigaflops = (perSecond * flopOf(shape)) / 1e9;
      result.speed.push({ units, chains, steps, perSecond, gigaflops });
      tell(`  ${what}: ${perSecond.toPrecision(4)} per s, ${gigaflops.toFixed(0)} GFLOP/s`);
    } catch (error) {
      if (!isLangevinError(error)) throw error;
      result.speed.push({ units, chains, steps, failure: error.message });
      tell(`  ${what}: ${error.message}`);
    }
    keep();
  }
}

keep();
const ruler = await open("cpu");
try {
  for (const name of names) await check(name, ruler);
} finally {
  await ruler.close();
  report.ended = new Date().toISOString();
  keep();
}
const found = report.backends.filter(({ device }) => device);
if (found.length === 0) process.exitCode = 69;
else if (
  found.some(
    ({ contract, parity }) => contract?.holds === false || parity?.statistics.agree === false,
  )
) {
  process.exitCode = 1;
}
