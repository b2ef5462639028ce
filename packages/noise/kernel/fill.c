// ξ of consecutive chains at one step, by Threefry4x32-20 and Box–Muller as core defines them: the same words, and
// normals in float64 that are rounded to float32 once. Four blocks of four units are computed side by side.
#include <stdint.h>

#define INLINE static inline __attribute__((always_inline))

typedef uint32_t Words __attribute__((vector_size(16)));
typedef float Floats __attribute__((vector_size(16), aligned(4)));
typedef double Doubles __attribute__((vector_size(32)));
typedef int64_t Longs __attribute__((vector_size(32)));
// WebAssembly converts whole numbers with a sign, and shifts long ones without, in one instruction, and the others in several.
typedef int32_t Integers __attribute__((vector_size(16)));
typedef uint64_t LongWords __attribute__((vector_size(32)));

// Key, noise_key and threefry, beside the kernel of the processor backend.
#include "threefry.h"

// u = ((word >>> 8) + ½)/2²⁴, exact.
INLINE Doubles uniform(Words word) {
  return (__builtin_convertvector((Integers)(word >> 8), Doubles) + 0.5) * 0x1p-24;
}

// A polynomial, the highest power first.
#define HORNER(x, ...)                                                                             \
  horner(x, (const double[]){__VA_ARGS__}, sizeof((double[]){__VA_ARGS__}) / sizeof(double))
INLINE Doubles horner(Doubles x, const double *coefficients, int count) {
  Doubles sum = (Doubles){0} + coefficients[0];
  for (int n = 1; n < count; n++) sum = sum * x + coefficients[n];
  return sum;
}

// √(−2 ln u). With u = s·2^e, s in [√½, √2), and z = (s − 1)/(s + 1): ln u = e·ln 2 + 2(z + z³·P(z²)), where the
// polynomials here and below are Chebyshev fits (chebyfit of mpmath) with errors below 2·10⁻¹⁶ of the term that they
// belong to. ln 2 has two parts, so that e times the first is exact.
INLINE Doubles radius(Doubles u) {
  // As if u were 2⁶⁴ times as large, so that its exponent is not negative. A whole number becomes a float64 by being the last
  // bits of 1.5·2⁵², which is taken off again.
  const LongWords bits = (LongWords)u - 0x3fe6a09e667f3bcd + (64ull << 52);
  const Doubles e = (Doubles)((bits >> 52) + 0x4338000000000000) - (0x1.8p52 + 64);
  const Doubles s = (Doubles)((bits & 0xfffffffffffff) + 0x3fe6a09e667f3bcd);
  const Doubles z = (s - 1.0) / (s + 1.0), w = z * z;
  const Doubles sum = w * HORNER(w, 0.073082927124443110, 0.076658553091053858,
                                 0.090914447278374730, 0.11111105565129940, 0.14285714313001634,
                                 0.19999999999949722, 0.33333333333333348);
  const Doubles rest = e * 0x1.9ef35793c7673p-41 + 2.0 * (z * sum);
  return __builtin_elementwise_sqrt(-2.0 * (e * 0x1.62e42fefa2p-1 + (2.0 * z + rest)));
}

// cos a and sin a of a = 2πu, rounded to float64 like core's. Whole quarter turns are taken off in two parts of π/2,
// the first of 33 bits, so that what is left, in [−π/4, π/4], is as exact as a.
INLINE void circle(Doubles u, Doubles *cosine, Doubles *sine) {
  const Doubles a = u * 0x1.921fb54442d18p+2;
  const Doubles shifted = u * 4.0 + 0x1.8p52, q = shifted - 0x1.8p52;
  const Longs turns = (Longs)shifted;
  const Doubles x = (a - q * 0x1.921fb54400000p+0) - q * 0x1.0b4611a626331p-34;
  const Doubles z = x * x;
  const Doubles s =
      x + x * (z * HORNER(z, 1.5918115263265975e-10, -2.5051131650235181e-8, 2.7557316101617874e-6,
                          -0.00019841269836756773, 0.0083333333333309473, -0.16666666666666665));
  const Doubles c = 1.0 - (0.5 * z - z * z *
                                         HORNER(z, -1.1382623647474605e-11, 2.0876146146558612e-9,
                                                -2.7557317271145146e-7, 2.4801587298764561e-5,
                                                -0.0013888888888887396, 0.041666666666666665));
  // Odd quarters exchange the two; the signs come from the quarter's bits.
  const Longs odd = -(turns & 1);
  const Longs exchange = ((Longs)c ^ (Longs)s) & odd;
  *sine = (Doubles)((Longs)s ^ exchange ^ ((turns & 2) << 62));
  *cosine = (Doubles)((Longs)c ^ exchange ^ (((turns + 1) & 2) << 62));
}

INLINE Floats rounded(Doubles x) { return __builtin_convertvector(x, Floats); }

// Sixteen consecutive units from a multiple of four on, times `scale`.
INLINE void normals(Key key, uint32_t block, uint32_t chain, uint32_t low, uint32_t high,
                    double scale, Floats xi[4]) {
  const Words zero = {0};
  Words x[4] = {(Words){0, 1, 2, 3} + block, zero + chain, zero + low, zero + high};
  threefry(x, key);
  const Doubles r0 = scale * radius(uniform(x[0])), r1 = scale * radius(uniform(x[2]));
  Doubles c0, s0, c1, s1;
  circle(uniform(x[1]), &c0, &s0);
  circle(uniform(x[3]), &c1, &s1);
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

// Fills `noise`, shape [units], with the units of one chain from 4·`block` on, times `scale`.
__attribute__((export_name("fill"))) void fill(float *noise, uint32_t units, uint32_t block,
                                               uint32_t chain, uint32_t step_low,
                                               uint32_t step_high, uint32_t seed_low,
                                               uint32_t seed_high, uint32_t stream, double scale) {
  const Key key = noise_key((uint64_t)seed_high << 32 | seed_low, stream);
  for (uint32_t unit = 0; unit < units; unit += 16) {
    Floats xi[4];
    normals(key, block + unit / 4, chain, step_low, step_high, scale, xi);
    if (units - unit >= 16) {
      for (int n = 0; n < 4; n++) *(Floats *)(noise + unit + 4 * n) = xi[n];
    } else {
      for (uint32_t n = 0; unit + n < units; n++) noise[unit + n] = xi[n / 4][n % 4];
    }
  }
}
