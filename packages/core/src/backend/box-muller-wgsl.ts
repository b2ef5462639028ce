// The functions of Box and Muller's transform in WGSL, for shaders that make the noise on their device. WGSL bounds the error of
// its own log, sin and cos loosely or in absolute terms only, so these are polynomials, with the coefficients of the
// processor's kernel. Every a·b + c is written as fma, so that no compiler can choose to fuse it in one place and not in
// another. Types are stated, so that the text can be made into GLSL.

/**
 * `minusTwoLog(m)` and `circle(m)`, with fields `cosine` and `sine`: −2 ln u, cos 2πu and sin 2πu of u = (m + ½)/2²⁴ in
 * float32, for one m below 2²⁴ or four at once.
 */
export function boxMullerWgsl(lanes: 1 | 4): string {
  const [float, unsigned, signed, truth] =
    lanes === 1 ? ["f32", "u32", "i32", "bool"] : ["vec4f", "vec4u", "vec4i", "vec4<bool>"];
  return `
// Above ½, 1 − u is exact in float32 where u is not, so the logarithm is taken of 1 + f with an f that is exact on
// either side.
fn minusTwoLog(m: ${unsigned}) -> ${float} {
  let below: ${float} = (${float}(m) + 0.5) * 5.9604644775390625e-8;
  let above: ${float} = (${float}(0xffffffu - m) + 0.5) * 5.9604644775390625e-8;
  let bits: ${unsigned} = bitcast<${unsigned}>(below) - 0x3f3504f3u;
  let exponent: ${float} = ${float}(bitcast<${signed}>(bits) >> ${unsigned}(23u));
  let significand: ${float} = bitcast<${float}>((bits & ${unsigned}(0x7fffffu)) + 0x3f3504f3u);
  let upper: ${truth} = m >= ${unsigned}(0x800000u);
  let top: ${truth} = above < ${float}(0.29289323);
  let e: ${float} = select(exponent, select(${float}(-1.0), ${float}(0.0), top), upper);
  let f: ${float} = select(significand - 1.0, select(1.0 - (above + above), -above, top), upper);
  // ln(1 + f) = f − f²/2 + f³·P(f), relative error of the fit 5.9e-9.
  var p: ${float} = fma(${float}(-0.07634429633617401), f, ${float}(0.12761549651622772));
  p = fma(p, f, ${float}(-0.131601944565773));
  p = fma(p, f, ${float}(0.14201761782169342));
  p = fma(p, f, ${float}(-0.16623356938362122));
  p = fma(p, f, ${float}(0.20001226663589478));
  p = fma(p, f, ${float}(-0.250008225440979));
  p = fma(p, f, ${float}(0.3333333134651184));
  let f2: ${float} = f * f;
  var logarithm: ${float} = f + fma(f2 * f, p, -0.5 * f2);
  // e·ln 2 in two parts, the first exact.
  logarithm = fma(e, ${float}(-2.12194440e-4), logarithm);
  return -2.0 * fma(e, ${float}(0.693359375), logarithm);
}

struct Circle { cosine: ${float}, sine: ${float} }

// The quadrant is split off in whole numbers, so the rest of the angle, in [−π/4, π/4], is exact before it is scaled.
fn circle(m: ${unsigned}) -> Circle {
  let quadrant: ${unsigned} = (m + 0x200000u) >> ${unsigned}(22u);
  let rest: ${float} = ${float}(bitcast<${signed}>(m - (quadrant << ${unsigned}(22u)))) + 0.5;
  let x: ${float} = rest * 3.7450704e-07;
  let z: ${float} = x * x;
  var s: ${float} = fma(${float}(-0.00019515282474458218), z, ${float}(0.00833216030150652));
  s = fma(s, z, ${float}(-0.16666655242443085));
  s = fma(s * z, x, x);
  var c: ${float} = fma(${float}(2.443845005473122e-05), z, ${float}(-0.001388736767694354));
  c = fma(c, z, ${float}(0.04166664555668831));
  c = fma(c * z, z, fma(${float}(-0.5), z, ${float}(1.0)));
  // Quadrants 1 and 3 exchange the two; the signs come from the quadrant's bits.
  let odd: ${truth} = (quadrant & ${unsigned}(1u)) != ${unsigned}(0u);
  let sineSign: ${unsigned} = (quadrant & ${unsigned}(2u)) << ${unsigned}(30u);
  let cosineSign: ${unsigned} = ((quadrant + 1u) & ${unsigned}(2u)) << ${unsigned}(30u);
  return Circle(
    bitcast<${float}>(bitcast<${unsigned}>(select(c, s, odd)) ^ cosineSign),
    bitcast<${float}>(bitcast<${unsigned}>(select(s, c, odd)) ^ sineSign)
  );
}
`;
}
