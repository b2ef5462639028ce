// The vector functions that kernel/products.c uses, for a C compiler of this machine.
#pragma once
#include <string.h>

typedef float v128_t __attribute__((vector_size(16)));

static inline v128_t wasm_f32x4_splat(float value) { return (v128_t){value, value, value, value}; }
static inline v128_t wasm_f32x4_add(v128_t a, v128_t b) { return a + b; }
static inline v128_t wasm_f32x4_mul(v128_t a, v128_t b) { return a * b; }
static inline v128_t wasm_v128_load(const float *from) {
  v128_t vector;
  memcpy(&vector, from, sizeof vector);
  return vector;
}
static inline v128_t wasm_v128_load32_splat(const float *from) { return wasm_f32x4_splat(*from); }
static inline void wasm_v128_store(float *to, v128_t vector) { memcpy(to, &vector, sizeof vector); }
