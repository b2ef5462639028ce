// ξ of consecutive chains at one step, by Threefry4x32-20 and Box–Muller as core defines them: the same words, and
// normals in float64 that are rounded to float32 once. Four blocks of four units are computed side by side. Logarithms and
// angles have 24 bits, so short tables and a few terms beside them are as exact as long polynomials, in three quarters of the
// time.
#include <stdint.h>

#define INLINE static inline __attribute__((always_inline))

typedef uint32_t Words __attribute__((vector_size(16)));
typedef float Floats __attribute__((vector_size(16), aligned(4)));
typedef double Doubles __attribute__((vector_size(32)));
// WebAssembly converts whole numbers with a sign, and shifts long ones without, in one instruction, and the others in several.
typedef int32_t Integers __attribute__((vector_size(16)));
typedef uint64_t LongWords __attribute__((vector_size(32)));

// Key, noise_key and threefry, beside the kernel of the processor backend.
#include "threefry.h"

typedef double Pair __attribute__((vector_size(16)));

// What src/noise.ts writes here: 1/c and ln c of 256 numbers c, and cos and sin of the middles of 1024 parts of a circle.
static Pair logarithms[256], circles[1024];
__attribute__((export_name("logarithms"))) Pair *logarithm_table(void) { return logarithms; }
__attribute__((export_name("circles"))) Pair *circle_table(void) { return circles; }

// The entries of a table, as two vectors.
INLINE void look_up(const Pair table[], Words index, Doubles *first, Doubles *second) {
  const Pair a = table[index[0]], b = table[index[1]], c = table[index[2]], d = table[index[3]];
  *first = (Doubles){a[0], b[0], c[0], d[0]};
  *second = (Doubles){a[1], b[1], c[1], d[1]};
}

// The whole numbers k of 24 bits that a word is for.
INLINE Doubles converted(Words k) { return __builtin_convertvector((Integers)k, Doubles); }

// √(−2 ln u) of u = (k + ½)/2²⁴ = s·2^e, with s in [11/16, 11/8). The table has a c near s, and c = 1 on either side of 1.
// r = s/c − 1 is exact, because 1/c has 24 bits, and below 1/256, so that ln(1 + r) takes seven terms.
INLINE Doubles radius(Words word) {
  const Doubles k = converted(word >> 8) + 0.5;
  // As if k were 2⁶⁴ times as large, so that its exponent is not negative. A whole number becomes a float64 by being the last
  // bits of 1.5·2⁵², which is taken off again.
  const LongWords bits = (LongWords)k - 0x3fe6000000000000 + (64ull << 52);
  const Doubles e = (Doubles)((bits >> 52) + 0x4338000000000000) - (0x1.8p52 + 64 + 24);
  const Doubles s = (Doubles)((bits & 0xfffffffffffff) + 0x3fe6000000000000);
  const Words index = __builtin_convertvector(bits >> 44, Words) & 255;
  Doubles inverse, logarithm;
  look_up(logarithms, index, &inverse, &logarithm);
  const Doubles r = s * inverse - 1.0;
  const Doubles terms =
      ((((r * (1.0 / 7) - 1.0 / 6) * r + 1.0 / 5) * r - 1.0 / 4) * r + 1.0 / 3) * r - 1.0 / 2;
  return __builtin_elementwise_sqrt(-2.0 *
                                    (e * 0x1.62e42fefa39efp-1 + logarithm + (r + r * r * terms)));
}

// cos 2πu and sin 2πu of u = (k + ½)/2²⁴. The upper ten bits of k choose a part of the circle, and what is left, the angle a
// from its middle, is at most π/1024.
INLINE void circle(Words word, Doubles *cosine, Doubles *sine) {
  Doubles c, s;
  look_up(circles, word >> 22, &c, &s);
  const Doubles a = (converted(word >> 8 & 0x3fff) - 8191.5) * (0x1.921fb54442d18p+2 * 0x1p-24);
  const Doubles z = a * a;
  const Doubles sine_a = a + a * (z * (z * (1.0 / 120) - 1.0 / 6));
  const Doubles cosine_a_less_1 = z * (z * (1.0 / 24) - 1.0 / 2);
  *cosine = c + (c * cosine_a_less_1 - s * sine_a);
  *sine = s + (s * cosine_a_less_1 + c * sine_a);
}

INLINE Floats rounded(Doubles x) { return __builtin_convertvector(x, Floats); }

// Sixteen consecutive units from a multiple of four on, times `scale`.
INLINE void normals(Key key, uint32_t block, uint32_t chain, uint32_t low, uint32_t high,
                    double scale, Floats xi[4]) {
  const Words zero = {0};
  Words x[4] = {(Words){0, 1, 2, 3} + block, zero + chain, zero + low, zero + high};
  threefry(x, key);
  const Doubles r0 = scale * radius(x[0]), r1 = scale * radius(x[2]);
  Doubles c0, s0, c1, s1;
  circle(x[1], &c0, &s0);
  circle(x[3], &c1, &s1);
  const Floats n0 = rounded(r0 * c0), n1 = rounded(r0 * s0);
  const Floats n2 = rounded(r1 * c1), n3 = rounded(r1 * s1);
  // A lane holds four units; units follow each other in memory.
  const Floats a = __builtin_shufflevector(n0, n1, 0, 4, 1, 5);
  const Floats b = __builtin_shufflevector(n2, n3, 0, 4, 1, 5);
  const Floats c = __builtin_shufflevector(n0, n1, 2, 6, 3, 7);
  const Floats d = __builtin_shufflevector(n2, n3, 2, 6, 3, 7);
  xi[0] = __builtin_shufflevector(a, b, 0, 1, 4, 5);
  xi[1] = __builtin_shufflevector(a, b, 2, 3, 6, 7);
  xi[2] = __builtin_shufflevector(c, d, 0, 1, 4, 5);
  xi[3] = __builtin_shufflevector(c, d, 2, 3, 6, 7);
}

// Fills `noise`, shape [chains][units], with the units of the chains from `first_chain` on, beginning with unit 4·`block`,
// times the scale of each chain.
__attribute__((export_name("fill"))) void fill(float *noise, uint32_t chains, uint32_t units,
                                               uint32_t block, uint32_t first_chain,
                                               uint32_t step_low, uint32_t step_high,
                                               uint32_t seed_low, uint32_t seed_high,
                                               uint32_t stream, const double *scale) {
  const Key key = noise_key((uint64_t)seed_high << 32 | seed_low, stream);
  for (uint32_t chain = 0; chain < chains; chain++, noise += units) {
    for (uint32_t unit = 0; unit < units; unit += 16) {
      Floats xi[4];
      normals(key, block + unit / 4, first_chain + chain, step_low, step_high, scale[chain], xi);
      if (units - unit >= 16) {
        for (int n = 0; n < 4; n++) *(Floats *)(noise + unit + 4 * n) = xi[n];
      } else {
        for (uint32_t n = 0; unit + n < units; n++) noise[unit + n] = xi[n / 4][n % 4];
      }
    }
  }
}
