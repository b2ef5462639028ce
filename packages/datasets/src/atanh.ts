// The artanh of many numbers, as float32. Math.atanh takes 33 ns a number, and the pixels of 70 000 images are 55 million; a
// table and a short series take 10 ns. Where the two could round to different floats, Math.atanh decides.

/** Nodes c = k/512, at which atanh x = atanh c + atanh d with d = (x − c)/(1 − xc). */
const NODES = 512;
const atNodes = Float64Array.from({ length: 2 * NODES + 1 }, (_, node) =>
  Math.atanh((node - NODES) / NODES),
);

/** Up to here the series is exact to 1e-15. */
const LARGEST = 0.98;
/** Two floats as far apart as this enclose what Math.atanh gives. */
const MARGIN = 1e-12;

/** atanh x in float32, bit for bit Math.fround(Math.atanh(x)). */
export function atanhInFloat32(x: number): number {
  if (!(Math.abs(x) <= LARGEST)) return Math.fround(Math.atanh(x));
  const node = (x * NODES + NODES + 0.5) | 0;
  const c = (node - NODES) / NODES;
  const d = (x - c) / (1 - x * c);
  const square = d * d;
  const value = atNodes[node]! + d * (1 + square * (1 / 3 + square * (1 / 5 + square / 7)));
  const low = Math.fround(value * (1 - MARGIN));
  const isSure = low === Math.fround(value * (1 + MARGIN)) && low !== 0;
  return isSure ? low : Math.fround(Math.atanh(x));
}
