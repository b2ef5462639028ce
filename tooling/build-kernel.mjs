// Compiles the C kernel of backend-cpu to WebAssembly and writes it, with the hash of its source and the places of its
// structures' fields, into packages/backend-cpu/src/kernel.generated.ts; and those of analysis' nearest-neighbour search and
// of the noise into files beside their sources. The results are committed, so that nobody needs the
// 140 MB compiler to install or run anything; `--check` proves that the committed files are what this
// recipe makes of the committed source.
//
//   node tooling/build-kernel.mjs [--check]
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./run.mjs";
import { compileWasm, recordLayouts, writeOrCheck } from "./wasm-compiler.mjs";

const kernel = join(root, "packages", "backend-cpu", "kernel");
const target = join(root, "packages", "backend-cpu", "src", "kernel.generated.ts");

// Tiles that keep their sums, the vectors of a block and one weight within 16 vector registers.
const builds = {
  relaxed: { vectors: 3, chains: 3, flags: ["-mrelaxed-simd", "-DRELAXED_FMA"] },
  plain: { vectors: 4, chains: 2, flags: [] },
};

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
  return compileWasm(sources, [
    "-DLANES=4",
    `-DBLOCK_VECTORS=${vectors}`,
    `-DTILE_CHAINS=${chains}`,
    ...flags,
    ...memory,
    "-Wl,--export-dynamic,--export=__stack_pointer,--export=__heap_base,-z,stack-size=65536",
    "kernel.c",
  ]);
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
lines.push("} as const;");

// A 64-bit processor like any other: all that native kernels are made for have these sizes and alignments.
const narrow = await recordLayouts(sources, "structures.h", "wasm32-unknown-unknown");
const wide = await recordLayouts(sources, "structures.h", "x86_64-unknown-linux-gnu");
lines.push(
  "/** The structures of kernel/structures.h: their bytes, and every field's type and place, in 32 and in 64 bits. */",
  "export const structures = {",
);
for (const [name, { size, fields }] of Object.entries(narrow)) {
  lines.push(`  ${name}: {`, `    size: [${size}, ${wide[name].size}],`, "    fields: {");
  for (const [field, { type, offset }] of Object.entries(fields)) {
    const offsets = [offset, wide[name].fields[field].offset];
    lines.push(`      ${field}: ["${type}", ${offsets.join(", ")}],`);
  }
  lines.push("    },", "  },");
}
lines.push("} as const;", "");
writeOrCheck(target, lines.join("\n"));

/** Compiles a kernel of one file, with headers of the processor's, and writes it or checks it. */
async function buildSmall(name, folder, headers = []) {
  const source = readFileSync(join(root, folder, "kernel", `${name}.c`), "utf8");
  const shared = Object.fromEntries(headers.map((header) => [header, sources[header]]));
  const binary = await compileWasm({ ...shared, [`${name}.c`]: source }, [`${name}.c`]);
  process.stderr.write(`${name}: ${binary.length} bytes\n`);
  writeOrCheck(
    join(root, folder, "src", `${name}.generated.ts`),
    [
      `// Made from kernel/${name}.c by tooling/build-kernel.mjs; not to be edited.`,
      "/** WebAssembly in base64. */",
      `export const binary =\n  "${binary.toString("base64")}";`,
      "",
    ].join("\n"),
  );
}
await buildSmall("products", join("packages", "analysis"));
await buildSmall("layer", join("packages", "analysis"));
await buildSmall("fill", join("packages", "noise"), ["threefry.h"]);
