// ξ of consecutive chains at one step, by Threefry4x32-20 and Box–Muller as core defines them: the same words, and
// normals in float64 that are rounded to float32 once. Logarithms and angles have 24 bits, so short tables and a few terms
// beside them are as exact as long polynomials, and faster. Words, logarithms and points on the circle are three passes over a
// piece of a chain, because all at once need more numbers than the processor has registers. Each pass has independent
// computations side by side, so that none waits for its own results.
#include <stdint.h>

#define INLINE static inline __attribute__((always_inline))

// A word of each of eight blocks, and numbers of four or two blocks.
typedef uint32_t Words __attribute__((vector_size(32)));
typedef int32_t FourIntegers __attribute__((vector_size(16)));
typedef uint64_t FourLongWords __attribute__((vector_size(32)));
typedef double FourDoubles __attribute__((vector_size(32)));
typedef int32_t TwoIntegers __attribute__((vector_size(8)));
typedef double TwoDoubles __attribute__((vector_size(16)));
typedef float FourFloats __attribute__((vector_size(16), aligned(4)));

// Key, noise_key and threefry, beside the kernel of the processor backend.
#include "threefry.h"

// What src/noise.ts writes here: 1/c and −2 ln c of 512 numbers c, and cos and sin of the middles of 512 parts of a circle.
static TwoDoubles logarithms[512], circles[512];
__attribute__((export_name("logarithms"))) TwoDoubles *logarithm_table(void) { return logarithms; }
__attribute__((export_name("circles"))) TwoDoubles *circle_table(void) { return circles; }

// What a pass leaves for the next, of blocks of four units: each has two radii and two angles.
enum { BLOCKS = 128 };
static uint32_t radius_words[2][BLOCKS], angle_words[2][BLOCKS], parts[2][BLOCKS];
static double squares[2][BLOCKS];

// The entry that lies so many bytes from the beginning.
INLINE TwoDoubles entry(const TwoDoubles table[], uint32_t bytes) {
  return *(const TwoDoubles *)((const char *)table + bytes);
}

// −2 ln u of u = (k + ½)/2²⁴ = s·2^e, with s in [11/16, 11/8). The table has a c near s, and c = 1 on either side of 1.
// r = s/c − 1 is exact, because 1/c has 24 bits, and below 1/512, so that ln(1 + r) takes five terms.
INLINE FourDoubles minus_two_log(FourDoubles k) {
  // As if k were 2⁶⁴ times as large, so that its exponent is not negative. A whole number becomes a float64 by being the last
  // bits of 1.5·2⁵², which is taken off again.
  const FourLongWords bits = (FourLongWords)(k + 0.5) - 0x3fe6000000000000 + (64ull << 52);
  const FourDoubles e = (FourDoubles)((bits >> 52) | 0x4338000000000000) - (0x1.8p52 + 64 + 24);
  const FourDoubles s = (FourDoubles)((bits & 0xfffffffffffff) + 0x3fe6000000000000);
  const FourLongWords at = bits >> 39 & 0x1ff0;
  const TwoDoubles a = entry(logarithms, at[0]), b = entry(logarithms, at[1]);
  const TwoDoubles c = entry(logarithms, at[2]), d = entry(logarithms, at[3]);
  const FourDoubles inverse = {a[0], b[0], c[0], d[0]}, logarithm = {a[1], b[1], c[1], d[1]};
  const FourDoubles r = s * inverse - 1.0, square = r * r;
  const FourDoubles terms = (r - 2.0) + square * ((r * (2.0 / 4) - 2.0 / 3) - square * (2.0 / 5));
  return (e * (-2 * 0x1.62e42fefa39efp-1) + logarithm) + r * terms;
}

// r cos 2πu and r sin 2πu of u = (k + ½)/2²⁴. The upper nine bits of k choose a part of the circle, and what is left, `rest`,
// is the angle a from its middle, which is at most π/512.
INLINE void on_circle(TwoDoubles r, const uint32_t part[2], TwoDoubles rest, TwoDoubles *x,
                      TwoDoubles *y) {
  const TwoDoubles p = entry(circles, part[0]), q = entry(circles, part[1]);
  const TwoDoubles c = {p[0], q[0]}, s = {p[1], q[1]};
  const TwoDoubles a = (rest - 16383.5) * (0x1.921fb54442d18p+2 * 0x1p-24), z = a * a;
  const TwoDoubles sine = a + a * (z * (z * (1.0 / 120) - 1.0 / 6));
  const TwoDoubles cosine_less_1 = z * (z * (1.0 / 24) - 1.0 / 2);
  *x = r * (c + (c * cosine_less_1 - s * sine));
  *y = r * (s + (s * cosine_less_1 + c * sine));
}

// Two numbers and two zeros, in one instruction, which clang finds only where it cannot see what becomes of the zeros.
INLINE FourFloats rounded(TwoDoubles x) {
  const TwoDoubles zeros = {0};
  FourFloats rounded =
      __builtin_convertvector(__builtin_shufflevector(x, zeros, 0, 1, 2, 3), FourFloats);
  __asm__("" : "+r"(rounded));
  return rounded;
}

// The units of so many blocks of a chain, times `scale`.
INLINE void fill_piece(float *noise, uint32_t units, Key key, uint32_t block, uint32_t chain,
                       uint32_t low, uint32_t high, double scale) {
  const uint32_t blocks = (units + 3) / 4;
  for (uint32_t at = 0; at < blocks; at += 8) {
    const Words zero = {0};
    Words x[4] = {(Words){0, 1, 2, 3, 4, 5, 6, 7} + (block + at), zero + chain, zero + low,
                  zero + high};
    threefry(x, key);
    for (int pair = 0; pair < 2; pair++) {
      *(Words *)&radius_words[pair][at] = x[2 * pair] >> 8;
      *(Words *)&angle_words[pair][at] = x[2 * pair + 1] >> 8 & 0x7fff;
      *(Words *)&parts[pair][at] = x[2 * pair + 1] >> 19 & 0x1ff0;
    }
  }
  for (int pair = 0; pair < 2; pair++) {
    for (uint32_t at = 0; at < blocks; at += 4) {
      const FourIntegers k = *(const FourIntegers *)&radius_words[pair][at];
      *(FourDoubles *)&squares[pair][at] = minus_two_log(__builtin_convertvector(k, FourDoubles));
    }
  }
  for (uint32_t at = 0; at < blocks; at += 2) {
    FourFloats n[2][2];
    for (int pair = 0; pair < 2; pair++) {
      const TwoDoubles radius =
          scale * __builtin_elementwise_sqrt(*(const TwoDoubles *)&squares[pair][at]);
      const TwoIntegers rest = *(const TwoIntegers *)&angle_words[pair][at];
      TwoDoubles x, y;
      on_circle(radius, &parts[pair][at], __builtin_convertvector(rest, TwoDoubles), &x, &y);
      n[pair][0] = rounded(x);
      n[pair][1] = rounded(y);
    }
    // A lane is a block, whose units follow each other in memory.
    const FourFloats a = __builtin_shufflevector(n[0][0], n[0][1], 0, 4, 1, 5);
    const FourFloats b = __builtin_shufflevector(n[1][0], n[1][1], 0, 4, 1, 5);
    const FourFloats xi[2] = {__builtin_shufflevector(a, b, 0, 1, 4, 5),
                              __builtin_shufflevector(a, b, 2, 3, 6, 7)};
    if (units - 4 * at >= 8) {
      *(FourFloats *)&noise[4 * at] = xi[0];
      *(FourFloats *)&noise[4 * at + 4] = xi[1];
    } else {
      for (uint32_t n = 0; 4 * at + n < units; n++) noise[4 * at + n] = xi[n / 4][n % 4];
    }
  }
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
    for (uint32_t unit = 0; unit < units; unit += 4 * BLOCKS) {
      const uint32_t count = units - unit < 4 * BLOCKS ? units - unit : 4 * BLOCKS;
      fill_piece(noise + unit, count, key, block + unit / 4, first_chain + chain, step_low,
                 step_high, scale[chain]);
    }
  }
}
