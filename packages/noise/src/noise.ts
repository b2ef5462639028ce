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
/** Normals that are made at once, few enough to stay near the processor; behind them lie the scales of their chains. */
const ROOM = PAGE / 4;

interface Kernel {
  fill(...words: number[]): void;
  /** The address of 256 pairs of numbers. */
  logarithms(): number;
  /** The address of 1024 pairs of numbers. */
  circles(): number;
}

/**
 * Opens what makes noise: the kernel, or core's definition in JavaScript, some ten times slower, where WebAssembly or its
 * SIMD is missing or a page's policy forbids it. Both make the same noise, and `shortcoming` says so.
 */
export async function openNoise(): Promise<NoiseMaker> {
  try {
    const bytes = Uint8Array.from(atob(binary), (character) => character.charCodeAt(0));
    const memory = new WebAssembly.Memory({ initial: (BASE + 3 * PAGE) / PAGE });
    const { instance } = await WebAssembly.instantiate(bytes, { env: { memory } });
    return kernelNoise(instance.exports as unknown as Kernel, memory.buffer);
  } catch (error) {
    return {
      shortcoming: `noise in JavaScript, because WebAssembly is not at hand: ${(error as Error).message}`,
      fill: fillInJavaScript,
    };
  }
}

function kernelNoise(kernel: Kernel, memory: ArrayBuffer): NoiseMaker {
  const made = new Float32Array(memory, BASE, ROOM);
  const scales = new Float64Array(memory, BASE + PAGE, ROOM);
  writeTables(kernel, memory);
  return {
    shortcoming: undefined,
    fill(noise, { seed, stream, step }, firstChain, units, scale) {
      const words = [...splitInteger(step), ...splitInteger(seed), stream, scales.byteOffset];
      const chains = noise.length / units;
      const most = Math.max(1, Math.floor(ROOM / units));
      for (let chain = 0; chain < chains; chain += most) {
        const rows = Math.min(most, chains - chain);
        if (scale) scales.set(scale.subarray(chain, chain + rows));
        else scales.fill(1, 0, rows);
        // More than one row has its units at once.
        for (let unit = 0; unit < units; unit += ROOM) {
          const count = Math.min(ROOM, units - unit);
          kernel.fill(made.byteOffset, rows, count, unit / 4, firstChain + chain, ...words);
          noise.set(made.subarray(0, rows * count), chain * units + unit);
        }
      }
    },
  };
}

/** Writes what the kernel looks up: 1/c and ln c of numbers c from 11/16 to 11/8, and cosines and sines. */
function writeTables(kernel: Kernel, memory: ArrayBuffer): void {
  const logarithms = new Float64Array(memory, kernel.logarithms(), 2 * 256);
  for (let part = 0; part < 256; part++) {
    // Parts of 1/512 below 1, and of 1/256 above.
    const middle = part < 160 ? 11 / 16 + (part + 0.5) / 512 : 1 + (part - 159.5) / 256;
    const inverse = part === 159 || part === 160 ? 1 : Math.fround(1 / middle);
    logarithms.set([inverse, -Math.log(inverse)], 2 * part);
  }
  const circles = new Float64Array(memory, kernel.circles(), 2 * 1024);
  for (let part = 0; part < 1024; part++) {
    const angle = (2 * Math.PI * (part + 0.5)) / 1024;
    circles.set([Math.cos(angle), Math.sin(angle)], 2 * part);
  }
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
