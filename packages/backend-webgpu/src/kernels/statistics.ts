// The learning rule's statistics: a product over states, summed in two levels so that many states lose nothing.
import { type Kernel, kernel, reads, repeat, uniforms, writes } from "./kernel.js";

/** Units of a tile, on either side; a workgroup has a quarter of it squared by itself. */
export const STATISTICS_TILE = 32;
const SIDE = 8; // threads on either side
const EACH = STATISTICS_TILE / SIDE; // sums of a thread on either side
const DEPTH = 8; // vectors of four states in workgroup memory at a time
const PITCH = DEPTH + 1; // one more, so that threads beside each other read different banks

const eachSum = (text: (row: number, column: number) => string) =>
  repeat(EACH, (row) => repeat(EACH, (column) => text(row, column)));

/** statistics += weight·(⟨v φᵀ⟩, ⟨v⟩) over the states; the diagonal is left out. */
export function statisticsKernel(): Kernel {
  return kernel(
    "statistics",
    [
      uniforms.sizes,
      uniforms.share,
      reads("speeds", "vec4f"),
      reads("firingRates", "vec4f"),
      writes("statistics"),
    ],
    `
var<workgroup> speedTile: array<vec4f, ${STATISTICS_TILE * PITCH}>;
var<workgroup> rateTile: array<vec4f, ${STATISTICS_TILE * PITCH}>;

@compute @workgroup_size(${SIDE}, ${SIDE})
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_id) local: vec3u,
  @builtin(local_invocation_index) index: u32,
) {
  let firstRow = group.y * ${STATISTICS_TILE}u;
  let firstColumn = group.x * ${STATISTICS_TILE}u;
  let width = sizes.stride / 4u;
  let end = (sizes.count + 3u) / 4u;
  ${eachSum((r, c) => `var sum${r}_${c} = 0.0;`)}
  ${repeat(EACH, (r) => `var speed${r} = 0.0;`)}
  for (var start = 0u; start < end; start += ${DEPTH}u) {
    workgroupBarrier();
    for (var at = index; at < ${STATISTICS_TILE * DEPTH}u; at += ${SIDE * SIDE}u) {
      let unit = at / ${DEPTH}u;
      let vector = at % ${DEPTH}u;
      // States beyond the last hold what was there before, so they are counted as zeros.
      let real = 4u * (start + vector) + vec4u(0u, 1u, 2u, 3u) < vec4u(sizes.count);
      let inside = min(start + vector, width - 1u);
      speedTile[unit * ${PITCH}u + vector] =
        select(vec4f(), speeds[(firstRow + unit) * width + inside], real);
      rateTile[unit * ${PITCH}u + vector] =
        select(vec4f(), firingRates[(firstColumn + unit) * width + inside], real);
    }
    workgroupBarrier();
    ${eachSum((r, c) => `var part${r}_${c} = 0.0;`)}
    ${repeat(EACH, (r) => `var speedPart${r} = 0.0;`)}
    for (var k = 0u; k < ${DEPTH}u; k++) {
      ${repeat(EACH, (r) => `let v${r} = speedTile[(local.y + ${r * SIDE}u) * ${PITCH}u + k];`)}
      ${repeat(EACH, (c) => `let phi${c} = rateTile[(local.x + ${c * SIDE}u) * ${PITCH}u + k];`)}
      ${eachSum((r, c) => `part${r}_${c} += dot(v${r}, phi${c});`)}
      ${repeat(EACH, (r) => `speedPart${r} += dot(v${r}, vec4f(1.0));`)}
    }
    ${eachSum((r, c) => `sum${r}_${c} += part${r}_${c};`)}
    ${repeat(EACH, (r) => `speed${r} += speedPart${r};`)}
  }
  let scale = share.weight / f32(sizes.count);
  ${repeat(
    EACH,
    (r) => `
  {
    let row = firstRow + local.y + ${r * SIDE}u;
    if (row < sizes.units) {
      ${repeat(
        EACH,
        (c) => `
      {
        let column = firstColumn + local.x + ${c * SIDE}u;
        if (column < sizes.units && column != row) {
          let place = row * sizes.units + column;
          statistics[place] = fma(scale, sum${r}_${c}, statistics[place]);
        }
      }`,
      )}
      if (group.x == 0u && local.x == 0u) {
        let place = sizes.units * sizes.units + row;
        statistics[place] = fma(scale, speed${r}, statistics[place]);
      }
    }
  }`,
  )}
}`,
  );
}
