// The shared noise for many chains at once: core's definition, filled by a WebAssembly kernel, so that the host keeps up
// with the device that it makes noise for.
import { chainNoise, type NoiseSource } from "@neural-langevin/core";
import { splitInteger } from "@neural-langevin/core/backend";
import { binary } from "./fill.generated.js";

/** What makes the noise of chains. */
export interface NoiseMaker {
  /** Why the kernel does not make it but slower JavaScript, for people; undefined where the kernel does. */
  readonly shortcoming: string | undefined;
  /**
   * Fills `noise`, shape [B][N], with the unit normals ξ of the chains from `firstChain` on: those of core's `chainNoise`,
   * times the scale of each chain, rounded to float32.
   *
   * @param firstChain global index of the first chain
   * @param scale shape [B]; 1 unless given
   */
  fill(
    noise: Float32Array,
    source: NoiseSource,
    firstChain: number,
    units: number,
    scale?: Float64Array,
  ): void;
}

const PAGE = 2 ** 16;
/** The kernel's own place, below the numbers that it makes. */
const BASE = 2 * PAGE;
/** Units that are made at once. */
const ROOM = PAGE / 4;

type Kernel = (...words: number[]) => void;

/**
 * Opens what makes noise: the kernel, or core's definition in JavaScript, some ten times slower, where WebAssembly or its
 * SIMD is missing or a page's policy forbids it. Both make the same noise, and `shortcoming` says so.
 */
export async function openNoise(): Promise<NoiseMaker> {
  try {
    const bytes = Uint8Array.from(atob(binary), (character) => character.charCodeAt(0));
    const memory = new WebAssembly.Memory({ initial: (BASE + PAGE) / PAGE });
    const { instance } = await WebAssembly.instantiate(bytes, { env: { memory } });
    const made = new Float32Array(memory.buffer, BASE, ROOM);
    return kernelNoise(instance.exports.fill as Kernel, made);
  } catch (error) {
    return {
      shortcoming: `noise in JavaScript, because WebAssembly is not at hand: ${(error as Error).message}`,
      fill: fillInJavaScript,
    };
  }
}

function kernelNoise(kernel: Kernel, made: Float32Array): NoiseMaker {
  return {
    shortcoming: undefined,
    fill(noise, { seed, stream, step }, firstChain, units, scale) {
      const words = [...splitInteger(step), ...splitInteger(seed), stream];
      const chains = noise.length / units;
      for (let chain = 0; chain < chains; chain++) {
        for (let unit = 0; unit < units; unit += ROOM) {
          const count = Math.min(ROOM, units - unit);
          const factor = scale?.[chain] ?? 1;
          kernel(made.byteOffset, count, unit / 4, firstChain + chain, ...words, factor);
          noise.set(made.subarray(0, count), chain * units + unit);
        }
      }
    },
  };
}

const fillInJavaScript: NoiseMaker["fill"] = (noise, source, firstChain, units, scale) => {
  for (let chain = 0; chain < noise.length / units; chain++) {
    const normals = chainNoise(source, firstChain + chain, units);
    const factor = scale?.[chain] ?? 1;
    noise.set(
      normals.map((normal) => factor * normal),
      chain * units,
    );
  }
};
