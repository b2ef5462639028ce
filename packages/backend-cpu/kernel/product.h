// Products of a matrix and the states of some chains, tile by tile: float32 as it stands, or bf16 with sums in float32
// (BF16), by vectors or by the processor's tiles (AMX).
//
// A factor in bf16 stands in pairs, because its instructions multiply two and add both: a matrix as
// [block][pair of columns][row in block][2], states as [chain][column], both padded with zeros to `columns`.
#pragma once
#include "structures.h"
#include "vector.h"

static inline int smaller(int a, int b) { return a < b ? a : b; }

#ifdef BF16
#include <immintrin.h>
// Columns of a factor: whole tiles, which are 32 deep.
static inline long columns_of(int N) { return (N + 31L) / 32 * 32; }
// From the factors of one state to those of the next.
static inline long stride_of(int N, long rows) { return (void)rows, columns_of(N); }
// Bytes of bf16, rounded to nearest even.
INLINE __m256i rounded(Vector value) { return (__m256i)_mm512_cvtneps_pbh((__m512)value); }
INLINE void store_factor(Factor *to, Vector value) {
  _mm256_storeu_si256((__m256i *)to, rounded(value));
}
#else
static inline long columns_of(int N) { return N; }
static inline long stride_of(int N, long rows) { return (void)N, rows; }
// States in float32 are their own factor.
INLINE void store_factor(Factor *to, Vector value) { (void)to, (void)value; }
#endif

// A product is made in tiles: a block of rows × a share of the chains, in shares as even as they can be.
#ifdef AMX
enum { SHARE = 32 };
#else
enum { SHARE = TILE_CHAINS };
#endif
typedef Vector Tile[SHARE][BLOCK_VECTORS];

// Blocks of rows, the last one first if `turned`.
typedef struct {
  int from, to, turned;
} Blocks;

// Where a tile lies: its first row and its vectors, its first chain and its chains.
typedef struct {
  int row, vectors, chain, chains;
} Place;

static inline int shares_of(int chains) { return (chains + SHARE - 1) / SHARE; }
static inline Place place_of(int block, int share, Blocks blocks, long rows, int chains) {
  const int row = (blocks.turned ? blocks.from + blocks.to - 1 - block : block) * BLOCK;
  const int chain = share * chains / shares_of(chains);
  const int end = (share + 1) * chains / shares_of(chains);
  return (Place){row, smaller(BLOCK, (int)rows - row) / LANES, chain, end - chain};
}

// Columns of a product. Sums that begin at a later one go on from what stands in their tile. Bounds between the first and
// the last are multiples of 32, so that every build can stop there.
typedef struct {
  int from, to;
} Columns;

// What is multiplied: a[k][row] and b[chain][k], and how far neighbours are apart.
typedef struct {
  const float *a;
  long a_column;  // 0 where a holds no other rows
  const float *b;
  long b_chain, b_column;
  int depth;
  int begun;  // whether the sums go on from what stands there
} Operands;

// sum[chain][row] = Σ_k a[k][row]·b[chain][k], in the order of k. With `pairs` both hold pairs of bf16 in place of floats.
INLINE void sums(Vector (*sum)[BLOCK_VECTORS], Operands of, const int vectors, const int chains,
                 const int pairs) {
  if (vectors > BLOCK_VECTORS || chains > TILE_CHAINS) return;
  const float *a = of.a, *b = of.b;
  const long a_column = of.a_column ? of.a_column : vectors * LANES;
  Vector total[TILE_CHAINS][BLOCK_VECTORS];
  for (int c = 0; c < chains; c++)
    for (int n = 0; n < vectors; n++) total[c][n] = of.begun ? sum[c][n] : splat(0.0f);
#ifdef __clang__
#pragma clang loop unroll(disable)
#endif
  for (int k = 0; k < of.depth; k++, a += a_column, b += of.b_column) {
    Vector column[BLOCK_VECTORS];
    for (int n = 0; n < vectors; n++) column[n] = load(a + n * LANES);
    // Fewer chains are sooner done with a column.
    const int ahead = 8 * (TILE_CHAINS / chains);
    for (int n = 0; n < vectors * LANES; n += 16) __builtin_prefetch(a + ahead * a_column + n);
    for (int c = 0; c < chains; c++) {
#ifdef BF16
      if (pairs) {
        const __m512bh pair = (__m512bh)splat_word(*(const Word *)(b + c * of.b_chain));
        for (int n = 0; n < vectors; n++)
          total[c][n] = (Vector)_mm512_dpbf16_ps((__m512)total[c][n], pair, (__m512bh)column[n]);
        continue;
      }
#endif
      const Vector value = splat(b[c * of.b_chain]);
      for (int n = 0; n < vectors; n++) total[c][n] = multiply_add(value, column[n], total[c][n]);
    }
  }
  (void)pairs;
  for (int c = 0; c < chains; c++)
    for (int n = 0; n < vectors; n++) sum[c][n] = total[c][n];
}

// Every size of a tile is code of its own, so that its sums stay in registers.
INLINE void sums_of_width(Vector (*sum)[BLOCK_VECTORS], Operands of, const int vectors, int chains,
                          const int pairs) {
  switch (chains) {
    case 1: return sums(sum, of, vectors, 1, pairs);
    case 2: return sums(sum, of, vectors, 2, pairs);
    case 3: return sums(sum, of, vectors, 3, pairs);
    case 4: return sums(sum, of, vectors, 4, pairs);
    case 5: return sums(sum, of, vectors, 5, pairs);
    case 6: return sums(sum, of, vectors, 6, pairs);
    case 7: return sums(sum, of, vectors, 7, pairs);
    case 8: return sums(sum, of, vectors, 8, pairs);
  }
}
INLINE void sums_of_size(Vector (*sum)[BLOCK_VECTORS], Operands of, int vectors, int chains,
                         const int pairs) {
  switch (vectors) {
    case 1: return sums_of_width(sum, of, 1, chains, pairs);
    case 2: return sums_of_width(sum, of, 2, chains, pairs);
    case 3: return sums_of_width(sum, of, 3, chains, pairs);
    case 4: return sums_of_width(sum, of, 4, chains, pairs);
  }
}

// tile[chain][row] = Σ_j block[row][j]·states[chain][j] over some columns, of a block of a matrix and the states of a few
// chains. Both begin at the first of these columns.
#ifdef AMX
#include "tiles.h"
#else
static void product_of_block(Tile tile, const Factor *block, const Factor *states, long stride,
                             Columns columns, int vectors, int chains) {
  const int depth = columns.to - columns.from, begun = columns.from > 0;
#ifdef BF16
  const float *a = (const float *)block, *b = (const float *)states;
  sums_of_size(tile, (Operands){a, 0, b, stride / 2, 1, (depth + 1) / 2, begun}, vectors, chains,
               1);
#else
  sums_of_size(tile, (Operands){block, 0, states, stride, 1, depth, begun}, vectors, chains, 0);
#endif
}
static inline void leave_tiles(void) {}
#endif

// The tile of a product at a place. The block is multiplied in a function of its own: where compilers see how its
// addresses come about, they spend more registers on them.
INLINE void product(Tile tile, const Factor *matrix, const Factor *states, long stride, int N,
                    Columns columns, Place at) {
  const Factor *block = matrix + at.row * columns_of(N) + columns.from * (long)at.vectors * LANES;
  product_of_block(tile, block, states + at.chain * stride + columns.from, stride, columns,
                   at.vectors, at.chains);
}

// tile[column][row] = Σ_chain left[chain][row]·right[chain][column], in float32, over B chains.
static void outer_product(Vector (*tile)[BLOCK_VECTORS], const float *left, const float *right,
                          long rows, int B, int vectors, int columns) {
  sums_of_size(tile, (Operands){left, rows, right, 1, rows, B, 0}, vectors, columns, 0);
}
