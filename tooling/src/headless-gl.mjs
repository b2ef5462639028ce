// Where the package gl was compiled, for tests that need WebGL in Node: gpu.js finds it when NODE_PATH names the folder.
import { existsSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const modules = join(
  dirname(dirname(fileURLToPath(import.meta.url))),
  "headless-gl",
  "node_modules",
);

/** The folder of modules that holds a compiled gl, or undefined. */
export function findHeadlessGl() {
  return existsSync(join(modules, "gl", "build", "Release", "webgl.node")) ? modules : undefined;
}

/** The path of xvfb-run, which gives a program an X display of its own, or undefined. */
export function findXvfb() {
  const folders = (process.env.PATH ?? "").split(delimiter);
  return folders.map((folder) => join(folder, "xvfb-run")).find((path) => existsSync(path));
}
