// Compiles the package gl, WebGL in Node, into tooling/headless-gl, where the tests of the gpu.js backend find it.
// It is apart from the workspace, because installing it takes a C++ compiler, make and Python, which a newcomer's
// machine may lack. To run, it takes an X display (xvfb-run) and the libraries libGL, libX11 and libXext.
//
//   node tooling/build-headless-gl.mjs
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { root } from "./run.mjs";
import { findHeadlessGl } from "./src/headless-gl.mjs";

const folder = join(root, "tooling", "headless-gl");
const gl = join(folder, "node_modules", "gl");

function run(command, args, options) {
  const { status, error } = spawnSync(command, args, {
    stdio: ["ignore", 2, 2],
    shell: process.platform === "win32",
    ...options,
  });
  if (error || status !== 0) {
    process.stderr.write(
      `${command} ${args.join(" ")} failed${error ? `: ${error.message}` : ""}\n`,
    );
    process.exit(1);
  }
}

// Its own install script would look for a binary on the network first.
run("npm", ["ci", "--ignore-scripts", "--no-fund", "--no-audit"], { cwd: folder });
// Node's headers lie beside it, or node-gyp downloads them.
const prefix = dirname(dirname(process.execPath));
const headers = existsSync(join(prefix, "include", "node", "node.h"))
  ? { npm_config_nodedir: prefix }
  : {};
run(
  process.execPath,
  [join(folder, "node_modules", "node-gyp", "bin", "node-gyp.js"), "rebuild", "--silent"],
  { cwd: gl, env: { ...headers, ...process.env } },
);
if (!findHeadlessGl()) throw new Error("gl was compiled, but its addon is not where it should be.");
process.stderr.write("gl is compiled.\n");
