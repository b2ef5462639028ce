// The elementary functions and the noise in WGSL, on vectors of four chains.
//
// WGSL bounds the error of its own tanh loosely, so this is a ratio of polynomials, with the coefficients of the processor's
// kernel. Every a·b + c is written as fma, so that no compiler can choose to fuse it in one kernel and not in another.
import type { Activation } from "@neural-langevin/core";
import { boxMullerWgsl, threefryRounds } from "@neural-langevin/core/backend";

/** `firingRate` and `slope`: φ(x), and φ′ as a function of φ. */
export const activationCode = (activation: Activation): string =>
  activation === "identity"
    ? `
fn firingRate(x: vec4f) -> vec4f { return x; }
fn slope(phi: vec4f) -> vec4f { return vec4f(1.0); }
`
    : `
// tanh x: x·P(x²)/Q(x²) on |x| ≤ 9.01, relative error of the fit 2.1e-8; ±1 beyond.
fn firingRate(argument: vec4f) -> vec4f {
  let end = vec4f(9.01);
  var x = select(argument, end, argument > end);
  x = select(x, -end, x < -end);
  let z = x * x;
  var p = fma(vec4f(1.333706656225786e-08), z, vec4f(2.0596444301190786e-05));
  p = fma(p, z, vec4f(0.0034948219545185566));
  p = fma(p, z, vec4f(0.1338038146495819));
  p = fma(p, z, vec4f(1.0));
  var q = fma(vec4f(7.769376679789275e-07), z, vec4f(0.00032843806548044086));
  q = fma(q, z, vec4f(0.025874068960547447));
  q = fma(q, z, vec4f(0.467136949300766));
  q = fma(q, z, vec4f(1.0));
  let y = x * p / q;
  return select(select(y, vec4f(-1.0), y < vec4f(-1.0)), vec4f(1.0), y > vec4f(1.0));
}
fn slope(phi: vec4f) -> vec4f { return fma(-phi, phi, vec4f(1.0)); }
`;

/** `normals`: N(0, 1) of four consecutive units (columns) and four chains (rows); needs \`sizes\`. */
export const noiseCode = `${boxMullerWgsl(4)}
fn rotate(word: vec4u, bits: u32) -> vec4u {
  return (word << vec4u(bits)) | (word >> vec4u(32u - bits));
}

fn normals(unitBlock: u32, chain: vec4u, stream: u32, step: vec2u) -> mat4x4f {
  let key0 = sizes.seedLow;
  let key1 = sizes.seedHigh;
  let key2 = stream;
  let key3 = 0u;
  let key4 = 0x1bd11bdau ^ key0 ^ key1 ^ key2;
  var x0 = vec4u(unitBlock + key0);
  var x1 = chain + key1;
  var x2 = vec4u(step.x + key2);
  var x3 = vec4u(step.y + key3);
  ${threefryRounds}
  let first = sqrt(minusTwoLog(x0 >> vec4u(8u)));
  let second = sqrt(minusTwoLog(x2 >> vec4u(8u)));
  let a = circle(x1 >> vec4u(8u));
  let b = circle(x3 >> vec4u(8u));
  return mat4x4f(first * a.cosine, first * a.sine, second * b.cosine, second * b.sine);
}
`;
