// Threefry4x32-20 and Box–Muller with one chain per lane: the same bits as everywhere in this project.
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

// Unit normals of four consecutive units, for one vector of chains at one step.
static inline void normals(const Key k, uint32_t unit_block, Words chain, uint64_t step,
                           Vector result[4]) {
  Words x0 = splat_word(unit_block + k.key[0]);
  Words x1 = chain + k.key[1];
  Words x2 = splat_word((uint32_t)step + k.key[2]);
  Words x3 = splat_word((uint32_t)(step >> 32) + k.key[3]);
  FOUR_ROUNDS_A INJECT(1) FOUR_ROUNDS_B INJECT(2) FOUR_ROUNDS_A INJECT(3) FOUR_ROUNDS_B INJECT(4)
  FOUR_ROUNDS_A INJECT(5)
  const Vector first = square_root(minus_two_log(x0 >> 8));
  const Vector second = square_root(minus_two_log(x2 >> 8));
  Vector cosine, sine;
  circle(x1 >> 8, &cosine, &sine);
  result[0] = first * cosine;
  result[1] = first * sine;
  circle(x3 >> 8, &cosine, &sine);
  result[2] = second * cosine;
  result[3] = second * sine;
}
