// Opens the processor as a backend.
import {
  type Backend,
  type DeviceReport,
  LangevinError,
  type ResolvedSpec,
} from "@neural-langevin/core";
import { defineBackend, requireInteger } from "@neural-langevin/core/backend";
import { platform } from "#platform";
import { CpuEngine } from "./engine.js";
import { allocateNative, allocateWasm } from "./memory.js";
import type { NativeKernels } from "./native.js";
import { WorkerPool } from "./pool.js";
import { type BuildName, compileWasm } from "./wasm-build.js";

/**
 * Builds of the kernel: native ones by their instruction set, then those of WebAssembly. `avx512-bf16` and `amx`
 * round what they multiply, J, φ and v, to bf16, and their device reports the precision `bf16`.
 */
export type CpuBuild = "avx512" | "avx2" | "neon" | "avx512-bf16" | "amx" | "relaxed" | "plain";

const names: Readonly<Record<string, string>> = {
  avx512: "AVX-512",
  avx2: "AVX2",
  neon: "NEON",
  "avx512-bf16": "AVX512-BF16, products of bf16 summed in float32",
  amx: "AMX, products of bf16 summed in float32",
  relaxed: "WebAssembly SIMD with fused multiply-add",
  plain: "WebAssembly SIMD",
};

const isWasm = (build: CpuBuild): build is BuildName => build === "relaxed" || build === "plain";

/** What may be chosen about the processor backend. */
export interface CpuBackendOptions {
  /** Worker threads; as many as the machine runs at once unless given. */
  readonly threads?: number | undefined;
  /** The build of the kernel; the fastest in float32 that runs here unless given. */
  readonly build?: CpuBuild | undefined;
}

/**
 * Starts the workers of a processor backend.
 *
 * Where memory cannot be shared between workers (a page that is not cross-origin isolated), one worker
 * computes with memory of its own, and the device report says so.
 *
 * @throws invalid-value, unavailable
 */
export async function createCpuBackend(options: CpuBackendOptions = {}): Promise<Backend> {
  const wanted = options.threads ?? Math.min(platform.parallelism, 64);
  requireInteger("threads", wanted, 1);
  if (wanted > 64) {
    throw new LangevinError("invalid-value", `threads must be at most 64, not ${wanted}.`);
  }
  const threads = platform.canShareMemory ? wanted : 1;
  const { build } = options;
  const wantsWasm = build !== undefined && isWasm(build);
  const found = platform.findNative(wantsWasm ? undefined : build);
  const native: NativeKernels =
    wantsWasm && found.set ? { set: undefined, reason: "WebAssembly was asked for" } : found;
  if (build !== undefined && !wantsWasm && native.set === undefined) {
    throw new LangevinError("unavailable", `The build ${build} cannot run here: ${native.reason}.`);
  }
  if (!native.set) platform.prepareWasm();
  const wasm = native.set
    ? undefined
    : await compileWasm(threads > 1, build as BuildName | undefined);
  const pool = await WorkerPool.start(platform, threads, wasm?.module);
  const device: DeviceReport = {
    label: platform.processor,
    precision: native.set ? native.library.precision : "float32",
    threads,
    noise: "shared",
    limits: { units: 14_000, chains: 1_000_000 },
    details: [
      native.set ? `native kernel, ${names[native.set]}` : names[wasm!.name],
      ...(threads < wanted
        ? ["one thread, because this page is not cross-origin isolated"]
        : [`${threads} ${threads === 1 ? "thread" : "threads"}`]),
      ...(native.set !== undefined ? [] : [`not native: ${native.reason}`]),
    ],
  };
  const allocate = (spec: ResolvedSpec) => {
    if (native.set) {
      const { library } = native;
      const { buffer, meeting } = allocateNative(library, spec, threads);
      return { memory: { buffer, library }, meeting };
    }
    return threads > 1 ? allocateWasm(wasm!.module, spec, threads) : undefined;
  };
  let opened = 0;
  return defineBackend({
    id: "cpu",
    device: () => device,
    async open(spec) {
      const { memory, meeting } = allocate(spec) ?? {};
      const session = opened++;
      if (meeting) pool.meetings.set(session, meeting);
      await pool.ask({ kind: "open", session, call: pool.nextCall(), spec, memory });
      // A build lays out a matrix in its own way.
      const order = memory && `that of ${native.set ?? wasm!.name}`;
      return new CpuEngine(pool, session, spec.units, order);
    },
    close: () => pool.fail("closed", "This backend is closed."),
  });
}
