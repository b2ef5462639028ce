// Where everything of a session stands in its memory. The kernel only sees addresses; this is the one
// place that knows sizes.
import type { SessionSpec } from "@neural-langevin/core";
import type { KernelShape } from "./kernel.js";

/** Sizes in elements, addresses in bytes. */
export interface Layout {
  readonly tileRows: number;
  readonly panelLanes: number;
  /** Units, padded to whole matrix blocks. */
  readonly rows: number;
  /** Matrix blocks. */
  readonly blocks: number;
  /** Panels of the chains, and of a full batch. */
  readonly panels: { readonly chains: number; readonly batch: number };
  /** Most panels that a worker takes at a time, so that they stay in its core's cache. */
  readonly group: number;
  /** Chains whose speeds and rates are turned at a time when statistics are taken. */
  readonly depth: number;
  readonly address: Readonly<Record<ArrayName, number>>;
  /** Of each worker: three arrays of a group's size, and a stack (its upper end). */
  readonly scratch: readonly number[];
  readonly stack: readonly number[];
  readonly bytes: number;
}

/** Arrays in matrix blocks, then arrays of one value per row, then the rest. */
export type ArrayName =
  | "couplings"
  | "transposed"
  | "correlations"
  | "firstMoments"
  | "secondMoments"
  | "bias"
  | "free"
  | "speedSums"
  | "firstBiasMoments"
  | "secondBiasMoments"
  | "amplitude"
  | "result"
  | "chains"
  | "batch"
  | "turnedSpeeds"
  | "turnedRates";

const STACK_BYTES = 65_536;
const LARGEST_GROUP = 4;
const LARGEST_DEPTH = 256;

/**
 * Lays out a session's memory for some threads.
 *
 * @param start the first byte that may be used
 */
export function layOut(
  spec: Required<SessionSpec>,
  shape: KernelShape,
  threads: number,
  start: number,
): Layout {
  const { units } = spec;
  const { tileRows, panelLanes } = shape;
  const blocks = Math.ceil(units / tileRows);
  const rows = blocks * tileRows;
  const panels = {
    chains: Math.ceil(spec.chains / panelLanes),
    batch: Math.ceil(spec.batch / panelLanes),
  };
  const most = Math.max(panels.chains, panels.batch);
  const group = Math.min(most, LARGEST_GROUP);
  const depth = panelLanes * Math.min(most, Math.floor(LARGEST_DEPTH / panelLanes));
  const unitPanels = Math.ceil(rows / panelLanes);
  const size: Record<ArrayName, number> = {
    couplings: rows * units,
    transposed: rows * units,
    correlations: rows * units,
    firstMoments: rows * units,
    secondMoments: rows * units,
    bias: rows,
    free: rows,
    speedSums: rows,
    firstBiasMoments: rows,
    secondBiasMoments: rows,
    amplitude: panels.chains * panelLanes,
    result: most * panelLanes,
    chains: panels.chains * rows * panelLanes,
    batch: panels.batch * rows * panelLanes,
    turnedSpeeds: rows * depth,
    turnedRates: unitPanels * panelLanes * depth,
  };
  let end = start;
  const place = (bytes: number): number => {
    const at = Math.ceil(end / 64) * 64;
    end = at + bytes;
    return at;
  };
  const workers = Array.from({ length: threads });
  const stack = workers.map(() => place(STACK_BYTES) + STACK_BYTES);
  const address = Object.fromEntries(
    Object.entries(size).map(([name, elements]) => [name, place(4 * elements)]),
  ) as Record<ArrayName, number>;
  const scratch = workers.map(() => place(4 * 3 * group * rows * panelLanes));
  return {
    ...{ tileRows, panelLanes, rows, blocks, panels, group, depth },
    ...{ address, scratch, stack, bytes: end },
  };
}
