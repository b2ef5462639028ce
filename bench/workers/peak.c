// The most multiply-adds that this processor makes in float32: independent sums in registers, no memory.
//
//   peak THREADS        reads a count of rounds a line, prints the seconds that they took
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

typedef float Vector __attribute__((vector_size(4 * L)));
enum { SUMS = S };

static volatile float factor = 0.999f, summand = 0.001f, kept;
static long rounds;

// rounds × SUMS × L × 2 operations.
static void *work(void *unused) {
  (void)unused;
  const Vector a = factor - (Vector){0}, b = summand - (Vector){0};
  Vector sums[SUMS];
#pragma GCC unroll 32
  for (int s = 0; s < SUMS; s++) sums[s] = a + (float)s;
  for (long round = 0; round < rounds; round++) {
#pragma GCC unroll 32
    for (int s = 0; s < SUMS; s++) {
      sums[s] = sums[s] * a + b;
      __asm__("" : REGISTER(sums[s]));  // keeps the compiler from seeing through the recurrence
    }
  }
#pragma GCC unroll 32
  for (int s = 1; s < SUMS; s++) sums[0] += sums[s];
  kept = sums[0][0];
  return 0;
}

int main(int count, char **arguments) {
  const int threads = count > 1 ? atoi(arguments[1]) : 1;
  pthread_t others[64];
  while (scanf("%ld", &rounds) == 1) {
    struct timespec start, end;
    clock_gettime(CLOCK_MONOTONIC, &start);
    for (int t = 1; t < threads; t++) pthread_create(&others[t], 0, work, 0);
    work(0);
    for (int t = 1; t < threads; t++) pthread_join(others[t], 0);
    clock_gettime(CLOCK_MONOTONIC, &end);
    printf("%.9f\n", (double)(end.tv_sec - start.tv_sec) + 1e-9 * (double)(end.tv_nsec - start.tv_nsec));
    fflush(stdout);
  }
  return 0;
}
