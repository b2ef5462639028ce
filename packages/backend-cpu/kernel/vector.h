// What the kernel needs of a vector unit: L float lanes, loads that may be unaligned, multiply-add.
// The build chooses L (lanes of one vector), MR (rows of a tile) and NV (vectors of a tile).
#pragma once
#include <stdint.h>

#ifndef L
#error "L, MR and NV are chosen by the build"
#endif

enum { LANES = L, TILE_ROWS = MR, TILE_VECTORS = NV, PANEL = NV * L };

typedef float Vector __attribute__((vector_size(4 * L), aligned(4), may_alias));
typedef uint32_t Words __attribute__((vector_size(4 * L), aligned(4), may_alias));
typedef int32_t Signed __attribute__((vector_size(4 * L), aligned(4), may_alias));

static inline Vector load(const float *from) { return *(const Vector *)from; }
static inline void store(float *to, Vector value) { *(Vector *)to = value; }
static inline Vector splat(float value) { return value - (Vector){0}; }
static inline Words splat_word(uint32_t value) { return value - (Words){0}; }

// a·b + c, in one rounding where the build has it.
#if defined(RELAXED_FMA)
#define multiply_add(a, b, c) ((Vector)__builtin_wasm_relaxed_madd_f32x4(a, b, c))
#else
#define multiply_add(a, b, c) ((a) * (b) + (c))
#endif

#if defined(__wasm_simd128__)
static inline Vector square_root(Vector x) { return (Vector)__builtin_wasm_sqrt_f32x4(x); }
#else
static inline Vector square_root(Vector x) {
  for (int lane = 0; lane < L; lane++) x[lane] = __builtin_sqrtf(x[lane]);
  return x;
}
#endif

static inline Vector choose(Signed mask, Vector yes, Vector no) {
  return (Vector)((mask & (Signed)yes) | (~mask & (Signed)no));
}
static inline Vector to_floats(Words words) {
  return __builtin_convertvector((Signed)words, Vector);
}
