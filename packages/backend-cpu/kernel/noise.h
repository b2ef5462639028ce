// ξ by Threefry4x32-20 and Box–Muller, with one block of four units per lane: the same bits as everywhere in
// this project.
#pragma once
#include "functions.h"

// Seed low, seed high, stream, 0, and their parity.
typedef struct {
  uint32_t word[5];
} Key;

INLINE Key noise_key(uint64_t seed, uint32_t stream) {
  const uint32_t low = (uint32_t)seed, high = (uint32_t)(seed >> 32);
  return (Key){{low, high, stream, 0, 0x1bd11bdau ^ low ^ high ^ stream}};
}

INLINE void mix(Words *a, Words *b, int bits) {
  *a += *b;
  *b = (*b << bits | *b >> (32 - bits)) ^ *a;
}

// Four rounds, and the key's `number`th injection.
INLINE void four_rounds(Words x[4], const int bits[8], Key key, int number) {
  for (int round = 0; round < 4; round++) {
    mix(&x[0], &x[round % 2 ? 3 : 1], bits[2 * round]);
    mix(&x[2], &x[round % 2 ? 1 : 3], bits[2 * round + 1]);
  }
  for (int n = 0; n < 4; n++) x[n] += key.word[(number + n) % 5];
  x[3] += (uint32_t)number;
}

INLINE void threefry(Words x[4], Key key) {
  const int odd[] = {10, 26, 11, 21, 13, 27, 23, 5}, even[] = {6, 20, 17, 11, 25, 10, 18, 20};
  for (int n = 0; n < 4; n++) x[n] += key.word[n];
  four_rounds(x, odd, key, 1);
  four_rounds(x, even, key, 2);
  four_rounds(x, odd, key, 3);
  four_rounds(x, even, key, 4);
  four_rounds(x, odd, key, 5);
}

// Unit normals of 4·LANES consecutive units, from a multiple of four on, of one chain at one step.
INLINE void normals(Key key, int unit, uint32_t chain, uint64_t step, Vector xi[4]) {
  Words x[4];
  for (int lane = 0; lane < LANES; lane++) x[0][lane] = (uint32_t)lane;
  x[0] += (uint32_t)(unit / 4);
  x[1] = splat_word(chain);
  x[2] = splat_word((uint32_t)step);
  x[3] = splat_word((uint32_t)(step >> 32));
  threefry(x, key);
  const Vector r0 = square_root(minus_two_log(x[0] >> 8));
  const Vector r1 = square_root(minus_two_log(x[2] >> 8));
  Vector cosine, sine;
  circle(x[1] >> 8, &cosine, &sine);
  const Vector n0 = r0 * cosine, n1 = r0 * sine;
  circle(x[3] >> 8, &cosine, &sine);
  const Vector n2 = r1 * cosine, n3 = r1 * sine;
  // A lane holds four units; units follow each other in memory.
  const Vector even_low = zip_low(n0, n2), even_high = zip_high(n0, n2);
  const Vector odd_low = zip_low(n1, n3), odd_high = zip_high(n1, n3);
  xi[0] = zip_low(even_low, odd_low);
  xi[1] = zip_high(even_low, odd_low);
  xi[2] = zip_low(even_high, odd_high);
  xi[3] = zip_high(even_high, odd_high);
}
