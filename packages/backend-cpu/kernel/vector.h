// What the kernel needs of a vector unit: float lanes, loads that may be unaligned, multiply-add. The build chooses
// LANES (of a vector), BLOCK_VECTORS (of a matrix block) and TILE_CHAINS (chains that share a load of the matrix).
#pragma once
#include <stdint.h>

#if !defined(LANES) || !defined(BLOCK_VECTORS) || !defined(TILE_CHAINS)
#error "LANES, BLOCK_VECTORS and TILE_CHAINS are chosen by the build"
#endif

enum { BLOCK = BLOCK_VECTORS * LANES };

#define INLINE static inline __attribute__((always_inline))

typedef float Vector __attribute__((vector_size(4 * LANES), aligned(4), may_alias));
typedef uint32_t Words __attribute__((vector_size(4 * LANES), aligned(4), may_alias));
typedef int32_t Signed __attribute__((vector_size(4 * LANES), aligned(4), may_alias));
typedef uint32_t Word __attribute__((may_alias));

INLINE Vector load(const float *from) { return *(const Vector *)from; }
INLINE void store(float *to, Vector value) { *(Vector *)to = value; }
INLINE Vector splat(float value) { return value - (Vector){0}; }
INLINE Words splat_word(uint32_t value) { return value - (Words){0}; }

// a·b + c, in one rounding where the build has it. A macro, because where c is a product too, compilers fuse the one that
// is written first, which has to be a·b.
#ifdef RELAXED_FMA
#define multiply_add(a, b, c) ((Vector)__builtin_wasm_relaxed_madd_f32x4(a, b, c))
#else
#define multiply_add(a, b, c) ((a) * (b) + (c))
#endif

INLINE Vector square_root(Vector x) {
#ifdef __wasm_simd128__
  return (Vector)__builtin_wasm_sqrt_f32x4(x);
#else
  for (int lane = 0; lane < LANES; lane++) x[lane] = __builtin_sqrtf(x[lane]);
  return x;
#endif
}

INLINE Vector choose(Signed mask, Vector yes, Vector no) {
  return (Vector)((mask & (Signed)yes) | (~mask & (Signed)no));
}
INLINE Vector to_floats(Words words) { return __builtin_convertvector((Signed)words, Vector); }

// (a₀ b₀ a₁ b₁ …), the lower and the upper half.
INLINE Vector zip_low(Vector a, Vector b) {
#if LANES == 4
  return __builtin_shufflevector(a, b, 0, 4, 1, 5);
#elif LANES == 8
  return __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11);
#elif LANES == 16
  return __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
#endif
}
INLINE Vector zip_high(Vector a, Vector b) {
#if LANES == 4
  return __builtin_shufflevector(a, b, 2, 6, 3, 7);
#elif LANES == 8
  return __builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15);
#elif LANES == 16
  return __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15,
                                 31);
#endif
}

// Rows become columns. Each round zips one half of the vectors with the other, which turns the bits of a value's place by
// one.
INLINE void transpose(Vector tile[LANES]) {
  for (int round = 1; round < LANES; round *= 2) {
    Vector next[LANES];
    for (int n = 0; n < LANES / 2; n++) {
      next[2 * n] = zip_low(tile[n], tile[n + LANES / 2]);
      next[2 * n + 1] = zip_high(tile[n], tile[n + LANES / 2]);
    }
    for (int n = 0; n < LANES; n++) tile[n] = next[n];
  }
}
