// What changes J and b, as they are read and written: optimiser steps and averages, one thread for each parameter.
import type { Optimizer } from "@neural-langevin/core";
import { type Kernel, kernel, reads, uniforms, writes } from "./kernel.js";

/** Threads of a workgroup, in a row. */
export const UPDATE_THREADS = 256;

/** The beginning of a kernel with a thread for each parameter; `place` is its place among J and b. */
const eachParameter = `
@compute @workgroup_size(${UPDATE_THREADS})
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) index: u32,
) {
  let place = (group.y * groups.x + group.x) * ${UPDATE_THREADS}u + index;
  let square = sizes.units * sizes.units;
  if (place >= square + sizes.units) { return; }`;

const rules: Readonly<Record<Optimizer["kind"], string>> = {
  sgd: "parameters[place] = fma(-rule.rate, gradient, parameters[place]);",
  adam: `
  let first = fma(rule.beta1, firstMoments[place], rule.rest1 * gradient);
  let second = fma(rule.beta2, secondMoments[place], rule.rest2 * gradient * gradient);
  firstMoments[place] = first;
  secondMoments[place] = second;
  let denominator = sqrt(second / rule.correction2) + rule.epsilon;
  parameters[place] -= rule.rate * (first / rule.correction1) / denominator;`,
};

/** One optimiser step from the statistics, which it clears; J_ii stays as it is. */
export function updateKernel(kind: Optimizer["kind"]): Kernel {
  return kernel(
    `update-${kind}`,
    [
      uniforms.sizes,
      uniforms.rule,
      writes("parameters"),
      writes("statistics"),
      ...(kind === "adam" ? [writes("firstMoments"), writes("secondMoments")] : []),
    ],
    `${eachParameter}
  var gradient = statistics[place] / rule.temperature;
  statistics[place] = 0.0;
  if (place < square) {
    if (place % (sizes.units + 1u) == 0u) { return; }
    gradient = fma(rule.decay, parameters[place], gradient);
  }
  ${rules[kind]}
}`,
  );
}

/** averages ← averages + weight·(parameters − averages). */
export function averageKernel(): Kernel {
  return kernel(
    "average",
    [uniforms.sizes, uniforms.share, reads("parameters"), writes("averages")],
    `${eachParameter}
  let before = averages[place];
  averages[place] = fma(share.weight, parameters[place] - before, before);
}`,
  );
}
