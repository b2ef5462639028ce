// The elementary functions of the kernel, in float32. The polynomials are least-maximum fits on the
// intervals named beside them; the tests measure what they and the rounding cost.
#pragma once
#include "vector.h"

// tanh x: x·P(x²)/Q(x²) on |x| ≤ 9.01, relative error of the fit 2.1e-8; ±1 beyond.
static inline Vector hyperbolic_tangent(Vector x) {
  const float end = 9.01f;
  x = choose(x > end, splat(end), x);
  x = choose(x < -end, splat(-end), x);
  const Vector z = x * x;
  Vector p = multiply_add(splat(1.333706656225786e-08f), z, splat(2.0596444301190786e-05f));
  p = multiply_add(p, z, splat(0.0034948219545185566f));
  p = multiply_add(p, z, splat(0.1338038146495819f));
  p = multiply_add(p, z, splat(1.0f));
  Vector q = multiply_add(splat(7.769376679789275e-07f), z, splat(0.00032843806548044086f));
  q = multiply_add(q, z, splat(0.025874068960547447f));
  q = multiply_add(q, z, splat(0.467136949300766f));
  q = multiply_add(q, z, splat(1.0f));
  const Vector y = x * p / q;
  return choose(y > 1.0f, splat(1.0f), choose(y < -1.0f, splat(-1.0f), y));
}

// −2 ln u of u = (m + ½)/2²⁴, m < 2²⁴. Above ½, 1 − u is exact in float32 where u is not, so the
// logarithm is taken of 1 + f with an f that is exact on either side.
static inline Vector minus_two_log(Words m) {
  const Vector half = splat(0.5f);
  const Vector below = (to_floats(m) + half) * 0x1p-24f;              // u, exact for m < 2²³
  const Vector above = (to_floats(0xffffffu - m) + half) * 0x1p-24f;  // 1 − u, exact for m ≥ 2²³
  // u = s·2^e with s in [√½, √2): from the bits of u.
  const Words bits = (Words)below - 0x3f3504f3u;
  const Vector exponent = __builtin_convertvector((Signed)bits >> 23, Vector);
  const Vector significand = (Vector)((bits & 0x7fffffu) + 0x3f3504f3u);
  const Signed upper = (Signed)(m >= 0x800000u);
  const Signed top = above < 0.29289323f;  // u > √½, where e = 0
  Vector e = choose(upper, choose(top, splat(0.0f), splat(-1.0f)), exponent);
  Vector f = choose(upper, choose(top, -above, 1.0f - (above + above)), significand - 1.0f);
  // ln(1 + f) = f − f²/2 + f³·P(f), relative error of the fit 5.9e-9.
  Vector p = multiply_add(splat(-0.07634429633617401f), f, splat(0.12761549651622772f));
  p = multiply_add(p, f, splat(-0.131601944565773f));
  p = multiply_add(p, f, splat(0.14201761782169342f));
  p = multiply_add(p, f, splat(-0.16623356938362122f));
  p = multiply_add(p, f, splat(0.20001226663589478f));
  p = multiply_add(p, f, splat(-0.250008225440979f));
  p = multiply_add(p, f, splat(0.3333333134651184f));
  const Vector f2 = f * f;
  Vector log1p = f + multiply_add(f2 * f, p, splat(-0.5f) * f2);
  // e·ln 2 in two parts, the first exact.
  log1p = multiply_add(e, splat(-2.12194440e-4f), log1p);
  return -2.0f * multiply_add(e, splat(0.693359375f), log1p);
}

// cos 2πu and sin 2πu of u = (m + ½)/2²⁴: the quadrant is split off in whole numbers, so the rest of
// the angle, in [−π/4, π/4], is exact before it is scaled.
static inline void circle(Words m, Vector *cosine, Vector *sine) {
  const Words quadrant = (m + 0x200000u) >> 22;
  const Vector rest = __builtin_convertvector((Signed)(m - (quadrant << 22)), Vector) + 0.5f;
  const Vector x = rest * 3.7450704e-07f;  // 2π/2²⁴
  const Vector z = x * x;
  Vector s = multiply_add(splat(-0.00019515282474458218f), z, splat(0.00833216030150652f));
  s = multiply_add(s, z, splat(-0.16666655242443085f));
  s = multiply_add(s * z, x, x);
  Vector c = multiply_add(splat(2.443845005473122e-05f), z, splat(-0.001388736767694354f));
  c = multiply_add(c, z, splat(0.04166664555668831f));
  c = multiply_add(c * z, z, multiply_add(splat(-0.5f), z, splat(1.0f)));
  // Quadrants 1 and 3 exchange the two; the signs come from the quadrant's bits.
  const Signed odd = -(Signed)(quadrant & 1u);
  const Words sine_sign = (quadrant & 2u) << 30;
  const Words cosine_sign = ((quadrant + 1u) & 2u) << 30;
  *sine = (Vector)((Words)choose(odd, c, s) ^ sine_sign);
  *cosine = (Vector)((Words)choose(odd, s, c) ^ cosine_sign);
}
