// Bars and stripes, the small data set of the examples: images of 4 × 4 pixels whose rows are all alike (stripes stand
// up) or whose columns are (bars lie). A pixel is a unit's current x: +1.5 for white, −1.5 for black.

export const SIDE = 4;
export const UNITS = SIDE * SIDE;
const CURRENT = 1.5;

/** All 32 images, shape [32][16]; the black one and the white one are among them twice. */
export function barsAndStripes(): Float32Array {
  const images: number[] = [];
  for (let pattern = 0; pattern < 2 ** SIDE; pattern++) {
    const white = (line: number) => (pattern >> line) & 1;
    for (const standing of [true, false]) {
      for (let row = 0; row < SIDE; row++) {
        for (let column = 0; column < SIDE; column++) {
          images.push(white(standing ? column : row) ? CURRENT : -CURRENT);
        }
      }
    }
  }
  return Float32Array.from(images);
}

/** The share of states, shape [B][16], whose signs are a bar or a stripe image. */
export function validShare(states: Float32Array): number {
  let valid = 0;
  for (let start = 0; start < states.length; start += UNITS) {
    const white = (row: number, column: number) => states[start + row * SIDE + column]! > 0;
    const lines = [...Array(SIDE).keys()];
    const standing = lines.every((row) => lines.every((c) => white(row, c) === white(0, c)));
    const lying = lines.every((column) => lines.every((r) => white(r, column) === white(r, 0)));
    if (standing || lying) valid++;
  }
  return valid / (states.length / UNITS);
}

/** One state as text, a row a line. */
export function draw(state: Float32Array): string {
  const rows = [...Array(SIDE).keys()].map((row) =>
    Array.from(state.subarray(row * SIDE, (row + 1) * SIDE), (x) => (x > 0 ? "█" : "·")).join(""),
  );
  return rows.join("\n");
}
