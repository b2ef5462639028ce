// The noise of all chains at a step, made by core's definition on the host: the words of Threefry are integers of
// 32 bits, which the kernel language of gpu.js does not have, and the circle functions of graphics devices are coarse.
import { type AdvanceRun, chainNoise, type ResolvedSpec, streams } from "@neural-langevin/core";

/** Unit normals of all chains from one stream and step, shape [B][N]. */
function normals(spec: ResolvedSpec, stream: number, step: number): Float32Array {
  const { units, chains, firstChain, seed } = spec;
  const values = new Float32Array(chains * units);
  for (let chain = 0; chain < chains; chain++) {
    values.set(chainNoise({ seed, stream, step }, firstChain + chain, units), chain * units);
  }
  return values;
}

/** Makes √(2T dt)·ξ for one step after the other; ξ of Leimkuhler–Matthews is (ξ_s + ξ_{s+1})/2. */
export class NoiseOfRun {
  readonly #spec: ResolvedSpec;
  readonly #run: AdvanceRun;
  #next: { readonly step: number; readonly values: Float32Array } | undefined;

  constructor(spec: ResolvedSpec, run: AdvanceRun) {
    this.#spec = spec;
    this.#run = run;
  }

  /** Whether any chain is warm. */
  get isNeeded(): boolean {
    const { temperature } = this.#run;
    return typeof temperature === "number" ? temperature > 0 : temperature.some((T) => T > 0);
  }

  /** √(2T dt)·ξ of a step, shape [B][N]. */
  at(step: number): Float32Array {
    const { units, chains } = this.#spec;
    const { temperature, dt, integrator } = this.#run;
    const first = this.#normals(step);
    const second = integrator === "leimkuhler-matthews" ? this.#normals(step + 1) : first;
    const values = new Float32Array(first.length);
    for (let chain = 0; chain < chains; chain++) {
      const T = typeof temperature === "number" ? temperature : temperature[chain]!;
      const amplitude = Math.sqrt(2 * T * dt) / 2;
      for (let at = chain * units; at < (chain + 1) * units; at++) {
        values[at] = amplitude * (first[at]! + second[at]!);
      }
    }
    return values;
  }

  #normals(step: number): Float32Array {
    if (this.#next?.step === step) return this.#next.values;
    const values = normals(this.#spec, streams.dynamics, step);
    this.#next = { step, values };
    return values;
  }
}
