// Calls the kernel on every number of dimensions from 1 to 100 and of panels from 1 to 5, with arrays that end where the
// kernel's must, and compares it with sums in float64.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include "../../kernel/products.c"

static float value(int at) { return sinf((float)at * 1.7f); }

int main(void) {
  int calls = 0;
  for (int dimension = 1; dimension <= 100; dimension++) {
    for (int panels = 1; panels <= 5; panels++, calls++) {
      const int count = panels * 8;
      float *queries = malloc(sizeof(float) * 6 * dimension);
      float *references = malloc(sizeof(float) * count * dimension);
      float *found = malloc(sizeof(float) * 6 * count);
      for (int at = 0; at < 6 * dimension; at++) queries[at] = value(at);
      for (int at = 0; at < count * dimension; at++) references[at] = value(at + 1000);
      products(queries, references, found, dimension, panels);
      for (int query = 0; query < 6; query++) {
        for (int reference = 0; reference < count; reference++) {
          double sum = 0;
          for (int i = 0; i < dimension; i++) {
            const int at = (reference / 8 * dimension + i) * 8 + reference % 8;
            sum += (double)queries[query * dimension + i] * references[at];
          }
          if (!(fabs(found[query * count + reference] - sum) < 1e-6 * dimension)) {
            printf("query %d, reference %d, %d dimensions\n", query, reference, dimension);
            return 1;
          }
        }
      }
      free(queries);
      free(references);
      free(found);
    }
  }
  printf("%d calls\n", calls);
}
