// The contract, on every build of the kernel and on one, two and three threads. The package is tested as
// it is published, because its workers are files of their own.
import { createCpuBackend } from "@neural-langevin/backend-cpu";
import { testBackend } from "@neural-langevin/backend-testkit/vitest";

await testBackend("cpu, one thread", () => createCpuBackend({ threads: 1 }));
await testBackend("cpu, two threads", () => createCpuBackend({ threads: 2 }));
await testBackend("cpu, three threads, plain SIMD", () =>
  createCpuBackend({ threads: 3, build: "plain" }),
);
