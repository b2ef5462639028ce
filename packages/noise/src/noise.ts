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
  /**
   * Memory of zeros that `fill` writes to without a copy. Where the kernel makes the noise, it begins at a multiple of 64
   * bytes, so that native libraries can take it as it is.
   */
  allocate(length: number): Float32Array;
}

const PAGE = 2 ** 16;
/** The kernel's own place, below the numbers that it makes. */
const BASE = 2 * PAGE;
/** Normals that are made at once for memory that is not the kernel's, few enough to stay near the processor. */
const ROOM = PAGE / 4;
/** Chains whose scales the kernel is given at once. */
const ROWS = PAGE / 8;

interface Kernel {
  fill(...words: number[]): void;
  /** The address of 512 pairs of numbers. */
  logarithms(): number;
  /** The address of 512 pairs of numbers. */
  circles(): number;
}

/**
 * Opens what makes noise: the kernel, or core's definition in JavaScript, some forty times slower, where WebAssembly or its
 * SIMD is missing or a page's policy forbids it. Both make the same noise, and `shortcoming` says so.
 */
export async function openNoise(): Promise<NoiseMaker> {
  try {
    const bytes = Uint8Array.from(atob(binary), (character) => character.charCodeAt(0));
    const memory = memoryFor(ROOM);
    const { module, instance } = await WebAssembly.instantiate(bytes, { env: { memory } });
    return kernelNoise(module, kernelIn(memory, instance, ROOM));
  } catch (error) {
    return {
      shortcoming: `noise in JavaScript, because WebAssembly is not at hand: ${(error as Error).message}`,
      fill: fillInJavaScript,
      allocate: (length) => new Float32Array(length),
    };
  }
}

/** The kernel with memory, and the places of numbers there. */
interface KernelInstance {
  readonly kernel: Kernel;
  /** What it makes. */
  readonly normals: Float32Array;
  /** The scales of the chains that it makes next. */
  readonly scales: Float64Array;
}

/** Memory for a kernel that makes so many normals, and a page for scales. Throws a RangeError where there is none. */
const memoryFor = (length: number) =>
  new WebAssembly.Memory({ initial: Math.ceil((BASE + 4 * length) / PAGE) + 1 });

function kernelIn(
  { buffer }: WebAssembly.Memory,
  { exports }: WebAssembly.Instance,
  length: number,
): KernelInstance {
  const kernel = exports as unknown as Kernel;
  writeTables(kernel, buffer);
  const normals = new Float32Array(buffer, BASE, length);
  return { kernel, normals, scales: new Float64Array(buffer, buffer.byteLength - PAGE) };
}

function kernelNoise(module: WebAssembly.Module, common: KernelInstance): NoiseMaker {
  const instances = new WeakMap<ArrayBufferLike, KernelInstance>();
  return {
    shortcoming: undefined,
    fill(noise, { seed, stream, step }, firstChain, units, scale) {
      const own = instances.get(noise.buffer);
      const { kernel, normals, scales } = own ?? common;
      const words = [...splitInteger(step), ...splitInteger(seed), stream, scales.byteOffset];
      const chains = noise.length / units;
      // Long chains are made in pieces, of which there is one chain at a time.
      const piece = own ? units : Math.min(ROOM, units);
      const most = own ? ROWS : Math.min(ROWS, Math.floor(ROOM / piece));
      for (let chain = 0; chain < chains; chain += most) {
        const rows = Math.min(most, chains - chain);
        if (scale) scales.set(scale.subarray(chain, chain + rows));
        else scales.fill(1, 0, rows);
        for (let unit = 0; unit < units; unit += piece) {
          const count = Math.min(piece, units - unit);
          const at = chain * units + unit;
          const address = own ? noise.byteOffset + 4 * at : normals.byteOffset;
          kernel.fill(address, rows, count, unit / 4, firstChain + chain, ...words);
          if (!own) noise.set(normals.subarray(0, rows * count), at);
        }
      }
    },
    allocate(length) {
      try {
        const memory = memoryFor(length);
        const instance = new WebAssembly.Instance(module, { env: { memory } });
        const own = kernelIn(memory, instance, length);
        instances.set(memory.buffer, own);
        return own.normals;
      } catch {
        // Too much for WebAssembly, or more than a page may set up at once.
        return new Float32Array(length);
      }
    },
  };
}

/** Writes what the kernel looks up: 1/c and −2 ln c of numbers c from 11/16 to 11/8, and cosines and sines. */
function writeTables(kernel: Kernel, memory: ArrayBuffer): void {
  const logarithms = new Float64Array(memory, kernel.logarithms(), 2 * 512);
  for (let part = 0; part < 512; part++) {
    // Parts of 1/1024 below 1, and of 1/512 above.
    const middle = part < 320 ? 11 / 16 + (part + 0.5) / 1024 : 1 + (part - 319.5) / 512;
    const inverse = part === 319 || part === 320 ? 1 : Math.fround(1 / middle);
    logarithms.set([inverse, 2 * Math.log(inverse)], 2 * part);
  }
  const circles = new Float64Array(memory, kernel.circles(), 2 * 512);
  for (let part = 0; part < 512; part++) {
    const angle = (2 * Math.PI * (part + 0.5)) / 512;
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
