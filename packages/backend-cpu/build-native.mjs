// Compiles the kernel for the processors of this platform into native/, where a C compiler is there; says
// why not where it is not. Each library comes with its SHA-256, so that a damaged one is never loaded.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));
const kernel = join(here, "kernel");
const platform = `${process.platform}-${process.arch}`;
const target = join(here, "native", platform);

const avx512 = ["-mavx512f", "-mavx512dq", "-mavx512bw", "-mavx512vl", "-mfma"];
const bf16 = [...avx512, "-mavx512bf16", "-DBF16"];
// Sums of a tile fill the vector registers: vectors of a matrix block × chains. AMX multiplies in tiles of its own, two
// vectors wide. Only Linux gives a process its tiles.
const processors = {
  x64: {
    avx512: { lanes: 16, vectors: 3, chains: 8, flags: avx512 },
    avx2: { lanes: 8, vectors: 2, chains: 6, flags: ["-mavx2", "-mfma"] },
    "avx512-bf16": { lanes: 16, vectors: 3, chains: 8, flags: bf16, precision: "bf16" },
    ...(process.platform === "linux" && {
      amx: { lanes: 16, vectors: 2, chains: 8, flags: [...bf16, "-DAMX"], precision: "bf16" },
    }),
  },
  arm64: { neon: { lanes: 4, vectors: 4, chains: 6, flags: [] } },
};

const compilers = [process.env.CC, "cc", "gcc", "clang"].filter(Boolean);
const compiler = compilers.find((name) => spawnSync(name, ["--version"]).status === 0);
rmSync(target, { recursive: true, force: true });
const instructionSets = processors[process.arch];
if (!compiler || !instructionSets || process.platform === "win32") {
  const why = compiler ? `none is made for ${platform}` : "there is no C compiler";
  process.stdout.write(`No native kernel: ${why}. WebAssembly computes.\n`);
  process.exit(0);
}

const hash = createHash("sha256");
for (const name of readdirSync(kernel).sort()) {
  hash.update(`${name}\n${readFileSync(join(kernel, name), "utf8")}`);
}
const source = hash.digest("hex");
mkdirSync(target, { recursive: true });
const libraries = [];
for (const [set, build] of Object.entries(instructionSets)) {
  const { lanes, vectors, chains, flags, precision = "float32" } = build;
  const file = `${set}.${process.platform === "darwin" ? "dylib" : "so"}`;
  // An older compiler does not know the newest instructions, and float32 does without them.
  const knows = spawnSync(compiler, [...flags, "-E", "-x", "c", "-"], { input: "" }).status === 0;
  if (precision === "bf16" && !knows) {
    process.stdout.write(`${compiler} does not know the instructions of ${set}.\n`);
    continue;
  }
  const args = [
    "-O3",
    "-std=gnu11",
    "-Wall",
    "-Wextra",
    "-Wno-psabi",
    "-shared",
    "-fPIC",
    "-fno-math-errno",
    "-fno-trapping-math",
    "-ffp-contract=fast",
    "-fvisibility=hidden",
    `-DLANES=${lanes}`,
    `-DBLOCK_VECTORS=${vectors}`,
    `-DTILE_CHAINS=${chains}`,
    `-DKERNEL_SOURCE="${source}"`,
    ...flags,
    join(kernel, "kernel.c"),
    "-o",
    join(target, file),
  ];
  const result = spawnSync(compiler, args, { encoding: "utf8" });
  if (result.status !== 0) {
    process.stdout.write(`${compiler} cannot make ${file}:\n${result.stderr}\n`);
    process.exit(1);
  }
  const sha256 = createHash("sha256")
    .update(readFileSync(join(target, file)))
    .digest("hex");
  libraries.push({ file, set, blockRows: vectors * lanes, lanes, precision, sha256 });
}
writeFileSync(
  join(target, "libraries.json"),
  `${JSON.stringify({ source, libraries }, null, 2)}\n`,
);
process.stdout.write(`${libraries.length} native kernels made with ${compiler}.\n`);
