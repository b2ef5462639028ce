// Where everything of a session lies in its memory. The kernel only sees addresses; this is the one
// place that knows sizes.
import type { ResolvedSpec } from "@neural-langevin/core";
import type { KernelShape } from "./kernel.js";
import { type AddressField, bytesOf } from "./structures.js";

/** The arrays of a session, by the names that kernel/structures.h explains. */
export type ArrayName = Exclude<AddressField<"Session">, "meeting">;

/** Sizes in elements, addresses in bytes. */
export interface Layout {
  /** Rows of a matrix block; the last one may be narrower. */
  readonly blockRows: number;
  /** Units, padded to whole vectors. */
  readonly rows: number;
  /** Matrix blocks. */
  readonly blocks: number;
  /** Most chains that a worker takes at a time. */
  readonly group: number;
  /** States whose speeds and rates are kept at a time when statistics are taken. */
  readonly depth: number;
  /** Of the arrays. In float32 the factors of an array are the array itself. */
  readonly address: Readonly<Record<ArrayName, number>>;
  /** Of the structure of the session. */
  readonly session: number;
  /** Of the structures of each worker, and the upper end of its stack. */
  readonly workers: readonly Readonly<Record<"run" | "update" | "stack", number>>[];
  readonly bytes: number;
}

const STACK_BYTES = 65_536;
/** Enough for the couplings, which every group streams through, to be worth their way from memory. */
const LARGEST_GROUP = 128;
const LARGEST_DEPTH = 256;

/**
 * Lays out a session's memory for some threads.
 *
 * @param start the first byte that may be used
 */
export function layOut(
  spec: ResolvedSpec,
  shape: KernelShape,
  threads: number,
  start: number,
): Layout {
  const { units } = spec;
  const { blockRows, lanes, precision } = shape;
  const bf16 = precision === "bf16";
  const rows = Math.ceil(units / lanes) * lanes;
  const most = Math.max(spec.chains, spec.batch);
  const group = Math.min(Math.ceil(most / threads), LARGEST_GROUP);
  const depth = Math.min(most, LARGEST_DEPTH);
  // Rates and speeds are kept of a group for each worker, or of all that statistics are taken of at a time.
  const kept = Math.max(threads * group, depth);
  // As `columns_of` in the kernel: bf16 factors are padded to whole tiles, and two of them take a float's place.
  const pairs = Math.ceil(units / 32) * 16;
  let end = start;
  const place = (bytes: number): number => {
    const at = Math.ceil(end / 64) * 64;
    end = at + bytes;
    return at;
  };
  const array = (elements: number) => place(4 * elements);
  const workers = Array.from({ length: threads }, () => ({
    stack: place(STACK_BYTES) + STACK_BYTES,
    run: place(bytesOf("Run")),
    update: place(bytesOf("Update")),
  }));
  const session = place(bytesOf("Session"));
  const J = array(rows * units);
  const phi = array(kept * rows);
  const v = array(kept * rows);
  const address: Record<ArrayName, number> = {
    J,
    J_factors: bf16 ? array(rows * pairs) : J,
    Jt_factors: array(rows * (bf16 ? pairs : units)),
    // The two halves of the statistics are neighbours, so that they can be lent as one array.
    correlations: array(rows * units),
    speed_sums: array(rows),
    first_moments: array(rows * units),
    second_moments: array(rows * units),
    averages: array(spec.averages ? rows * units : 0),
    b: array(rows),
    first_bias_moments: array(rows),
    second_bias_moments: array(rows),
    bias_averages: array(spec.averages ? rows : 0),
    mean: array(rows),
    free: array(rows),
    x: array(spec.chains * rows),
    batch: array(spec.batch * rows),
    phi,
    v,
    xi: array(threads * group * rows),
    pinned_sums: array(threads * group * rows),
    phi_factors: bf16 ? array(kept * pairs) : phi,
    v_factors: bf16 ? array(kept * pairs) : v,
    amplitude: array(spec.chains),
    result: array(most),
  };
  const blocks = Math.ceil(rows / blockRows);
  return { blockRows, rows, blocks, group, depth, address, session, workers, bytes: end };
}
