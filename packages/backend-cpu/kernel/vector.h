// What the kernel needs of a vector unit: L float lanes, loads that may be unaligned, multiply-add.
// The build chooses L (lanes of one vector), NV (vectors of a matrix block) and MC (chains of a tile).
#pragma once
#include <stdint.h>

#ifndef L
#error "L, NV and MC are chosen by the build"
#endif

enum { LANES = L, BLOCK_VECTORS = NV, BLOCK = NV * L, TILE_CHAINS = MC };

typedef float Vector __attribute__((vector_size(4 * L), aligned(4), may_alias));
typedef uint32_t Words __attribute__((vector_size(4 * L), aligned(4), may_alias));
typedef uint32_t Word __attribute__((may_alias));
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

// (a0 b0 a1 b1 …), the lower and the upper half.
#if L == 4
#define ZIP_LOW(a, b) __builtin_shufflevector(a, b, 0, 4, 1, 5)
#define ZIP_HIGH(a, b) __builtin_shufflevector(a, b, 2, 6, 3, 7)
#elif L == 8
#define ZIP_LOW(a, b) __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11)
#define ZIP_HIGH(a, b) __builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15)
#else
#define ZIP_LOW(a, b) \
  __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23)
#define ZIP_HIGH(a, b) \
  __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31)
#endif

// What a thread does while it waits for a word to change: at first, `SPINS` times, which is some 50 µs, and then.
#if defined(__wasm_atomics__)
enum { SPINS = 50000 };
static inline void rest(void) {}
static inline void yield(uint32_t *word, uint32_t value) {
  __builtin_wasm_memory_atomic_wait32((int *)word, (int)value, 50000);
}
#elif defined(__wasm__)
enum { SPINS = 0 };
static inline void rest(void) {}
static inline void yield(uint32_t *word, uint32_t value) { (void)word, (void)value; }
#else
#include <sched.h>
enum { SPINS = 2000 };
static inline void yield(uint32_t *word, uint32_t value) {
  (void)word, (void)value;
  sched_yield();
}
#if defined(__x86_64__)
static inline void rest(void) { __builtin_ia32_pause(); }
#else
static inline void rest(void) { __asm__ volatile("yield"); }
#endif
#endif
