// The shared noise in the languages of graphics devices, for backends that make it where they compute. It is written
// once, in WGSL; GLSL ES 3.00 has other words for the same things.
import { boxMullerWgsl, threefryRounds } from "@neural-langevin/core/backend";

/**
 * `normalPair(pair, chain, stream, seed, time)`: the unit normals of the units 2·pair and 2·pair + 1 of a chain, by its
 * global index. Seed and time, which is the step, are two words each, the low one first. Both words and functions of them are
 * core's text; the functions are polynomials in float32, and agree with core's definition within 10⁻⁶ of the largest.
 */
export const noiseWgsl = `
fn rotate(word: u32, bits: u32) -> u32 { return (word << bits) | (word >> (32u - bits)); }

${boxMullerWgsl(1)}
fn normalPair(pair: u32, chain: u32, stream: u32, seed: vec2u, time: vec2u) -> vec2f {
  let key0: u32 = seed.x;
  let key1: u32 = seed.y;
  let key2: u32 = stream;
  let key3: u32 = 0u;
  let key4: u32 = 0x1bd11bdau ^ key0 ^ key1 ^ key2;
  var x0: u32 = (pair >> 1u) + key0;
  var x1: u32 = chain + key1;
  var x2: u32 = time.x + key2;
  var x3: u32 = time.y + key3;
  ${threefryRounds}
  // A block of four units has two pairs.
  if ((pair & 1u) != 0u) { x0 = x2; x1 = x3; }
  let angle: Circle = circle(x1 >> 8u);
  return sqrt(minusTwoLog(x0 >> 8u)) * vec2f(angle.cosine, angle.sine);
}
`;

/** The same in GLSL ES 3.00, where `vec2f` is `vec2`, `vec2u` is `uvec2`, and precisions have to be stated. */
export const noiseGlsl = `
precision highp float;
precision highp int;
float select(float no, float yes, bool condition) { return condition ? yes : no; }
float multiplyAdd(float a, float b, float c) { return a * b + c; }
${noiseWgsl
  .replace(/^ *\/\/.*\n/gm, "")
  .replace(/fn (\w+)\((.*)\) -> (\w+)/g, "$3 $1($2)")
  .replace(/(?:\b(?:let|var) )?\b(\w+): (bool|[fiu]32|vec2[fu]|Circle)/g, "$2 $1")
  .replace(/struct (\w+) \{ (.*), (.*) \}/, "struct $1 { $2; $3; };")
  .replaceAll("bitcast<f32>", "uintBitsToFloat")
  .replaceAll("bitcast<u32>", "floatBitsToUint")
  .replaceAll("bitcast<i32>", "int")
  .replaceAll("fma(", "multiplyAdd(")
  .replace(/\bvec2u\b/g, "uvec2")
  .replace(/\bvec2f\b/g, "vec2")
  .replace(/\bf32\b/g, "float")
  .replace(/\bu32\b/g, "uint")}`;
