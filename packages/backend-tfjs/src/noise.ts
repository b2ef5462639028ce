// The shared noise for many chains at once, made on the host. TensorFlow.js has neither xor nor rotations of
// 32-bit words on most of its devices, so the device is sent the normals. This says the same as core's
// `chainNoise`, which allocates for every four units; here the twenty rounds run in local variables.
import type { NoiseSource } from "@neural-langevin/core";
import { splitInteger } from "@neural-langevin/core/backend";

const PARITY = 0x1bd11bda;
const UNIT = 2 ** -24;

/** √(−2 ln u) of the first word of a pair, with u = ((word >>> 8) + ½)/2²⁴. */
const radius = (word: number): number => Math.sqrt(-2 * Math.log(((word >>> 8) + 0.5) * UNIT));
/** 2πu of the second word. */
const angle = (word: number): number => 2 * Math.PI * ((word >>> 8) + 0.5) * UNIT;

/**
 * Fills `noise`, shape [B][N], with the unit normals ξ of the chains from `firstChain` on, rounded to float32.
 */
export function fillNoise(
  noise: Float32Array,
  source: NoiseSource,
  firstChain: number,
  units: number,
): void {
  const [k0, k1] = splitInteger(source.seed);
  const k2 = source.stream | 0;
  const k4 = PARITY ^ k0 ^ k1 ^ k2;
  const [stepLow, stepHigh] = splitInteger(source.step);
  const chains = noise.length / units;
  for (let chain = 0; chain < chains; chain++) {
    const row = chain * units;
    for (let unit = 0; unit < units; unit += 4) {
      let a = (unit / 4 + k0) | 0;
      let b = (firstChain + chain + k1) | 0;
      let c = (stepLow + k2) | 0;
      let d = stepHigh | 0;
      // Four rounds, then the next words of the key (k0, k1, k2, k3 = 0, k4) and the number of the group.
      for (let group = 1; group <= 5; group++) {
        const odd = group & 1;
        // Of the eight pairs of rotations, odd groups take the first four and even groups the others.
        a = (a + b) | 0;
        b = (odd ? (b << 10) | (b >>> 22) : (b << 6) | (b >>> 26)) ^ a;
        c = (c + d) | 0;
        d = (odd ? (d << 26) | (d >>> 6) : (d << 20) | (d >>> 12)) ^ c;
        a = (a + d) | 0;
        d = (odd ? (d << 11) | (d >>> 21) : (d << 17) | (d >>> 15)) ^ a;
        c = (c + b) | 0;
        b = (odd ? (b << 21) | (b >>> 11) : (b << 11) | (b >>> 21)) ^ c;
        a = (a + b) | 0;
        b = (odd ? (b << 13) | (b >>> 19) : (b << 25) | (b >>> 7)) ^ a;
        c = (c + d) | 0;
        d = (odd ? (d << 27) | (d >>> 5) : (d << 10) | (d >>> 22)) ^ c;
        a = (a + d) | 0;
        d = (odd ? (d << 23) | (d >>> 9) : (d << 18) | (d >>> 14)) ^ a;
        c = (c + b) | 0;
        b = (odd ? (b << 5) | (b >>> 27) : (b << 20) | (b >>> 12)) ^ c;
        switch (group) {
          case 1:
            a = (a + k1) | 0;
            b = (b + k2) | 0;
            d = (d + k4) | 0;
            break;
          case 2:
            a = (a + k2) | 0;
            c = (c + k4) | 0;
            d = (d + k0) | 0;
            break;
          case 3:
            b = (b + k4) | 0;
            c = (c + k0) | 0;
            d = (d + k1) | 0;
            break;
          case 4:
            a = (a + k4) | 0;
            b = (b + k0) | 0;
            c = (c + k1) | 0;
            d = (d + k2) | 0;
            break;
          default:
            a = (a + k0) | 0;
            b = (b + k1) | 0;
            c = (c + k2) | 0;
        }
        d = (d + group) | 0;
      }
      const left = Math.min(4, units - unit);
      const at = row + unit;
      const first = radius(a);
      noise[at] = first * Math.cos(angle(b));
      if (left > 1) noise[at + 1] = first * Math.sin(angle(b));
      if (left > 2) {
        const second = radius(c);
        noise[at + 2] = second * Math.cos(angle(d));
        if (left > 3) noise[at + 3] = second * Math.sin(angle(d));
      }
    }
  }
}
