// Opens the processor as a backend.
import {
  type Backend,
  closedError,
  type DeviceReport,
  LangevinError,
  requireInteger,
  resolveSpec,
  type Session,
  type SessionSpec,
} from "@neural-langevin/core";
import { platform } from "#platform";
import { type BuildName, compileBuild } from "./build.js";
import { allocateMemory } from "./memory.js";
import { WorkerPool } from "./pool.js";
import { CpuSession } from "./session.js";

/** What may be chosen about the processor backend. */
export interface CpuBackendOptions {
  /** Worker threads; as many as the machine runs at once unless given. */
  readonly threads?: number;
  /** The build of the kernel; the fastest that this engine accepts unless given. */
  readonly build?: BuildName;
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
  platform.prepare();
  const { name, module } = await compileBuild(threads > 1, options.build);
  const pool = new WorkerPool(platform, threads, module);
  const device: DeviceReport = {
    label: platform.processor,
    precision: "float32",
    threads,
    noise: "shared",
    limits: { units: 14_000, chains: 1_000_000 },
    details: [
      name === "relaxed" ? "WebAssembly SIMD with fused multiply-add" : "WebAssembly SIMD",
      ...(threads < wanted
        ? ["one thread, because this page is not cross-origin isolated"]
        : [`${threads} ${threads === 1 ? "thread" : "threads"}`]),
    ],
  };
  const sessions = new Set<Session>();
  let opened = 0;
  let closed = false;
  return {
    id: "cpu",
    device,
    async open(spec: SessionSpec) {
      if (closed) throw closedError("backend");
      const resolved = resolveSpec(spec, device.limits);
      const memory = threads > 1 ? allocateMemory(module, resolved, threads) : undefined;
      const number = opened++;
      const call = pool.nextCall();
      await pool.ask({ kind: "open", session: number, call, spec: resolved, memory });
      const session = new CpuSession(resolved, pool, number, () => sessions.delete(session));
      sessions.add(session);
      return session;
    },
    async close() {
      if (closed) return;
      closed = true;
      await Promise.all([...sessions].map((session) => session.close()));
      await pool.fail("closed", "This backend is closed.");
    },
  };
}
