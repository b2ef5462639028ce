// Where everything of a session stands in its memory. The kernel only sees addresses; this is the one
// place that knows sizes.
import type { ResolvedSpec } from "@neural-langevin/core";
import type { KernelShape } from "./kernel.js";

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
  /** Chains whose speeds and rates are kept at a time when statistics are taken. */
  readonly depth: number;
  /** Bytes from one state's bf16 factors to the next; undefined where float32 states are their own factors. */
  readonly factorStride: number | undefined;
  readonly address: Readonly<Record<ArrayName, number>>;
  /** The upper end of each worker's stack. */
  readonly stack: readonly number[];
  readonly bytes: number;
}

/** Matrices, what bf16 products multiply in place of J, φ and v, then arrays of one value per row, then states, then the rest. */
export type ArrayName =
  | "couplings"
  | "transposed"
  | "correlations"
  | "firstMoments"
  | "secondMoments"
  | "couplingFactors"
  | "phiFactors"
  | "vFactors"
  | "bias"
  | "free"
  | "speedSums"
  | "firstBiasMoments"
  | "secondBiasMoments"
  | "chains"
  | "batch"
  /** Of the states that statistics are taken of. */
  | "rates"
  | "speeds"
  /** Scratch of the workers, `group` states each. */
  | "phi"
  | "v"
  | "previous"
  | "amplitude"
  | "result";

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
  // As `columns_of` in the kernel: bf16 factors are padded to whole tiles, and two of them take a float's place.
  const pairs = bf16 ? Math.ceil(units / 32) * 16 : 0;
  const size: Record<ArrayName, number> = {
    couplings: rows * units,
    transposed: rows * (bf16 ? pairs : units),
    correlations: rows * units,
    firstMoments: rows * units,
    secondMoments: rows * units,
    couplingFactors: rows * pairs,
    phiFactors: threads * group * pairs,
    vFactors: threads * group * pairs,
    bias: rows,
    free: rows,
    speedSums: rows,
    firstBiasMoments: rows,
    secondBiasMoments: rows,
    chains: spec.chains * rows,
    batch: spec.batch * rows,
    rates: depth * rows,
    speeds: depth * rows,
    phi: threads * group * rows,
    v: threads * group * rows,
    previous: threads * group * rows,
    amplitude: spec.chains,
    result: most,
  };
  let end = start;
  const place = (bytes: number): number => {
    const at = Math.ceil(end / 64) * 64;
    end = at + bytes;
    return at;
  };
  const stack = Array.from({ length: threads }, () => place(STACK_BYTES) + STACK_BYTES);
  const address = Object.fromEntries(
    Object.entries(size).map(([name, elements]) => [name, place(4 * elements)]),
  ) as Record<ArrayName, number>;
  const blocks = Math.ceil(rows / blockRows);
  const factorStride = bf16 ? 4 * pairs : undefined;
  return { blockRows, rows, blocks, group, depth, factorStride, address, stack, bytes: end };
}
