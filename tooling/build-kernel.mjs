// Compiles the C kernel of backend-cpu to WebAssembly and writes it, with the hash of its source, into
// packages/backend-cpu/src/kernel.generated.ts. The result is committed, so that nobody needs the
// 140 MB compiler to install or run anything; `--check` proves that the committed file is what this
// recipe makes of the committed source.
//
//   node tooling/build-kernel.mjs [--check]
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { root } from "./run.mjs";

const toolchain = join(root, "tooling", "wasm-toolchain");
const compiler = join(toolchain, "node_modules", "@yowasp", "clang", "gen", "bundle.js");
const kernel = join(root, "packages", "backend-cpu", "kernel");
const target = join(root, "packages", "backend-cpu", "src", "kernel.generated.ts");

// Tiles that keep their sums, the vectors of a block and one weight within 16 vector registers.
const builds = {
  relaxed: { vectors: 3, chains: 3, flags: ["-mrelaxed-simd", "-DRELAXED_FMA"] },
  plain: { vectors: 4, chains: 2, flags: [] },
};

if (!existsSync(compiler)) {
  const install = spawnSync("npm", ["ci", "--no-fund", "--no-audit"], {
    cwd: toolchain,
    shell: process.platform === "win32",
    stdio: ["ignore", 2, 2],
  });
  if (install.status !== 0) throw new Error("The compiler could not be installed with npm ci.");
}
const { runClang } = await import(pathToFileURL(compiler).href);

const names = readdirSync(kernel)
  .filter((name) => /\.[ch]$/.test(name))
  .sort();
const sources = Object.fromEntries(
  names.map((name) => [name, readFileSync(join(kernel, name), "utf8")]),
);
const hash = createHash("sha256");
for (const name of names) hash.update(`${name}\n${sources[name]}`);

async function compile({ vectors, chains, flags }, shared) {
  const memory = shared
    ? ["-matomics", "-mbulk-memory", "-Wl,--shared-memory,--max-memory=4294967296"]
    : ["-mbulk-memory"];
  const output = await runClang(
    [
      "clang",
      "--target=wasm32-unknown-unknown",
      ...["-O3", "-std=c11", "-Wall", "-Wextra", "-Werror", "-ffp-contract=off"],
      ...["-msimd128", "-fno-math-errno", "-fvisibility=hidden", "-nostdlib", "-ffreestanding"],
      ...["-DL=4", `-DNV=${vectors}`, `-DMC=${chains}`, ...flags, ...memory],
      "-Wl,--no-entry,--import-memory,--export-dynamic,--export=__stack_pointer,--export=__heap_base",
      "-Wl,-z,stack-size=65536,--strip-all",
      ...["kernel.c", "-o", "kernel.wasm"],
    ],
    { ...sources },
    { fetchProgress: null, stdout: null, stderr: (bytes) => bytes && process.stderr.write(bytes) },
  );
  return Buffer.from(output["kernel.wasm"]);
}

const lines = [
  "// Made from the C source in kernel/ by tooling/build-kernel.mjs; not to be edited.",
  `export const sourceHash = "${hash.digest("hex")}";`,
  "/** WebAssembly in base64: multiply-add in one rounding or two, memory shared between threads or not. */",
  "export const builds = {",
];
for (const [name, build] of Object.entries(builds)) {
  lines.push(`  ${name}: {`);
  for (const memory of ["shared", "unshared"]) {
    const binary = await compile(build, memory === "shared");
    lines.push(`    ${memory}:`, `      "${binary.toString("base64")}",`);
    process.stderr.write(`${name}, ${memory}: ${binary.length} bytes\n`);
  }
  lines.push("  },");
}
lines.push("} as const;", "");
const text = lines.join("\n");

if (process.argv.includes("--check")) {
  if (readFileSync(target, "utf8") !== text) {
    process.stderr.write("kernel.generated.ts is not what the source in kernel/ compiles to.\n");
    process.stderr.write("Run: node tooling/build-kernel.mjs\n");
    process.exit(1);
  }
  process.stderr.write("kernel.generated.ts is what the source compiles to.\n");
} else {
  writeFileSync(target, text);
}
