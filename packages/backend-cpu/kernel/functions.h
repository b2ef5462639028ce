// The elementary functions of the kernel, in float32. The polynomials are least-maximum fits on the
// intervals named beside them; the tests measure what they and the rounding cost.
#pragma once
#include "vector.h"

// c₀zᵈ + c₁zᵈ⁻¹ + … + c_d, by Horner's rule.
INLINE Vector polynomial(Vector z, const int degree, const float *c) {
  Vector p = splat(c[0]);
  for (int k = 1; k <= degree; k++) p = multiply_add(p, z, splat(c[k]));
  return p;
}

// tanh x = x·P(x²)/Q(x²) on |x| ≤ 9.01, relative error of the fit 2.1e-8; ±1 beyond.
INLINE Vector hyperbolic_tangent(Vector x) {
  const float P[] = {1.333706656225786e-08f, 2.0596444301190786e-05f, 0.0034948219545185566f,
                     0.1338038146495819f, 1.0f};
  const float Q[] = {7.769376679789275e-07f, 0.00032843806548044086f, 0.025874068960547447f,
                     0.467136949300766f, 1.0f};
  const float end = 9.01f;
  x = choose(x > end, splat(end), x);
  x = choose(x < -end, splat(-end), x);
  const Vector z = x * x;
  const Vector y = x * polynomial(z, 4, P) / polynomial(z, 4, Q);
  return choose(y > 1.0f, splat(1.0f), choose(y < -1.0f, splat(-1.0f), y));
}

// −2 ln u of u = (m + ½)/2²⁴, m < 2²⁴. Above ½, 1 − u is exact in float32 where u is not, so the
// logarithm is taken of 1 + f with an f that is exact on either side.
INLINE Vector minus_two_log(Words m) {
  const Vector half = splat(0.5f);
  const Vector below = (to_floats(m) + half) * 0x1p-24f;              // u, exact for m < 2²³
  const Vector above = (to_floats(0xffffffu - m) + half) * 0x1p-24f;  // 1 − u, exact for m ≥ 2²³
  // u = s·2^e with s in [√½, √2): from the bits of u.
  const Words bits = (Words)below - 0x3f3504f3u;
  const Vector exponent = __builtin_convertvector((Signed)bits >> 23, Vector);
  const Vector significand = (Vector)((bits & 0x7fffffu) + 0x3f3504f3u);
  const Signed upper = (Signed)(m >= 0x800000u);
  const Signed top = above < 0.29289323f;  // u > √½, where e = 0
  const Vector e = choose(upper, choose(top, splat(0.0f), splat(-1.0f)), exponent);
  const Vector f = choose(upper, choose(top, -above, 1.0f - (above + above)), significand - 1.0f);
  // ln(1 + f) = f − f²/2 + f³·P(f), relative error of the fit 5.9e-9.
  const float P[] = {-0.07634429633617401f, 0.12761549651622772f,  -0.131601944565773f,
                     0.14201761782169342f,  -0.16623356938362122f, 0.20001226663589478f,
                     -0.250008225440979f,   0.3333333134651184f};
  const Vector f2 = f * f;
  const Vector log1p = f + multiply_add(f2 * f, polynomial(f, 7, P), splat(-0.5f) * f2);
  // ln u = e·ln 2 + ln(1 + f), with ln 2 in two parts, the first exact.
  const Vector rest = multiply_add(e, splat(-2.12194440e-4f), log1p);
  return -2.0f * multiply_add(e, splat(0.693359375f), rest);
}

// cos 2πu and sin 2πu of u = (m + ½)/2²⁴: the quadrant is split off in whole numbers, so the rest of
// the angle, in [−π/4, π/4], is exact before it is scaled.
INLINE void circle(Words m, Vector *cosine, Vector *sine) {
  const float S[] = {-0.00019515282474458218f, 0.00833216030150652f, -0.16666655242443085f};
  const float C[] = {2.443845005473122e-05f, -0.001388736767694354f, 0.04166664555668831f};
  const Words quadrant = (m + 0x200000u) >> 22;
  const Vector rest = __builtin_convertvector((Signed)(m - (quadrant << 22)), Vector) + 0.5f;
  const Vector x = rest * 3.7450704e-07f;  // 2π/2²⁴
  const Vector z = x * x;
  // sin x = x + x·z·S(z), cos x = 1 − z/2 + z²·C(z).
  const Vector s = multiply_add(polynomial(z, 2, S) * z, x, x);
  const Vector cosine_to_z = multiply_add(splat(-0.5f), z, splat(1.0f));
  const Vector c = multiply_add(polynomial(z, 2, C) * z, z, cosine_to_z);
  // Quadrants 1 and 3 exchange the two; the signs come from the quadrant's bits.
  const Signed odd = -(Signed)(quadrant & 1u);
  const Words sine_sign = (quadrant & 2u) << 30;
  const Words cosine_sign = ((quadrant + 1u) & 2u) << 30;
  *sine = (Vector)((Words)choose(odd, c, s) ^ sine_sign);
  *cosine = (Vector)((Words)choose(odd, s, c) ^ cosine_sign);
}
