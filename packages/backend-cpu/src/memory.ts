// Memory for a session: WebAssembly's own for its builds, a plain shared buffer for native ones.
import { LangevinError, type SessionSpec } from "@neural-langevin/core";
import { instantiate, type KernelShape, shapeOf } from "./kernel.js";
import { layOut } from "./layout.js";

const PAGE_BYTES = 65_536;
const MOST_PAGES = 65_536;

/** What a session needs, in words. */
const sizeOf = (bytes: number, spec: Required<SessionSpec>): string =>
  `${Math.ceil(bytes / 2 ** 20)} MiB for ${spec.units} units and ${spec.chains} chains`;

/** The place where workers meet within a kernel, so that the calling thread can end their waiting. */
const meetingOf = (buffer: ArrayBufferLike, address: number): Int32Array =>
  new Int32Array(buffer, address, 3);

/** Allocates, or says that the machine does not give that much. */
function allocate<T>(bytes: number, spec: Required<SessionSpec>, attempt: () => T): T {
  try {
    return attempt();
  } catch (error) {
    throw new LangevinError(
      "unsupported",
      `This machine does not give ${sizeOf(bytes, spec)}.`,
      "Take fewer units or chains, or close other sessions.",
      { cause: error },
    );
  }
}

/**
 * WebAssembly memory for a session, shared when several workers compute in it.
 *
 * @throws unsupported when WebAssembly cannot address it or the machine does not give it
 */
export function allocateWasm(
  module: WebAssembly.Module,
  spec: Required<SessionSpec>,
  threads: number,
): { memory: WebAssembly.Memory; meeting: Int32Array } {
  const memory = (pages: number) =>
    new WebAssembly.Memory({ initial: pages, maximum: pages, shared: threads > 1 });
  const shape = shapeOf(instantiate(module, memory(2)));
  const { bytes, address } = layOut(spec, shape, threads, shape.start);
  const pages = Math.ceil(bytes / PAGE_BYTES);
  if (pages > MOST_PAGES) {
    throw new LangevinError(
      "unsupported",
      `WebAssembly cannot address ${sizeOf(bytes, spec)}; its limit is 4096 MiB.`,
      "Take fewer units or chains, or a smaller batch.",
    );
  }
  const allocated = allocate(bytes, spec, () => memory(pages));
  return { memory: allocated, meeting: meetingOf(allocated.buffer, address.meeting) };
}

/**
 * A shared buffer for a session of a native kernel.
 *
 * @throws unsupported when the machine does not give it
 */
export function allocateNative(
  shape: KernelShape,
  spec: Required<SessionSpec>,
  threads: number,
): { buffer: SharedArrayBuffer; meeting: Int32Array } {
  const { bytes, address } = layOut(spec, shape, threads, 0);
  const buffer = allocate(bytes, spec, () => {
    const buffer = new SharedArrayBuffer(Math.ceil(bytes / 64) * 64);
    // Workers see it as one array of floats, which may not be as long as a buffer may.
    new Float32Array(buffer);
    return buffer;
  });
  return { buffer, meeting: meetingOf(buffer, address.meeting) };
}
