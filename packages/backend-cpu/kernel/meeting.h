// How threads that share the rows of the same chains wait for each other: at first `SPINS` times in a row, which is
// some 50 µs, and then with the processor given away.
#pragma once
#include "structures.h"

#if defined(__wasm_atomics__)
enum { SPINS = 50000 };
static inline void rest(void) {}
static inline void yield(uint32_t *word, uint32_t value) {
  __builtin_wasm_memory_atomic_wait32((int *)word, (int)value, 50000);
}
#elif defined(__wasm__)
enum { SPINS = 0 };
static inline void rest(void) {}
static inline void yield(uint32_t *word, uint32_t value) { (void)word, (void)value; }
#else
#include <sched.h>
enum { SPINS = 2000 };
static inline void yield(uint32_t *word, uint32_t value) {
  (void)word, (void)value;
  sched_yield();
}
#if defined(__x86_64__)
static inline void rest(void) { __builtin_ia32_pause(); }
#else
static inline void rest(void) { __asm__ volatile("yield"); }
#endif
#endif

// Waits until all threads have come here; 0 if one is missing.
static int meet(struct Meeting *meeting, uint32_t threads) {
  if (threads == 1) return 1;
  const uint32_t round = __atomic_load_n(&meeting->round, __ATOMIC_ACQUIRE);
  if (__atomic_add_fetch(&meeting->arrived, 1, __ATOMIC_ACQ_REL) == threads) {
    __atomic_store_n(&meeting->arrived, 0, __ATOMIC_RELAXED);
    __atomic_store_n(&meeting->round, round + 1, __ATOMIC_RELEASE);
    return 1;
  }
  for (int turn = 0; __atomic_load_n(&meeting->round, __ATOMIC_ACQUIRE) == round; turn++) {
    if (__atomic_load_n(&meeting->stopped, __ATOMIC_RELAXED)) return 0;
    if (turn < SPINS) rest();
    else yield(&meeting->round, round);
  }
  return 1;
}
