// Arrays between the order in which they are read and written and the one that products read: turned in square
// tiles through workgroup memory, so that both sides are read and written along their rows.
import type { Activation } from "@neural-langevin/core";
import { activationCode, noiseCode } from "./functions.js";
import { type Kernel, kernel, reads, repeat, uniforms, writes } from "./kernel.js";

/** Side of the square tiles in which arrays are turned. */
export const TURN_TILE = 16;

const turning = `
var<workgroup> tile: array<f32, ${TURN_TILE * (TURN_TILE + 1)}>;

@compute @workgroup_size(${TURN_TILE}, ${TURN_TILE})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) local: vec3u) {
  let first = group.xy * ${TURN_TILE}u;
  let before = first + local.xy;
  let after = first + local.yx;
  let here = local.y * ${TURN_TILE + 1}u + local.x;
  let there = local.x * ${TURN_TILE + 1}u + local.y;
`;

/** The padded J and Jᵀ that the products read, from the parameters. */
export function packKernel(): Kernel {
  return kernel(
    "pack",
    [uniforms.sizes, reads("parameters"), writes("couplings"), writes("transposed")],
    `${turning}
  if (all(before < vec2u(sizes.units))) {
    let value = parameters[before.y * sizes.units + before.x];
    couplings[before.y * sizes.rows + before.x] = value;
    tile[here] = value;
  }
  workgroupBarrier();
  if (all(after < vec2u(sizes.units))) {
    transposed[after.x * sizes.rows + after.y] = tile[there];
  }
}`,
  );
}

/** States [chain][unit] in scratch, from x [unit][chain]. */
export function unloadKernel(): Kernel {
  return kernel(
    "unload",
    [uniforms.sizes, reads("x"), writes("scratch")],
    `${turning}
  let end = vec2u(sizes.count, sizes.units);
  if (all(before < end)) { tile[here] = x[before.y * sizes.stride + before.x]; }
  workgroupBarrier();
  if (all(after < end)) { scratch[after.x * sizes.units + after.y] = tile[there]; }
}`,
  );
}

/** x [unit][chain] and φ(x) of the states [chain][unit] in scratch. */
export function loadKernel(activation: Activation): Kernel {
  return kernel(
    `load-${activation}`,
    [uniforms.sizes, reads("scratch"), writes("x"), writes("firingRates")],
    `${activationCode(activation)}${turning}
  let end = vec2u(sizes.units, sizes.count);
  if (all(before < end)) { tile[here] = scratch[before.y * sizes.units + before.x]; }
  workgroupBarrier();
  if (all(after < end)) {
    let value = tile[there];
    x[after.x * sizes.stride + after.y] = value;
    firingRates[after.x * sizes.stride + after.y] = firingRate(vec4f(value)).x;
  }
}`,
  );
}

/** Vectors of four chains of a workgroup that draws, and its blocks of four units. */
export const DRAW_TILE = { vectors: 16, blocks: 4 };

/** x ← μ + σ·N(0, 1) from the noise, and φ(x), of the chains that are drawn. */
export function drawKernel(activation: Activation): Kernel {
  return kernel(
    `draw-${activation}`,
    [
      uniforms.sizes,
      uniforms.draw,
      reads("mean"),
      writes("x", "vec4f"),
      writes("firingRates", "vec4f"),
    ],
    `${activationCode(activation)}${noiseCode}
@compute @workgroup_size(${DRAW_TILE.vectors}, ${DRAW_TILE.blocks})
fn main(@builtin(global_invocation_id) at: vec3u) {
  if (4u * at.x >= sizes.count || 4u * at.y >= sizes.units) { return; }
  let here = 4u * at.x + vec4u(0u, 1u, 2u, 3u);
  let drawn = (here >= vec4u(draw.first)) & (here < vec4u(draw.first + draw.count));
  if (!any(drawn)) { return; }
  let noise = normals(at.y, sizes.firstChain + here, draw.stream, vec2u(draw.stepLow, draw.stepHigh));
  ${repeat(
    4,
    (part) => `
  if (4u * at.y + ${part}u < sizes.units) {
    let place = (4u * at.y + ${part}u) * (sizes.stride / 4u) + at.x;
    let value = fma(vec4f(draw.spread), noise[${part}], vec4f(mean[4u * at.y + ${part}u]));
    x[place] = select(x[place], value, drawn);
    firingRates[place] = firingRate(x[place]);
  }`,
  )}
}`,
  );
}
