// Sums over the units of every state, by a few threads for each, so that a sum is short and the device busy.
import type { Measure } from "@neural-langevin/core";
import { type Kernel, kernel, reads, uniforms, writes } from "./kernel.js";

/** States of a workgroup. */
export const MEASURE_STATES = 16;
const SLICES = 8;

/** The energy ½‖v‖² from the speeds, or the virial from its terms in scratch. */
export function measureKernel(what: Measure): Kernel {
  const source = what === "energy" ? "speeds" : "scratch";
  return kernel(
    `measure-${what}`,
    [uniforms.sizes, reads(source), writes("result")],
    `
var<workgroup> parts: array<f32, ${MEASURE_STATES * SLICES}>;

@compute @workgroup_size(${MEASURE_STATES}, ${SLICES})
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_id) local: vec3u,
  @builtin(local_invocation_index) index: u32,
) {
  let state = group.x * ${MEASURE_STATES}u + local.x;
  var sum = 0.0;
  for (var unit = local.y; unit < sizes.units; unit += ${SLICES}u) {
    let value = ${source}[unit * sizes.stride + state];
    sum = ${what === "energy" ? "fma(0.5 * value, value, sum)" : "sum + value"};
  }
  parts[index] = sum;
  workgroupBarrier();
  if (local.y == 0u && state < sizes.count) {
    var total = 0.0;
    for (var slice = 0u; slice < ${SLICES}u; slice++) {
      total += parts[slice * ${MEASURE_STATES}u + local.x];
    }
    result[state] = total;
  }
}`,
  );
}
