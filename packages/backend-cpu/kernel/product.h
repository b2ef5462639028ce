// The products of a matrix block and the states of a few chains, and what they multiply: float32 as it stands, or
// bf16 with sums in float32 (BF16), by vectors or by the processor's tiles (AMX).
//
// A factor in bf16 stands in pairs, because its instructions multiply two and add both: a matrix as
// [block][pair of columns][row in block][2], states as [chain][column], both padded with zeros to `columns`.
#pragma once
#include "noise.h"

#define INLINE static inline __attribute__((always_inline))

static inline int smaller(int a, int b) { return a < b ? a : b; }

#ifdef AMX
enum { PRODUCT_CHAINS = 32 };
#else
enum { PRODUCT_CHAINS = TILE_CHAINS };
#endif

// Sums of a product, [chain][vector].
typedef Vector Tile[PRODUCT_CHAINS][BLOCK_VECTORS];

#ifdef BF16
#include <immintrin.h>
typedef uint16_t Factor __attribute__((may_alias));
// Columns of a factor: whole tiles, which are 32 deep.
static inline long columns_of(int units) { return (units + 31L) / 32 * 32; }
static inline long stride_of(int units, long rows) { return (void)rows, columns_of(units); }
// Bytes of bf16, rounded to nearest even.
static inline __m256i rounded(Vector value) { return (__m256i)_mm512_cvtneps_pbh((__m512)value); }
static inline void store_factor(Factor *to, Vector value) {
  _mm256_storeu_si256((__m256i *)to, rounded(value));
}
#else
typedef float Factor;
static inline long columns_of(int units) { return units; }
// States in float32 are their own factor.
static inline long stride_of(int units, long rows) { return (void)units, rows; }
static inline void store_factor(Factor *to, Vector value) { (void)to, (void)value; }
#endif

// tile[c][n] = Σ_k a[k][n]·b[c][k], from zero. From one k to the next `a` goes on by `step` and `b` by
// `next`; chains are `apart`. With `pairs` both hold pairs of bf16 in place of floats.
INLINE void sums(Vector (*tile)[BLOCK_VECTORS], const float *a, long step, const float *b, long apart,
                 long next, int depth, const int vectors, const int chains, const int pairs) {
  Vector sum[TILE_CHAINS][BLOCK_VECTORS];
  for (int c = 0; c < chains; c++)
    for (int n = 0; n < vectors; n++) sum[c][n] = splat(0.0f);
#ifdef __clang__
#pragma clang loop unroll(disable)
#endif
  for (int k = 0; k < depth; k++, a += step, b += next) {
    Vector lanes[BLOCK_VECTORS];
    for (int n = 0; n < vectors; n++) lanes[n] = load(a + n * LANES);
    // Fewer chains are sooner done with a column.
    const int ahead = 8 * (TILE_CHAINS / chains);
    for (int n = 0; n < vectors * LANES; n += 16) __builtin_prefetch(a + ahead * step + n);
    for (int c = 0; c < chains; c++) {
#ifdef BF16
      if (pairs) {
        const Words weight = splat_word(*(const Word *)(b + c * apart));
        for (int n = 0; n < vectors; n++)
          sum[c][n] = (Vector)_mm512_dpbf16_ps((__m512)sum[c][n], (__m512bh)weight, (__m512bh)lanes[n]);
        continue;
      }
#endif
      const Vector weight = splat(b[c * apart]);
      for (int n = 0; n < vectors; n++) sum[c][n] = multiply_add(weight, lanes[n], sum[c][n]);
    }
  }
  (void)pairs;
  for (int c = 0; c < chains; c++)
    for (int n = 0; n < vectors; n++) tile[c][n] = sum[c][n];
}

// Every size of a tile as code of its own, so that its sums stay in registers.
#define SIZE(n, c)                                                                                 \
  case 16 * n + c:                                                                                 \
    if (n <= BLOCK_VECTORS && c <= TILE_CHAINS) SUMS(n, c);                                        \
    return;
#define SIZES(n) SIZE(n, 1) SIZE(n, 2) SIZE(n, 3) SIZE(n, 4) SIZE(n, 5) SIZE(n, 6) SIZE(n, 7) SIZE(n, 8)
#define EVERY_SIZE SIZES(1) SIZES(2) SIZES(3) SIZES(4)

#ifdef AMX
#include "tiles.h"
#else
// One block of a matrix against the states of a few chains, whose factors are `stride` apart.
static void product(Tile tile, const Factor *block, const Factor *states, long stride, int units,
                    int vectors, int chains) {
#ifdef BF16
#define SUMS(n, c)                                                                                 \
  sums(tile, (const float *)block, (n) * LANES, (const float *)states, stride / 2, 1, (units + 1) / 2, n, c, 1)
#else
#define SUMS(n, c) sums(tile, block, (n) * LANES, states, stride, 1, units, n, c, 0)
#endif
  switch (16 * vectors + chains) { EVERY_SIZE }
#undef SUMS
}
static inline void leave_tiles(void) {}
#endif

// The same over chains, in float32: a block of rows of one array of states against a few columns of another.
static void outer_product(Vector (*tile)[BLOCK_VECTORS], const float *left, const float *right,
                          long rows, int depth, int vectors, int columns) {
#define SUMS(n, c) sums(tile, left, rows, right, 1, rows, depth, n, c, 0)
  switch (16 * vectors + columns) { EVERY_SIZE }
#undef SUMS
}
