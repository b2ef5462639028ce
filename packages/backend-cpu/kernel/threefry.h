// Threefry4x32-20, in vectors of 32-bit words: `Words` and `INLINE` are those of the file that includes this one. The noise
// package is compiled with it too.
#pragma once

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
