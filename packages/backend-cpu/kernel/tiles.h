// The product by Advanced Matrix Extensions: 16 rows × 16 chains × 32 columns an instruction. Written in assembly,
// because what compilers offer for it does not say that it reads memory.
#pragma once

// Which tile register is what: sums of [half of the chains][vector], the states of a half, a matrix vector.
#define SUM00 "0"
#define SUM01 "1"
#define SUM10 "2"
#define SUM11 "3"
#define STATES0 "4"
#define STATES1 "5"
#define MATRIX0 "6"
#define MATRIX1 "7"

#define CLEAR(tile) __asm__ volatile("tilezero %%tmm" tile::)
#define LOAD(tile, from, apart)                                                                    \
  __asm__ volatile("tileloadd (%0,%1,1), %%tmm" tile::"r"(from), "r"((long)(apart)) : "memory")
#define STORE(tile, to, apart)                                                                     \
  __asm__ volatile("tilestored %%tmm" tile ", (%0,%1,1)" ::"r"(to), "r"((long)(apart)) : "memory")
// sum[chain][row] += states[chain][pair]·matrix[pair][row]
#define MULTIPLY(sum, states, matrix)                                                              \
  __asm__ volatile("tdpbf16ps %%tmm" matrix ", %%tmm" states ", %%tmm" sum::)

// Chains that the two halves of the tile registers are set up for on this thread; 0 where they are not in use.
static _Thread_local int halves[2];

static void enter_tiles(int first, int second) {
  if (halves[0] == first && halves[1] == second) return;
  struct {
    uint8_t palette, start, reserved[14];
    uint16_t bytes[16];
    uint8_t rows[16];
  } shape = {.palette = 1};
  const int rows[8] = {first, first, second, second, first, second, 16, 16};
  for (int tile = 0; tile < 8; tile++) {
    shape.bytes[tile] = 64;
    shape.rows[tile] = rows[tile];
  }
  __asm__ volatile("ldtilecfg %0" ::"m"(shape));
  halves[0] = first;
  halves[1] = second;
}

// A thread that keeps tiles in use is slower to switch away from.
static void leave_tiles(void) {
  if (halves[0] == 0) return;
  __asm__ volatile("tilerelease");
  halves[0] = 0;
}

#ifdef __SANITIZE_ADDRESS__
// Sanitizers do not see what assembly reads, so here the ends of every row are read before.
static void touch(const Factor *from, long apart, int rows) {
  for (int row = 0; row < rows; row++, from += apart) {
    (void)*(const volatile Factor *)from;
    (void)*(const volatile Factor *)(from + 31);
  }
}
#else
static inline void touch(const Factor *from, long apart, int rows) {
  (void)from, (void)apart, (void)rows;
}
#endif

INLINE void tile_sums(Tile tile, const Factor *block, const Factor *states, long stride, long depth,
                      int begun, const int vectors, int first, int second, const int both) {
  const long width = 2 * LANES * vectors;  // of a pair of columns
  const Factor *others = states + first * stride;
  if (begun) {
    LOAD(SUM00, tile[0], sizeof tile[0]);
    if (vectors > 1) LOAD(SUM01, tile[0] + 1, sizeof tile[0]);
    if (both) LOAD(SUM10, tile[first], sizeof tile[0]);
    if (both && vectors > 1) LOAD(SUM11, tile[first] + 1, sizeof tile[0]);
  } else {
    CLEAR(SUM00);
    if (vectors > 1) CLEAR(SUM01);
    if (both) CLEAR(SUM10);
    if (both && vectors > 1) CLEAR(SUM11);
  }
  for (long k = 0; k < depth; k += 32, block += 16 * width) {
    touch(block, width, 16);
    touch(block + width - 32, width, 16);
    touch(states + k, stride, first + second * both);
    LOAD(MATRIX0, block, 2 * width);
    LOAD(STATES0, states + k, 2 * stride);
    MULTIPLY(SUM00, STATES0, MATRIX0);
    if (vectors > 1) {
      LOAD(MATRIX1, block + 32, 2 * width);
      MULTIPLY(SUM01, STATES0, MATRIX1);
    }
    if (both) {
      LOAD(STATES1, others + k, 2 * stride);
      MULTIPLY(SUM10, STATES1, MATRIX0);
      if (vectors > 1) MULTIPLY(SUM11, STATES1, MATRIX1);
    }
  }
  STORE(SUM00, tile[0], sizeof tile[0]);
  if (vectors > 1) STORE(SUM01, tile[0] + 1, sizeof tile[0]);
  if (both) STORE(SUM10, tile[first], sizeof tile[0]);
  if (both && vectors > 1) STORE(SUM11, tile[first] + 1, sizeof tile[0]);
}

// Of up to 32 chains. Neither the other chains nor the way they are halved changes what one chain's sums are.
static void product_of_block(Tile tile, const Factor *block, const Factor *states, long stride,
                             Columns columns, int vectors, int chains) {
  const int both = chains > 16, first = both ? (chains + 1) / 2 : chains;
  const int second = both ? chains - first : first;
  const long depth = columns_of(columns.to) - columns.from;
  const int begun = columns.from > 0;
  enter_tiles(first, second);
  if (both && vectors > 1)
    tile_sums(tile, block, states, stride, depth, begun, 2, first, second, 1);
  else if (both) tile_sums(tile, block, states, stride, depth, begun, 1, first, second, 1);
  else if (vectors > 1) tile_sums(tile, block, states, stride, depth, begun, 2, first, second, 0);
  else tile_sums(tile, block, states, stride, depth, begun, 1, first, second, 0);
}
