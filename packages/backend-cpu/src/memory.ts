// Memory for a session: shared when several workers compute in it.
import { LangevinError, type SessionSpec } from "@neural-langevin/core";
import { instantiate, layOutFor } from "./kernel.js";

const PAGE_BYTES = 65_536;
const MOST_PAGES = 65_536;

/**
 * Allocates what a session needs for some threads.
 *
 * @throws unsupported when WebAssembly cannot address it or the machine does not give it
 */
export function allocateMemory(
  module: WebAssembly.Module,
  spec: Required<SessionSpec>,
  threads: number,
): WebAssembly.Memory {
  const allocate = (pages: number) =>
    new WebAssembly.Memory({ initial: pages, maximum: pages, shared: threads > 1 });
  const { bytes } = layOutFor(instantiate(module, allocate(2)), spec, threads);
  const pages = Math.ceil(bytes / PAGE_BYTES);
  const size = `${Math.ceil(bytes / 2 ** 20)} MiB for ${spec.units} units and ${spec.chains} chains`;
  if (pages > MOST_PAGES) {
    throw new LangevinError(
      "unsupported",
      `WebAssembly cannot address ${size}; its limit is 4096 MiB.`,
      "Take fewer units or chains, or a smaller batch.",
    );
  }
  try {
    return allocate(pages);
  } catch (error) {
    throw new LangevinError(
      "unsupported",
      `This machine does not give ${size}.`,
      "Take fewer units or chains, or close other sessions.",
      { cause: error },
    );
  }
}
