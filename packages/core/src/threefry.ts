// Threefry4x32-20, the counter-based generator of Salmon et al., "Parallel random numbers: as easy as
// 1, 2, 3" (SC 2011). It needs only add, rotate and xor on 32-bit words, so that every language and
// device of this project makes the same bits.

/** Four 32-bit words: a counter, a key or an output block. */
export type Words = readonly [number, number, number, number];

const PARITY = 0x1bd11bda;
/** Bits by which the two rotations of every round turn, again from the first after the eighth. */
const ROTATIONS = [
  [10, 26],
  [11, 21],
  [13, 27],
  [23, 5],
  [6, 20],
  [17, 11],
  [25, 10],
  [18, 20],
] as const;

const rotateLeft = (word: number, bits: number): number => (word << bits) | (word >>> (32 - bits));

/** The output block of Threefry4x32 with 20 rounds: four unsigned 32-bit words. */
export function threefry4x32(counter: Words, key: Words): [number, number, number, number] {
  // Plain variables and indices: the noise of a state takes hundreds of blocks.
  const schedule = [key[0], key[1], key[2], key[3], PARITY ^ key[0] ^ key[1] ^ key[2] ^ key[3]];
  let x0 = (counter[0] + schedule[0]!) | 0;
  let x1 = (counter[1] + schedule[1]!) | 0;
  let x2 = (counter[2] + schedule[2]!) | 0;
  let x3 = (counter[3] + schedule[3]!) | 0;
  for (let injection = 1; injection <= 5; injection++) {
    const at = injection % 2 === 1 ? 0 : 4;
    // Even rounds mix (0,1) and (2,3); odd rounds mix (0,3) and (2,1).
    for (let round = at; round < at + 4; round += 2) {
      const even = ROTATIONS[round]!;
      x0 = (x0 + x1) | 0;
      x1 = rotateLeft(x1, even[0]) ^ x0;
      x2 = (x2 + x3) | 0;
      x3 = rotateLeft(x3, even[1]) ^ x2;
      const odd = ROTATIONS[round + 1]!;
      x0 = (x0 + x3) | 0;
      x3 = rotateLeft(x3, odd[0]) ^ x0;
      x2 = (x2 + x1) | 0;
      x1 = rotateLeft(x1, odd[1]) ^ x2;
    }
    x0 = (x0 + schedule[injection % 5]!) | 0;
    x1 = (x1 + schedule[(injection + 1) % 5]!) | 0;
    x2 = (x2 + schedule[(injection + 2) % 5]!) | 0;
    x3 = (x3 + schedule[(injection + 3) % 5]! + injection) | 0;
  }
  return [x0 >>> 0, x1 >>> 0, x2 >>> 0, x3 >>> 0];
}

/** The low and high 32-bit words of a non-negative safe integer (a seed or a step number). */
export function splitInteger(value: number): readonly [low: number, high: number] {
  return [(value % 0x1_0000_0000) >>> 0, Math.floor(value / 0x1_0000_0000)];
}

/**
 * The 20 rounds written out for WGSL and GLSL: words `x0` … `x3` are mixed by `rotate(word, bits)` under `key0` … `key4`, one
 * chain or a vector of chains each.
 */
export const threefryRounds: string = Array.from({ length: 20 }, (_, round) => {
  const [first, second] = ROTATIONS[round % 8]!;
  const [a, b] = round % 2 === 0 ? ["x1", "x3"] : ["x3", "x1"];
  const injection = (round + 1) / 4;
  const inject = [0, 1, 2, 3].map(
    (word) => `x${word} += key${(injection + word) % 5}${word === 3 ? ` + ${injection}u` : ""};`,
  );
  return [
    `x0 += ${a}; ${a} = rotate(${a}, ${first}u) ^ x0;`,
    `x2 += ${b}; ${b} = rotate(${b}, ${second}u) ^ x2;`,
    ...(round % 4 === 3 ? inject : []),
  ].join(" ");
}).join("\n  ");
