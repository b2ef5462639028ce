// The contract, on every build of the kernel and on one, two and three threads. The package is tested as
// it is published, because its workers are files of their own.
import { createCpuBackend } from "@neural-langevin/backend-cpu";
import { testBackend } from "@neural-langevin/backend-testkit/vitest";
import { findNative } from "../dist/native.js";

await testBackend("cpu, one thread", () => createCpuBackend({ threads: 1 }));
await testBackend("cpu, relaxed SIMD", () => createCpuBackend({ threads: 1, build: "relaxed" }));
await testBackend("cpu, two threads, relaxed SIMD", () =>
  createCpuBackend({ threads: 2, build: "relaxed" }),
);
await testBackend("cpu, three threads, plain SIMD", () =>
  createCpuBackend({ threads: 3, build: "plain" }),
);

// Instructions that the processor has not got cannot be installed, so their absence skips nothing; it is said. Neither
// does that of a bf16 kernel which this compiler or system cannot have.
const sets = { x64: ["avx512", "avx2", "avx512-bf16", "amx"], arm64: ["neon"] } as const;
for (const build of sets[process.arch as keyof typeof sets] ?? []) {
  const native = findNative(build);
  const absent = native.set === undefined ? native.reason : "";
  if (absent.startsWith("this processor does not") || absent.startsWith("no native kernel for")) {
    process.stdout.write(`cpu:${build} is unavailable: ${absent}.\n`);
    continue;
  }
  await testBackend(`cpu, two threads, ${build}`, () => createCpuBackend({ threads: 2, build }));
}
