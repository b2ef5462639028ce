// The shared noise in the languages of graphics devices, for backends that make it where they compute. It is written
// once, in WGSL; GLSL ES 3.00 has other words for the same things.
import { threefryRounds } from "@neural-langevin/core/backend";

/**
 * `normalPair(pair, chain, stream, seed, time)`: the unit normals of the units 2·pair and 2·pair + 1 of a chain, by its
 * global index. Seed and time, which is the step, are two words each, the low one first. The words are core's; the functions of them are
 * polynomials in float32, because the languages bound the error of their own loosely, and agree with core's definition
 * within 10⁻⁶ of the largest.
 */
export const noiseWgsl = `
fn rotate(word: u32, bits: u32) -> u32 { return (word << bits) | (word >> (32u - bits)); }

// −2 ln u of u = (m + ½)/2²⁴, m < 2²⁴. Above ½, 1 − u is exact in float32 where u is not, so the logarithm is
// taken of 1 + f with an f that is exact on either side.
fn minusTwoLog(m: u32) -> f32 {
  let below: f32 = (f32(m) + 0.5) * 5.9604644775390625e-8;
  let above: f32 = (f32(0xffffffu - m) + 0.5) * 5.9604644775390625e-8;
  let bits: u32 = bitcast<u32>(below) - 0x3f3504f3u;
  let exponent: f32 = f32(bitcast<i32>(bits) >> 23u);
  let significand: f32 = bitcast<f32>((bits & 0x7fffffu) + 0x3f3504f3u);
  let upper: bool = m >= 0x800000u;
  let top: bool = above < 0.29289323;
  let e: f32 = select(exponent, select(-1.0, 0.0, top), upper);
  let f: f32 = select(significand - 1.0, select(1.0 - (above + above), -above, top), upper);
  // ln(1 + f) = f − f²/2 + f³·P(f), relative error of the fit 5.9e-9.
  var p: f32 = fma(-0.07634429633617401, f, 0.12761549651622772);
  p = fma(p, f, -0.131601944565773);
  p = fma(p, f, 0.14201761782169342);
  p = fma(p, f, -0.16623356938362122);
  p = fma(p, f, 0.20001226663589478);
  p = fma(p, f, -0.250008225440979);
  p = fma(p, f, 0.3333333134651184);
  let f2: f32 = f * f;
  var logarithm: f32 = f + fma(f2 * f, p, -0.5 * f2);
  // e·ln 2 in two parts, the first exact.
  logarithm = fma(e, -2.12194440e-4, logarithm);
  return -2.0 * fma(e, 0.693359375, logarithm);
}

// cos 2πu and sin 2πu of u = (m + ½)/2²⁴: the quadrant is split off in whole numbers, so the rest of the angle,
// in [−π/4, π/4], is exact before it is scaled.
fn circle(m: u32) -> vec2f {
  let quadrant: u32 = (m + 0x200000u) >> 22u;
  let x: f32 = (f32(bitcast<i32>(m - (quadrant << 22u))) + 0.5) * 3.7450704e-07;
  let z: f32 = x * x;
  var s: f32 = fma(-0.00019515282474458218, z, 0.00833216030150652);
  s = fma(s, z, -0.16666655242443085);
  s = fma(s * z, x, x);
  var c: f32 = fma(2.443845005473122e-05, z, -0.001388736767694354);
  c = fma(c, z, 0.04166664555668831);
  c = fma(c * z, z, fma(-0.5, z, 1.0));
  // Quadrants 1 and 3 exchange the two; the signs come from the quadrant's bits.
  let odd: bool = (quadrant & 1u) != 0u;
  let cosineSign: u32 = ((quadrant + 1u) & 2u) << 30u;
  let sineSign: u32 = (quadrant & 2u) << 30u;
  let cosine: u32 = bitcast<u32>(select(c, s, odd)) ^ cosineSign;
  let sine: u32 = bitcast<u32>(select(s, c, odd)) ^ sineSign;
  return vec2f(bitcast<f32>(cosine), bitcast<f32>(sine));
}

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
  return sqrt(minusTwoLog(x0 >> 8u)) * circle(x1 >> 8u);
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
  .replace(/(?:\b(?:let|var) )?\b(\w+): (bool|[fiu]32|vec2[fu])/g, "$2 $1")
  .replaceAll("bitcast<f32>", "uintBitsToFloat")
  .replaceAll("bitcast<u32>", "floatBitsToUint")
  .replaceAll("bitcast<i32>", "int")
  .replaceAll("fma(", "multiplyAdd(")
  .replace(/\bvec2u\b/g, "uvec2")
  .replace(/\bvec2f\b/g, "vec2")
  .replace(/\bf32\b/g, "float")
  .replace(/\bu32\b/g, "uint")}`;
