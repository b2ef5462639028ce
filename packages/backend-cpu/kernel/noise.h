// ξ by Threefry4x32-20 and Box–Muller, with one block of four units per lane: the same bits as everywhere in
// this project.
#pragma once
#include "functions.h"
#include "threefry.h"

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
