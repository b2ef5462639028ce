// The elementary functions and the noise in WGSL, on vectors of four chains.
//
// WGSL bounds the error of its own tanh, log, sin and cos loosely or in absolute terms only, so these are
// polynomials and ratios of this project's, with the coefficients of the processor's kernel. Every a·b + c is
// written as fma, so that no compiler can choose to fuse it in one kernel and not in another.
import type { Activation } from "@neural-langevin/core";
import { threefryRounds } from "@neural-langevin/core/backend";

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
export const noiseCode = `
// −2 ln u of u = (m + ½)/2²⁴, m < 2²⁴. Above ½, 1 − u is exact in float32 where u is not, so the logarithm is
// taken of 1 + f with an f that is exact on either side.
fn minusTwoLog(m: vec4u) -> vec4f {
  let below = (vec4f(m) + 0.5) * 0x1p-24f;
  let above = (vec4f(0xffffffu - m) + 0.5) * 0x1p-24f;
  let bits = bitcast<vec4u>(below) - 0x3f3504f3u;
  let exponent = vec4f(bitcast<vec4i>(bits) >> vec4u(23u));
  let significand = bitcast<vec4f>((bits & vec4u(0x7fffffu)) + 0x3f3504f3u);
  let upper = m >= vec4u(0x800000u);
  let top = above < vec4f(0.29289323);
  let e = select(exponent, select(vec4f(-1.0), vec4f(0.0), top), upper);
  let f = select(significand - 1.0, select(1.0 - (above + above), -above, top), upper);
  // ln(1 + f) = f − f²/2 + f³·P(f), relative error of the fit 5.9e-9.
  var p = fma(vec4f(-0.07634429633617401), f, vec4f(0.12761549651622772));
  p = fma(p, f, vec4f(-0.131601944565773));
  p = fma(p, f, vec4f(0.14201761782169342));
  p = fma(p, f, vec4f(-0.16623356938362122));
  p = fma(p, f, vec4f(0.20001226663589478));
  p = fma(p, f, vec4f(-0.250008225440979));
  p = fma(p, f, vec4f(0.3333333134651184));
  let f2 = f * f;
  var logarithm = f + fma(f2 * f, p, -0.5 * f2);
  // e·ln 2 in two parts, the first exact.
  logarithm = fma(e, vec4f(-2.12194440e-4), logarithm);
  return -2.0 * fma(e, vec4f(0.693359375), logarithm);
}

struct Circle { cosine: vec4f, sine: vec4f }

// cos 2πu and sin 2πu of u = (m + ½)/2²⁴: the quadrant is split off in whole numbers, so the rest of the angle,
// in [−π/4, π/4], is exact before it is scaled.
fn circle(m: vec4u) -> Circle {
  let quadrant = (m + 0x200000u) >> vec4u(22u);
  let rest = vec4f(bitcast<vec4i>(m - (quadrant << vec4u(22u)))) + 0.5;
  let x = rest * 3.7450704e-07;
  let z = x * x;
  var s = fma(vec4f(-0.00019515282474458218), z, vec4f(0.00833216030150652));
  s = fma(s, z, vec4f(-0.16666655242443085));
  s = fma(s * z, x, x);
  var c = fma(vec4f(2.443845005473122e-05), z, vec4f(-0.001388736767694354));
  c = fma(c, z, vec4f(0.04166664555668831));
  c = fma(c * z, z, fma(vec4f(-0.5), z, vec4f(1.0)));
  // Quadrants 1 and 3 exchange the two; the signs come from the quadrant's bits.
  let odd = (quadrant & vec4u(1u)) != vec4u(0u);
  let sineSign = (quadrant & vec4u(2u)) << vec4u(30u);
  let cosineSign = ((quadrant + 1u) & vec4u(2u)) << vec4u(30u);
  return Circle(
    bitcast<vec4f>(bitcast<vec4u>(select(c, s, odd)) ^ cosineSign),
    bitcast<vec4f>(bitcast<vec4u>(select(s, c, odd)) ^ sineSign),
  );
}

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
