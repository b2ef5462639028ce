// Threefry4x32-20 and Box–Muller with one block of four units per lane: the same bits as everywhere in
// this project.
#pragma once
#include "functions.h"

typedef struct {
  uint32_t key[5];  // seed low, seed high, stream, 0, and their parity
} Key;

static inline Key noise_key(uint32_t seed_low, uint32_t seed_high, uint32_t stream) {
  return (Key){{seed_low, seed_high, stream, 0, 0x1bd11bdau ^ seed_low ^ seed_high ^ stream}};
}

#define ROTATE(x, bits) ((x) << (bits) | (x) >> (32 - (bits)))
#define MIX(a, b, c, d, first, second) \
  a += b;                              \
  b = ROTATE(b, first) ^ a;            \
  c += d;                              \
  d = ROTATE(d, second) ^ c;
#define INJECT(number)                \
  x0 += k.key[(number) % 5];          \
  x1 += k.key[((number) + 1) % 5];    \
  x2 += k.key[((number) + 2) % 5];    \
  x3 += k.key[((number) + 3) % 5] + (number);
#define FOUR_ROUNDS_A         \
  MIX(x0, x1, x2, x3, 10, 26) \
  MIX(x0, x3, x2, x1, 11, 21) \
  MIX(x0, x1, x2, x3, 13, 27) \
  MIX(x0, x3, x2, x1, 23, 5)
#define FOUR_ROUNDS_B         \
  MIX(x0, x1, x2, x3, 6, 20)  \
  MIX(x0, x3, x2, x1, 17, 11) \
  MIX(x0, x1, x2, x3, 25, 10) \
  MIX(x0, x3, x2, x1, 18, 20)

// Unit normals of 4L consecutive units, from a multiple of four on, of one chain at one step.
static inline void normals(const Key k, int unit, uint32_t chain, uint64_t step, Vector result[4]) {
  Words x0;
  for (int lane = 0; lane < LANES; lane++) x0[lane] = lane;
  x0 += (uint32_t)(unit / 4) + k.key[0];
  Words x1 = splat_word(chain + k.key[1]);
  Words x2 = splat_word((uint32_t)step + k.key[2]);
  Words x3 = splat_word((uint32_t)(step >> 32) + k.key[3]);
  FOUR_ROUNDS_A INJECT(1) FOUR_ROUNDS_B INJECT(2) FOUR_ROUNDS_A INJECT(3) FOUR_ROUNDS_B INJECT(4)
  FOUR_ROUNDS_A INJECT(5)
  const Vector first = square_root(minus_two_log(x0 >> 8));
  const Vector second = square_root(minus_two_log(x2 >> 8));
  Vector cosine, sine;
  circle(x1 >> 8, &cosine, &sine);
  const Vector n0 = first * cosine, n1 = first * sine;
  circle(x3 >> 8, &cosine, &sine);
  const Vector n2 = second * cosine, n3 = second * sine;
  // A lane holds four units; units follow each other in memory.
  const Vector even_low = ZIP_LOW(n0, n2), even_high = ZIP_HIGH(n0, n2);
  const Vector odd_low = ZIP_LOW(n1, n3), odd_high = ZIP_HIGH(n1, n3);
  result[0] = ZIP_LOW(even_low, odd_low);
  result[1] = ZIP_HIGH(even_low, odd_low);
  result[2] = ZIP_LOW(even_high, odd_high);
  result[3] = ZIP_HIGH(even_high, odd_high);
}
