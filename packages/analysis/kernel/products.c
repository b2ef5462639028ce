// Inner products of six queries with many references: the filter of the nearest-neighbour search. Twelve
// sums, two vectors of references and one query's value fit the 16 vector registers. Sums run over blocks of
// 32 dimensions, then over blocks, which keeps rounding small: the search relies on a bound of it.
#include <wasm_simd128.h>

// queries: [6][dimension]; references: [panels][dimension][8]; products: [6][panels * 8]
__attribute__((export_name("products"))) void products(const float *restrict queries,
                                                       const float *restrict references,
                                                       float *restrict products, int dimension,
                                                       int panels) {
  for (int panel = 0; panel < panels; panel++) {
    const float *reference = references + (long)panel * dimension * 8;
    v128_t totals[6][2];
    for (int q = 0; q < 6; q++) totals[q][0] = totals[q][1] = wasm_f32x4_splat(0);
    for (int block = 0; block < dimension; block += 32) {
      const int end = block + 32 < dimension ? block + 32 : dimension;
      v128_t sums[6][2];
      for (int q = 0; q < 6; q++) sums[q][0] = sums[q][1] = wasm_f32x4_splat(0);
      for (int i = block; i < end; i++, reference += 8) {
        const v128_t left = wasm_v128_load(reference);
        const v128_t right = wasm_v128_load(reference + 4);
        for (int q = 0; q < 6; q++) {
          const v128_t value = wasm_v128_load32_splat(queries + (long)q * dimension + i);
          sums[q][0] = wasm_f32x4_add(sums[q][0], wasm_f32x4_mul(value, left));
          sums[q][1] = wasm_f32x4_add(sums[q][1], wasm_f32x4_mul(value, right));
        }
      }
      for (int q = 0; q < 6; q++) {
        totals[q][0] = wasm_f32x4_add(totals[q][0], sums[q][0]);
        totals[q][1] = wasm_f32x4_add(totals[q][1], sums[q][1]);
      }
    }
    for (int q = 0; q < 6; q++) {
      float *row = products + (long)q * panels * 8 + panel * 8;
      wasm_v128_store(row, totals[q][0]);
      wasm_v128_store(row + 4, totals[q][1]);
    }
  }
}
