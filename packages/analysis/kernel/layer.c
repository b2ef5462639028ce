// A layer of the judge in float64: y = W·x + b for some rows x. Each sum runs in the order of the inputs, as the same
// loop in JavaScript does, so both give the same bits. Two rows of eight outputs fill the 16 vector registers.
#include <wasm_simd128.h>

#define INLINE static inline __attribute__((always_inline))

enum { OUTPUTS = 8, VECTORS = OUTPUTS / 2 };

// sums[row][output] = Σ_k inputs[row][k]·weights[k][output] + bias[output], of eight outputs.
INLINE void sum(const double *inputs, const double *weights, const double *bias, double *sums,
                const int rows, int width, int outputs) {
  v128_t total[2][VECTORS];
  for (int row = 0; row < rows; row++)
    for (int n = 0; n < VECTORS; n++) total[row][n] = wasm_f64x2_splat(0);
  for (int k = 0; k < width; k++, weights += outputs) {
    v128_t weight[VECTORS];
    for (int n = 0; n < VECTORS; n++) weight[n] = wasm_v128_load(weights + 2 * n);
    for (int row = 0; row < rows; row++) {
      const v128_t input = wasm_v128_load64_splat(inputs + (long)row * width + k);
      for (int n = 0; n < VECTORS; n++)
        total[row][n] = wasm_f64x2_add(total[row][n], wasm_f64x2_mul(input, weight[n]));
    }
  }
  for (int row = 0; row < rows; row++)
    for (int n = 0; n < VECTORS; n++)
      wasm_v128_store(sums + (long)row * outputs + 2 * n,
                      wasm_f64x2_add(total[row][n], wasm_v128_load(bias + 2 * n)));
}

// inputs: [rows][width]; weights: [width][outputs]; bias: [outputs]; results: [rows][outputs], outputs a multiple of 8.
__attribute__((export_name("layer"))) void
layer(const double *restrict inputs, const double *restrict weights, const double *restrict bias,
      double *restrict results, int rows, int width, int outputs) {
  for (int output = 0; output < outputs; output += OUTPUTS) {
    const double *from = weights + output, *begin = bias + output;
    int row = 0;
    for (; row + 2 <= rows; row += 2)
      sum(inputs + (long)row * width, from, begin, results + (long)row * outputs + output, 2, width,
          outputs);
    if (row < rows)
      sum(inputs + (long)row * width, from, begin, results + (long)row * outputs + output, 1, width,
          outputs);
  }
}
