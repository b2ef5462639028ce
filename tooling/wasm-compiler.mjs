// The C compiler that makes WebAssembly, installed on first use: @yowasp/clang, which needs no system compiler.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { root } from "./run.mjs";

const toolchain = join(root, "tooling", "wasm-toolchain");
const compiler = join(toolchain, "node_modules", "@yowasp", "clang", "gen", "bundle.js");

if (!existsSync(compiler)) {
  const install = spawnSync("npm", ["ci", "--no-fund", "--no-audit"], {
    cwd: toolchain,
    shell: process.platform === "win32",
    stdio: ["ignore", 2, 2],
  });
  if (install.status !== 0) throw new Error("The compiler could not be installed with npm ci.");
}
const { runClang } = await import(pathToFileURL(compiler).href);

/** Compiles C `sources` (name → text) with `flags` to one WebAssembly binary. */
export async function compileWasm(sources, flags) {
  const output = await runClang(
    [
      "clang",
      "--target=wasm32-unknown-unknown",
      ...["-O3", "-std=c11", "-Wall", "-Wextra", "-Werror", "-ffp-contract=off"],
      ...["-msimd128", "-fno-math-errno", "-fvisibility=hidden", "-nostdlib", "-ffreestanding"],
      "-Wl,--no-entry,--import-memory,--strip-all",
      ...flags,
      ...["-o", "kernel.wasm"],
    ],
    { ...sources },
    { fetchProgress: null, stdout: null, stderr: (bytes) => bytes && process.stderr.write(bytes) },
  );
  return Buffer.from(output["kernel.wasm"]);
}

/** Writes a generated file, or with `--check` on the command line proves that it is the committed one. */
export function writeOrCheck(target, text) {
  if (!process.argv.includes("--check")) {
    writeFileSync(target, text);
    return;
  }
  const name = relative(root, target);
  if (readFileSync(target, "utf8") !== text) {
    process.stderr.write(`${name} is not what its source compiles to.\n`);
    process.stderr.write("Run: node tooling/build-kernel.mjs\n");
    process.exit(1);
  }
  process.stderr.write(`${name} is what its source compiles to.\n`);
}
