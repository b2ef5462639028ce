// Where chains begin. A machine that was trained with chains from the mean of its data is sampled from there, too: from
// elsewhere, chains fall into states that training never visited.
import { LangevinError } from "./errors.js";
import { countStates, type Values } from "./network.js";

/**
 * The start at the mean of some states: x ~ N(⟨x⟩, σ²) for every unit by itself.
 *
 * @param states x, shape [P][N], P ≥ 1
 * @param spread σ; 1 unless given
 * @throws wrong-length
 */
export function dataStart(
  states: Values,
  units: number,
  spread = 1,
): { readonly mean: Float32Array; readonly spread: number } {
  const count = countStates(states, units);
  if (count === 0) throw new LangevinError("wrong-length", "states must hold at least one state.");
  const mean = new Float64Array(units);
  for (let start = 0; start < states.length; start += units) {
    for (let unit = 0; unit < units; unit++) mean[unit]! += states[start + unit]! / count;
  }
  return { mean: new Float32Array(mean), spread };
}
