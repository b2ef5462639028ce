// Memory for a session: WebAssembly's own for its builds, a plain shared buffer for native ones.
import { LangevinError, type ResolvedSpec } from "@neural-langevin/core";
import { instantiate, type KernelShape, shapeOf } from "./kernel.js";
import { layOut } from "./layout.js";
import { bytesOf, type SessionMemory } from "./structures.js";

const PAGE_BYTES = 65_536;
const MOST_PAGES = 65_536;

/** What a session needs, in words. */
const sizeOf = (bytes: number, spec: ResolvedSpec): string =>
  `${Math.ceil(bytes / 2 ** 20)} MiB for ${spec.units} units and ${spec.chains} chains`;

/** Bytes of a vector at most; arrays begin at multiples of it. */
export const ALIGNMENT = 64;

/** Where workers meet within a kernel, so that their waiting can be ended. */
export const meetingOf = (buffer: ArrayBufferLike, meeting: number): Int32Array =>
  new Int32Array(buffer, meeting, bytesOf("Meeting") / 4);

/** A session in WebAssembly's memory, which knows bytes by their number; the first free ones are the meeting's. */
export const wasmMemory = (memory: WebAssembly.Memory, start: number): SessionMemory => ({
  buffer: memory.buffer,
  offset: 0,
  base: 0,
  addressBytes: 4,
  meeting: Math.ceil(start / ALIGNMENT) * ALIGNMENT,
});

/** A session in a shared buffer of `allocateNative`, which need not begin at a multiple of a vector. */
export function nativeMemory(buffer: SharedArrayBuffer, address: number): SessionMemory {
  const offset = 2 * ALIGNMENT - (address % ALIGNMENT);
  return { buffer, offset, base: address + offset, addressBytes: 8, meeting: 0 };
}

/** Allocates, or says that the machine does not give that much. */
function allocate<T>(bytes: number, spec: ResolvedSpec, attempt: () => T): T {
  try {
    return attempt();
  } catch (error) {
    throw new LangevinError(
      "unsupported",
      `This machine cannot allocate ${sizeOf(bytes, spec)}.`,
      "Take fewer units or chains, or close other sessions.",
      { cause: error },
    );
  }
}

/** Allocates two pages, beside which an engine reserves some 8 GiB of addresses to find trespasses. */
function allocateLeast(attempt: () => WebAssembly.Memory): WebAssembly.Memory {
  try {
    return attempt();
  } catch (error) {
    throw new LangevinError(
      "unavailable",
      "This machine gives WebAssembly no memory at all.",
      "Where the addresses of a process are limited (ulimit -v), run Node with --disable-wasm-trap-handler.",
      { cause: error },
    );
  }
}

/**
 * WebAssembly memory for a session, shared when several workers compute in it.
 *
 * @throws unsupported when WebAssembly cannot address it or the machine does not give it; unavailable when it gives none
 */
export function allocateWasm(
  module: WebAssembly.Module,
  spec: ResolvedSpec,
  threads: number,
): { memory: WebAssembly.Memory; meeting: Int32Array } {
  const memory = (pages: number) =>
    new WebAssembly.Memory({ initial: pages, maximum: pages, shared: threads > 1 });
  const shape = shapeOf(
    instantiate(
      module,
      allocateLeast(() => memory(2)),
    ),
  );
  const { bytes } = layOut(spec, shape, threads, shape.start + 2 * ALIGNMENT);
  const pages = Math.ceil(bytes / PAGE_BYTES);
  if (pages > MOST_PAGES) {
    throw new LangevinError(
      "unsupported",
      `WebAssembly cannot address ${sizeOf(bytes, spec)}; its limit is 4096 MiB.`,
      "Take fewer units or chains, or a smaller batch.",
    );
  }
  const allocated = allocate(bytes, spec, () => memory(pages));
  const { buffer, meeting } = wasmMemory(allocated, shape.start);
  return { memory: allocated, meeting: meetingOf(buffer, meeting) };
}

/**
 * A shared buffer for a session of a native kernel.
 *
 * @throws unsupported when the machine does not give it
 */
export function allocateNative(
  shape: KernelShape,
  spec: ResolvedSpec,
  threads: number,
): { buffer: SharedArrayBuffer; meeting: Int32Array } {
  const { bytes } = layOut(spec, shape, threads, 0);
  const buffer = allocate(bytes, spec, () => {
    const allocated = new SharedArrayBuffer(Math.ceil(bytes / ALIGNMENT + 2) * ALIGNMENT);
    // Workers see it as one array of floats, which may not be as long as a buffer may.
    new Float32Array(allocated);
    return allocated;
  });
  return { buffer, meeting: meetingOf(buffer, 0) };
}
