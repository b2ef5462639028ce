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
      "-O3",
      "-std=c11",
      "-Wall",
      "-Wextra",
      "-Werror",
      "-ffp-contract=off",
      "-msimd128",
      "-fno-math-errno",
      "-fvisibility=hidden",
      "-nostdlib",
      "-ffreestanding",
      "-Wl,--no-entry,--import-memory,--strip-all",
      ...flags,
      "-o",
      "kernel.wasm",
    ],
    { ...sources },
    { fetchProgress: null, stdout: null, stderr: (bytes) => bytes && process.stderr.write(bytes) },
  );
  return Buffer.from(output["kernel.wasm"]);
}

/** Asks the compiler where the fields of a header's structures lie: name → size and fields, in order. */
export async function recordLayouts(sources, header, target) {
  const printed = [];
  await runClang(
    [
      "clang",
      `--target=${target}`,
      "-std=c11",
      "-ffreestanding",
      "-fsyntax-only",
      "-Xclang",
      "-fdump-record-layouts-complete",
      header,
    ],
    { ...sources },
    { fetchProgress: null, stdout: (bytes) => bytes && printed.push(bytes), stderr: null },
  );
  const structures = {};
  let structure;
  for (const line of Buffer.concat(printed).toString().split("\n")) {
    const [, offset, indent, text] = /^\s*(\d+) \|( +)(.*)$/.exec(line) ?? [];
    const [, size] = /\[sizeof=(\d+)/.exec(line) ?? [];
    if (size) structure.size = Number(size);
    else if (indent === " ") {
      structure = { size: 0, fields: {} };
      const name = text.replace("struct ", "");
      // The compiler has structures of its own.
      if (sources[header].includes(`struct ${name} {`)) structures[name] = structure;
    } else if (indent) {
      const [, type, field] = /^(.*) (\w+)$/.exec(text);
      structure.fields[field] = {
        type: type.endsWith("*") ? "address" : type,
        offset: Number(offset),
      };
    }
  }
  return structures;
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
