// The most multiply-adds that this processor makes in float32, or of bf16 with BF16 or AMX: independent sums in
// registers, no memory.
//
//   peak THREADS        reads a count of rounds a line, prints the seconds that they took
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#ifdef BF16
#include <immintrin.h>
#endif
#ifdef AMX
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

typedef float Vector __attribute__((vector_size(4 * L)));
enum { SUMS = S };

#ifndef AMX
static volatile float factor = 0.999f, summand = 0.001f, kept;
#endif
static long rounds;

#ifdef AMX
// rounds × SUMS × 16 × 16 × 32 × 2 operations, on tiles of zeros.
static void *work(void *unused) {
  (void)unused;
  struct {
    uint8_t palette, start, reserved[14];
    uint16_t bytes[16];
    uint8_t rows[16];
  } shape = {.palette = 1};
  for (int tile = 0; tile < 8; tile++) shape.bytes[tile] = 64, shape.rows[tile] = 16;
  __asm__ volatile("ldtilecfg %0" ::"m"(shape));
  for (long round = 0; round < rounds; round++)
    __asm__ volatile(
        "tdpbf16ps %tmm6, %tmm4, %tmm0\n tdpbf16ps %tmm7, %tmm4, %tmm1\n"
        "tdpbf16ps %tmm6, %tmm5, %tmm2\n tdpbf16ps %tmm7, %tmm5, %tmm3");
  __asm__ volatile("tilerelease");
  return 0;
}
#else
#ifdef BF16
// a bf16 is the upper half of a float; pairs make twice the operations.
#define NEXT(sum) (Vector)_mm512_dpbf16_ps((__m512)(sum), (__m512bh)a, (__m512bh)b)
#else
#define NEXT(sum) ((sum) * a + b)
#endif

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
      sums[s] = NEXT(sums[s]);
      __asm__("" : REGISTER(sums[s]));  // keeps the compiler from seeing through the recurrence
    }
  }
#pragma GCC unroll 32
  for (int s = 1; s < SUMS; s++) sums[0] += sums[s];
  kept = sums[0][0];
  return 0;
}
#endif

int main(int count, char **arguments) {
#ifdef AMX
  if (syscall(SYS_arch_prctl, 0x1023, 18)) return 1;  // asks for the tiles: ARCH_REQ_XCOMP_PERM, XTILEDATA
#endif
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
