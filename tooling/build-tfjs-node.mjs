// Builds TensorFlow.js's native addon from source and prints the folder that holds it, so that the contract can
// run on it. The package's own install script downloads libtensorflow from a storage bucket; this takes the
// same library and its C headers from PyPI's wheel of TensorFlow instead, and needs Linux on x86-64, npm,
// a C++ compiler, make and Python 3 with pip.
//
//   NLM_TFJS_NODE=$(node tooling/build-tfjs-node.mjs) npm test
//
// What is left: tooling/tfjs-node/node_modules/@tensorflow/tfjs-node with lib/napi-v8/tfjs_binding.node, which
// finds deps/lib/libtensorflow*.so beside it. A second call finds it built and only prints the folder.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { root } from "./run.mjs";

const TFJS_NODE = "4.22.0";
// The addon calls the C API for eager execution, which later versions of TensorFlow keep; this wheel is a small one.
const TENSORFLOW = "2.15.1";
const NAPI = 8;

const folder = join(root, "tooling", "tfjs-node");
const addon = join(folder, "node_modules", "@tensorflow", "tfjs-node");
const built = join(addon, "lib", `napi-v${NAPI}`, "tfjs_binding.node");

/** Runs a program with its output on the error stream; fails with its name and status. */
function run(program, args, options = {}) {
  execFileSync(program, args, { stdio: ["ignore", 2, 2], ...options });
}

/** TensorFlow.js without its install scripts, in a package of its own. */
function fetchPackage() {
  mkdirSync(folder, { recursive: true });
  const dependencies = { "@tensorflow/tfjs-node": TFJS_NODE };
  writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, dependencies }));
  run("npm", ["install", "--ignore-scripts", "--no-fund", "--no-audit", "--loglevel=error"], {
    cwd: folder,
  });
}

/** The library and its headers, where the addon's binding.gyp looks for them. */
function fetchLibrary() {
  const wheel = join(folder, "wheel");
  run("python3", [
    "-m",
    "pip",
    "--disable-pip-version-check",
    "download",
    "--quiet",
    "--no-deps",
    "--only-binary=:all:",
    "--python-version",
    "3.11",
    "--platform",
    "manylinux2014_x86_64",
    "--dest",
    wheel,
    `tensorflow-cpu==${TENSORFLOW}`,
  ]);
  const [file] = readdirSync(wheel);
  const deps = join(addon, "deps");
  const extract = `
import sys, zipfile
wheel = zipfile.ZipFile(sys.argv[1])
wanted = ("tensorflow/libtensorflow_", "tensorflow/include/tensorflow/", "tensorflow/include/tsl/")
wheel.extractall(sys.argv[2], [name for name in wheel.namelist() if name.startswith(wanted)])`;
  run("python3", ["-c", extract, join(wheel, file), deps]);
  rmSync(wheel, { recursive: true });
  mkdirSync(join(deps, "lib"));
  symlinkSync(join("tensorflow", "include"), join(deps, "include"));
  for (const [name, target] of [
    ["libtensorflow.so", "libtensorflow_cc.so.2"],
    ["libtensorflow_cc.so.2", "libtensorflow_cc.so.2"],
    ["libtensorflow_framework.so", "libtensorflow_framework.so.2"],
    ["libtensorflow_framework.so.2", "libtensorflow_framework.so.2"],
  ]) {
    symlinkSync(join("..", "tensorflow", target), join(deps, "lib", name));
  }
}

/** Compiles the addon with the node-gyp that npm brings and, where they are there, Node's own headers. */
function compile() {
  const gyp = execFileSync("npm", ["exec", "-c", "node -p process.env.npm_config_node_gyp"], {
    cwd: folder,
    encoding: "utf8",
  }).trim();
  const node = dirname(dirname(process.execPath));
  const headers = existsSync(join(node, "include", "node", "node_api.h"))
    ? [`--nodedir=${node}`]
    : [];
  const args = [
    "rebuild",
    "--silent",
    ...headers,
    "--module_name=tfjs_binding",
    `--module_path=${dirname(built)}`,
    `--napi_build_version=${NAPI}`,
  ];
  run(process.execPath, [gyp, ...args], { cwd: addon });
}

if (!existsSync(built)) {
  if (process.platform !== "linux" || process.arch !== "x64") {
    throw new Error("The wheel that carries libtensorflow is the one for Linux on x86-64.");
  }
  rmSync(folder, { recursive: true, force: true });
  fetchPackage();
  fetchLibrary();
  compile();
}
process.stdout.write(`${folder}\n`);
