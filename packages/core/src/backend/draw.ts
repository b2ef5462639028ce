// A draw of chains computed on the host, for backends that make their noise there.
import { chainNoise } from "../noise.js";
import type { ResolvedSpec } from "./contract.js";
import type { EngineDraw } from "./define-backend.js";

/**
 * The states that a draw makes, x = μ + σ·ξ in float64.
 *
 * @returns shape [count][N], of the chains from `draw.first` on
 * @throws invalid-value (no units)
 */
export function drawnStates(spec: ResolvedSpec, draw: EngineDraw): Float64Array {
  const { units, firstChain, seed } = spec;
  const { stream, step, mean, spread, first, count } = draw;
  const states = new Float64Array(count * units);
  for (let row = 0; row < count; row++) {
    const noise = chainNoise({ seed, stream, step }, firstChain + first + row, units);
    for (let unit = 0; unit < units; unit++) {
      states[row * units + unit] = (mean?.[unit] ?? 0) + spread * noise[unit]!;
    }
  }
  return states;
}
