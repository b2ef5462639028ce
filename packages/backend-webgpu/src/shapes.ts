// Tiles of the matrix products, and which one a session takes.
//
// This is the one table to edit when a device is tuned: every shape gives the same bits, because each adds over
// units in the same order, so a choice is about speed alone. A workgroup computes `units` × `chains` of the
// product from blocks of `depth` rows in workgroup memory; a thread keeps `unitsPerThread` × `chainsPerThread`
// sums in registers.

/** One way to cut a product into workgroups and threads. */
export interface Shape {
  readonly name: string;
  /** Units of a workgroup; divides ALIGNMENT. */
  readonly units: number;
  /** Chains of a workgroup. */
  readonly chains: number;
  /** Rows of a block in workgroup memory; divides DEPTH. */
  readonly depth: number;
  /** 1, or a multiple of 4, so that a thread owns whole blocks of noise. */
  readonly unitsPerThread: number;
  /** A multiple of 4: a vector is four chains. */
  readonly chainsPerThread: number;
}

/** Units and chains are padded to multiples of this in the device's memory. */
export const ALIGNMENT = 128;
/** Sums run over units padded to a multiple of this, whatever the shape. */
export const DEPTH = 32;

const shapes = {
  /** The usual one. Larger tiles with 8 × 8 sums a thread were 0.5 to 0.8 times as fast on an H100. */
  usual: shape("usual", 64, 64, 32, 8, 4),
  /** Too few tiles of the usual shape to fill a device. */
  small: shape("small", 32, 32, 32, 4, 4),
  /** Few units, for which taller tiles would be mostly padding. */
  flat: shape("flat", 16, 64, 16, 4, 4),
  /** Few chains: J is read once for all of them, and a thread owns one unit. */
  narrow: shape("narrow", 32, 4, 32, 1, 4),
} as const;

function shape(
  name: string,
  units: number,
  chains: number,
  depth: number,
  unitsPerThread: number,
  chainsPerThread: number,
): Shape {
  return { name, units, chains, depth, unitsPerThread, chainsPerThread };
}

/** All shapes, largest first. */
export const allShapes: readonly Shape[] = Object.values(shapes);

/** Threads of a workgroup: along chains, then along units. */
export const threadsOf = (one: Shape): readonly [chains: number, units: number] => [
  one.chains / one.chainsPerThread,
  one.units / one.unitsPerThread,
];

/** Tiles of one product. */
const tilesOf = (one: Shape, units: number, chains: number): number =>
  Math.ceil(units / one.units) * Math.ceil(chains / one.chains);

/** What a shape needs of the device. */
export interface ShapeLimits {
  readonly maxComputeWorkgroupStorageSize: number;
  readonly maxComputeInvocationsPerWorkgroup: number;
}

/** Whether a workgroup of this shape fits the device. */
export function fits(one: Shape, limits: ShapeLimits): boolean {
  const [x, y] = threadsOf(one);
  return (
    x * y <= limits.maxComputeInvocationsPerWorkgroup &&
    4 * one.depth * (one.units + one.chains) <= limits.maxComputeWorkgroupStorageSize
  );
}

/** Tiles that keep a large device busy: about one for each of some hundred processors. */
const ENOUGH_TILES = 96;

/** The shape for a number of units and of states. */
export function chooseShape(limits: ShapeLimits, units: number, chains: number): Shape {
  const { usual, small, flat, narrow } = shapes;
  if (chains <= 8) return narrow;
  if (units <= 16) return flat;
  if (fits(usual, limits) && tilesOf(usual, units, chains) >= ENOUGH_TILES) return usual;
  return small;
}
