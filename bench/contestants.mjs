// Who takes part: backends of this project, peers, and the ceilings of the machine. Each is a command that
// speaks workers/protocol.mjs, or a name with the reason why it is missing.
import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const node = (worker, ...args) => [
  process.execPath,
  "--expose-gc",
  here(`workers/${worker}`),
  ...args,
];

/** Where the built package of a backend is, if it is in this repository. */
const packageModule = (name) => here(`../packages/backend-${name}/dist/index.js`);

/** A backend as a contestant; `peak` names the ceiling that its share is counted of. */
function backend({ id, label, name, create, options, peak, threads, does }) {
  const module = packageModule(name);
  const base = { id, label, kind: "own", peak, threads, does };
  if (!existsSync(module)) return { ...base, missing: `packages/backend-${name} is not there` };
  return {
    ...base,
    command: node("backend.mjs", pathToFileURL(module).href, create, JSON.stringify(options)),
  };
}

/** Instruction sets of this architecture; those of bf16 compute in another precision and stand last. */
const float32Sets = { x64: ["avx512", "avx2"], arm64: ["neon"] }[process.arch] ?? [];
const bf16Sets = { x64: ["avx512-bf16", "amx"] }[process.arch] ?? [];

function processorBackends(threads) {
  const sets = [...float32Sets, ...bf16Sets];
  const builds = [...float32Sets, "relaxed", "plain", ...bf16Sets];
  const one = (build, count, suffix = "") =>
    backend({
      id: `cpu:${build}${suffix}`,
      label: `cpu, ${sets.includes(build) ? "native" : "WASM"} ${build}${bf16Sets.includes(build) ? ", bf16" : ""}${suffix ? ", one thread" : ""}`,
      name: "cpu",
      create: "createCpuBackend",
      options: { build, threads: count },
      peak: sets.includes(build) ? `peak:${build}` : `peak:wasm-${build}`,
      threads: count,
    });
  return [
    ...builds.map((build) => one(build, threads)),
    // What the second thread brings; on the shape that all threads can share best.
    ...(threads > 1 ? builds.map((build) => ({ ...one(build, 1, ":1"), ratioOnly: true })) : []),
  ];
}

/** Other backends of the repository. Each row: package, factory, options, and what they are called. */
const others = [
  ...["node-gpu", "node", "wasm", "cpu"].map((platform) => [
    "tfjs",
    "createTfjsBackend",
    { platform },
    `tfjs:${platform}`,
  ]),
  ...["headlessgl", "webasm", "cpu"].map((mode) => [
    "gpujs",
    "createGpuJsBackend",
    { mode },
    `gpujs:${mode}`,
  ]),
  ["webgpu", "createWebGpuBackend", {}, "webgpu"],
];

/** What a Python prints as JSON, or undefined where it does not run. */
async function askPython(python, program) {
  try {
    const { stdout } = await promisify(execFile)(python, ["-c", `import json\n${program}`]);
    return JSON.parse(stdout.trim().split("\n").at(-1));
  } catch {
    return undefined;
  }
}

/** Where a Python finds its modules, without loading them. */
const places = `
from importlib.util import find_spec
specs = (find_spec(name) for name in ("torch", "numpy"))
print(json.dumps([spec and spec.origin for spec in specs]))`;

/** The versions of the modules that can be loaded. */
const versions = `
import sys
found = {"executable": sys.executable}
for name in ("torch", "numpy"):
  try:
    found[name] = __import__(name).__version__
  except Exception:
    pass
if "torch" in found:
  found["mkl"] = sys.modules["torch"].backends.mkl.is_available()
print(json.dumps(found))`;

/**
 * Pythons that may have PyTorch: the ones named in NLM_PYTHON, this folder's own, and the system's. They are asked side by
 * side, and only one of those that share an installation loads it: that takes seconds.
 */
async function pythons() {
  const named = process.env.NLM_PYTHON?.split(/[,;]/) ?? [];
  const all = [...named, here("peers/python/bin/python"), "python3", "/usr/bin/python3"];
  const found = await Promise.all(all.map((python) => askPython(python, places)));
  const first = new Map();
  for (const [at, files] of found.entries()) {
    const key = `${files}`;
    if (files?.some(Boolean) && !first.has(key)) first.set(key, all[at]);
  }
  const loaded = await Promise.all([...first.values()].map((one) => askPython(one, versions)));
  return {
    found: loaded.filter(Boolean),
    broken: named.filter((_, at) => found[at] === undefined),
  };
}

/** Whether the processor has AVX-512 and OpenBLAS may be told so. */
const hasAvx512 = () =>
  existsSync("/proc/cpuinfo") && readFileSync("/proc/cpuinfo", "utf8").includes("avx512f");

/** The environments that a program with OpenBLAS is tried in; undefined unsets a variable. */
function blasEnvironments() {
  const bound =
    process.env.OPENBLAS_CORETYPE !== undefined || process.env.OPENBLAS_L2_SIZE !== undefined;
  const unbound = { OPENBLAS_CORETYPE: undefined, OPENBLAS_L2_SIZE: undefined };
  return [
    { suffix: "", label: ", as installed", env: {} },
    ...(bound ? [{ suffix: ":unset", label: ", OPENBLAS_* unset", env: unbound }] : []),
    ...(hasAvx512()
      ? [
          {
            suffix: ":skylakex",
            label: ", OPENBLAS_CORETYPE=SkylakeX",
            env: { ...unbound, OPENBLAS_CORETYPE: "SkylakeX" },
          },
        ]
      : []),
  ];
}

async function pythonContestants(threads) {
  const { found, broken } = await pythons();
  const count = { OMP_NUM_THREADS: `${threads}`, OPENBLAS_NUM_THREADS: `${threads}` };
  const peers = found.flatMap(({ executable, torch, mkl }) => {
    if (!torch) return [];
    const environments = mkl ? [{ suffix: "", label: "", env: {} }] : blasEnvironments();
    return environments.map(({ suffix, label, env }) => ({
      id: `torch:${torch}${suffix}`,
      label: `PyTorch ${torch}${label}`,
      kind: "peer",
      command: [executable, here("workers/torch_worker.py"), `${threads}`],
      env: { ...count, ...env },
      threads,
    }));
  });
  if (peers.length === 0) {
    const reason = "no Python that can import torch was found; see bench/README.md";
    peers.push({ id: "torch", label: "PyTorch", kind: "peer", missing: reason });
  }
  const products = found.flatMap(({ executable, numpy }) =>
    numpy
      ? blasEnvironments().map(({ suffix, label, env }) => ({
          id: `products:numpy-${numpy}${suffix}`,
          label: `two bare products, numpy ${numpy}${label}`,
          kind: "products",
          does: ["steps"],
          command: [executable, here("workers/products_worker.py")],
          env: { ...count, ...env },
          threads,
        }))
      : [],
  );
  if (products.length === 0) {
    const reason = "no Python that can import numpy was found; see bench/README.md";
    products.push({
      id: "products",
      label: "two bare products",
      kind: "products",
      missing: reason,
    });
  }
  const lost = broken.map((python) => ({
    id: `torch:${python}`,
    label: `PyTorch of ${python}`,
    kind: "peer",
    missing: "NLM_PYTHON names it, and it does not run",
  }));
  return [...peers, ...lost, ...products];
}

function ceilings(threads) {
  const all = [
    ...[...float32Sets, ...bf16Sets].map((set) => [set, "peak-native.mjs", set]),
    ...["relaxed", "plain"].map((build) => [`wasm-${build}`, "peak-wasm.mjs", build]),
  ];
  return all.flatMap(([name, worker, argument]) =>
    (threads > 1 ? [threads, 1] : [1]).map((count) => ({
      id: `peak:${name}${count === threads ? "" : ":1"}`,
      label: `multiply-add peak, ${name}${count === threads ? "" : ", one thread"}`,
      kind: "peak",
      threads: count,
      ratioOnly: count !== threads,
      command: node(worker, argument, `${count}`),
    })),
  );
}

function onnx(threads) {
  const installed = existsSync(here("peers/node_modules/onnxruntime-node"));
  return {
    id: "onnxruntime",
    label: "onnxruntime-node",
    kind: "peer",
    does: ["steps"],
    threads,
    ...(installed
      ? { command: node("onnx.mjs", `${threads}`) }
      : { missing: "it is not installed; see bench/README.md" }),
  };
}

/** Everyone, for so many threads. */
export async function contestants(threads) {
  return [
    ...processorBackends(threads),
    ...others.map(([name, create, options, id]) =>
      backend({ id, label: id.replace(":", ", "), name, create, options, threads }),
    ),
    ...(await pythonContestants(threads)),
    onnx(threads),
    ...ceilings(threads),
  ];
}
