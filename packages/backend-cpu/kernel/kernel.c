// The compute kernel: pure functions on arrays that the caller lays out and owns.
//
// Layouts. Chains stand in panels of PANEL lanes, [panel][row][lane], so that a product reads them as
// they are. A matrix stands in blocks of TILE_ROWS rows, [block][column][row in block], once as J and
// once as Jᵀ. Rows are padded to whole blocks (`rows` ≥ `units`) with zeros that stay zero.
//
// Every sum over units runs in one order, whatever the tile, the panel or the thread, so results do
// not depend on how the work is cut.
#include "noise.h"

#define EXPORT __attribute__((visibility("default")))

typedef Vector Tile[TILE_ROWS][TILE_VECTORS];

// tile = Σ_k a[k][row]·b[k][lane], from zero.
static inline __attribute__((always_inline)) void product(Tile tile, const float *a, const float *b,
                                                          int depth) {
  for (int r = 0; r < TILE_ROWS; r++)
    for (int v = 0; v < TILE_VECTORS; v++) tile[r][v] = splat(0.0f);
#ifdef __clang__
#pragma clang loop unroll(disable)
#endif
  for (int k = 0; k < depth; k++) {
    Vector lanes[TILE_VECTORS];
    for (int v = 0; v < TILE_VECTORS; v++) lanes[v] = load(b + v * LANES);
    for (int r = 0; r < TILE_ROWS; r++) {
      const Vector weight = splat(a[r]);
      for (int v = 0; v < TILE_VECTORS; v++)
        tile[r][v] = multiply_add(weight, lanes[v], tile[r][v]);
    }
    a += TILE_ROWS;
    b += PANEL;
  }
}

static inline Vector firing_rate(Vector x, int activation) {
  if (activation) return x;
  return hyperbolic_tangent(x);
}
static inline Vector slope(Vector phi, int activation) {
  if (activation) return splat(1.0f);
  return 1.0f - phi * phi;
}

static void firing_rates(const float *x, float *phi, int count, int activation) {
  for (int at = 0; at < count; at += LANES)
    store(phi + at, firing_rate(load(x + at), activation));
}

// v = Jφ + b − x over some panels.
static void speeds(const float *couplings, const float *bias, const float *x, const float *phi,
                   float *v, int units, int rows, int panels) {
  for (int row = 0; row < rows; row += TILE_ROWS) {
    const float *block = couplings + (long)row * units;
    for (int panel = 0; panel < panels; panel++) {
      const long origin = (long)panel * rows * PANEL;
      Tile tile;
      product(tile, block, phi + origin, units);
      for (int r = 0; r < TILE_ROWS; r++)
        for (int n = 0; n < TILE_VECTORS; n++) {
          const long at = origin + (long)(row + r) * PANEL + n * LANES;
          store(v + at, tile[r][n] + bias[row + r] - load(x + at));
        }
    }
  }
}

// x += dt·F on the free units, F = v − φ′·(Jᵀv).
static void drift(const float *transposed, const float *free, float *x, const float *phi,
                  const float *v, int units, int rows, int panels, float dt, int activation) {
  for (int row = 0; row < rows; row += TILE_ROWS) {
    const float *block = transposed + (long)row * units;
    for (int panel = 0; panel < panels; panel++) {
      const long origin = (long)panel * rows * PANEL;
      Tile tile;
      product(tile, block, v + origin, units);
      for (int r = 0; r < TILE_ROWS; r++)
        for (int n = 0; n < TILE_VECTORS; n++) {
          const long at = origin + (long)(row + r) * PANEL + n * LANES;
          const Vector force = load(v + at) - slope(load(phi + at), activation) * tile[r][n];
          store(x + at, multiply_add(splat(dt * free[row + r]), force, load(x + at)));
        }
    }
  }
}

static void drift_without_feedback(const float *free, float *x, const float *v, int rows, int panels,
                                   float dt) {
  for (int panel = 0; panel < panels; panel++)
    for (int row = 0; row < rows; row++)
      for (int n = 0; n < TILE_VECTORS; n++) {
        const long at = ((long)panel * rows + row) * PANEL + n * LANES;
        store(x + at, multiply_add(splat(dt * free[row]), load(v + at), load(x + at)));
      }
}

static inline Words lane_numbers(void) {
  Words numbers;
  for (int lane = 0; lane < LANES; lane++) numbers[lane] = lane;
  return numbers;
}

// Writes ξ of a step into `noise`, for the chains of some panels.
static void noise_of_step(float *noise, int units, int rows, int panels, Key key, uint32_t chain,
                          uint64_t step) {
  for (int panel = 0; panel < panels; panel++)
    for (int n = 0; n < TILE_VECTORS; n++) {
      const Words chains = lane_numbers() + (chain + panel * PANEL + n * LANES);
      float *column = noise + (long)panel * rows * PANEL + n * LANES;
      for (int unit = 0; unit < units; unit += 4) {
        Vector xi[4];
        normals(key, unit / 4, chains, step, xi);
        for (int k = 0; k < 4 && unit + k < units; k++)
          store(column + (long)(unit + k) * PANEL, xi[k]);
      }
    }
}

// x += amplitude·ξ on the free units. Leimkuhler–Matthews (`previous` given) takes the mean of this
// step's ξ, which stands in `previous`, and the next one's, which it leaves there.
static inline __attribute__((always_inline)) void diffuse_units(const float *free, Vector scale,
                                                                float *x, float *previous,
                                                                const Vector *xi, int count) {
  for (int k = 0; k < count; k++) {
    Vector noise = xi[k];
    if (previous) {
      noise = 0.5f * (load(previous + k * PANEL) + xi[k]);
      store(previous + k * PANEL, xi[k]);
    }
    store(x + k * PANEL, multiply_add(scale * free[k], noise, load(x + k * PANEL)));
  }
}

static void diffuse(const float *free, const float *amplitude, float *x, float *previous, int units,
                    int rows, int panels, Key key, uint32_t chain, uint64_t step) {
  for (int panel = 0; panel < panels; panel++)
    for (int n = 0; n < TILE_VECTORS; n++) {
      const Words chains = lane_numbers() + (chain + panel * PANEL + n * LANES);
      const Vector scale = load(amplitude + panel * PANEL + n * LANES);
      const long origin = (long)panel * rows * PANEL + n * LANES;
      for (int unit = 0; unit < units; unit += 4) {
        const long at = origin + (long)unit * PANEL;
        float *before = previous ? previous + at : 0;
        Vector xi[4];
        normals(key, unit / 4, chains, previous ? step + 1 : step, xi);
        if (unit + 4 <= units) diffuse_units(free + unit, scale, x + at, before, xi, 4);
        else diffuse_units(free + unit, scale, x + at, before, xi, units - unit);
      }
    }
}

// Langevin steps of some panels. `scratch` holds three arrays of the panels' size.
//
// `amplitude` is √(2T dt) per chain, `noisy` 0 when all of them are 0, `gated` the number of first
// steps without feedback, `midpoint` 1 for Leimkuhler–Matthews.
EXPORT void advance(const float *couplings, const float *transposed, const float *bias,
                    const float *free, const float *amplitude, float *x, float *scratch, int units,
                    int rows, int panels, int activation, uint32_t chain, uint32_t seed_low,
                    uint32_t seed_high, uint32_t step_low, uint32_t step_high, int steps, int gated,
                    float dt, int midpoint, int noisy) {
  const int count = panels * rows * PANEL;
  float *phi = scratch, *v = scratch + count;
  float *previous = midpoint && noisy ? scratch + 2 * (long)count : 0;
  const Key key = noise_key(seed_low, seed_high, 0);
  uint64_t step = (uint64_t)step_high << 32 | step_low;
  firing_rates(x, phi, count, activation);
  if (previous) noise_of_step(previous, units, rows, panels, key, chain, step);
  for (int done = 0; done < steps; done++, step++) {
    speeds(couplings, bias, x, phi, v, units, rows, panels);
    if (done < gated) drift_without_feedback(free, x, v, rows, panels, dt);
    else drift(transposed, free, x, phi, v, units, rows, panels, dt, activation);
    if (noisy) diffuse(free, amplitude, x, previous, units, rows, panels, key, chain, step);
    firing_rates(x, phi, count, activation);
  }
}

// x ← N(0, 1) of a stream and step.
EXPORT void restart(float *x, int units, int rows, int panels, uint32_t chain, uint32_t seed_low,
                    uint32_t seed_high, uint32_t stream, uint32_t step_low, uint32_t step_high) {
  noise_of_step(x, units, rows, panels, noise_key(seed_low, seed_high, stream), chain,
                (uint64_t)step_high << 32 | step_low);
}

// E = ½‖v‖² (what 0) or x·∇E (what 1) of every chain of some panels. `scratch` as in `advance`.
EXPORT void measure(const float *couplings, const float *transposed, const float *bias,
                    const float *x, float *result, float *scratch, int units, int rows, int panels,
                    int activation, int what) {
  const int count = panels * rows * PANEL;
  float *phi = scratch, *v = scratch + count, *back = scratch + 2 * (long)count;
  firing_rates(x, phi, count, activation);
  speeds(couplings, bias, x, phi, v, units, rows, panels);
  if (what == 1)
    for (int row = 0; row < rows; row += TILE_ROWS)
      for (int panel = 0; panel < panels; panel++) {
        const long origin = (long)panel * rows * PANEL;
        Tile tile;
        product(tile, transposed + (long)row * units, v + origin, units);
        for (int r = 0; r < TILE_ROWS; r++)
          for (int n = 0; n < TILE_VECTORS; n++)
            store(back + origin + (long)(row + r) * PANEL + n * LANES, tile[r][n]);
      }
  for (int panel = 0; panel < panels; panel++)
    for (int lane = 0; lane < PANEL; lane++) {
      double sum = 0;
      for (int row = 0; row < units; row++) {
        const long at = ((long)panel * rows + row) * PANEL + lane;
        const double speed = v[at], gain = activation ? 1.0 : 1.0 - (double)phi[at] * phi[at];
        sum += what == 0 ? 0.5 * speed * speed : x[at] * (gain * back[at] - speed);
      }
      result[panel * PANEL + lane] = (float)sum;
    }
}

// v and φ of some panels, turned so that chains are the depth of a product: v into row blocks
// [block][chain][row in block], φ into panels of units [panel][chain][lane]. `first` is the panels'
// first chain within the `depth` chains that both arrays hold.
EXPORT void turn(const float *couplings, const float *bias, const float *x, float *scratch,
                 float *turned_speeds, float *turned_rates, int units, int rows, int panels,
                 int activation, int first, int depth) {
  const int count = panels * rows * PANEL;
  float *phi = scratch, *v = scratch + count;
  firing_rates(x, phi, count, activation);
  speeds(couplings, bias, x, phi, v, units, rows, panels);
  for (int panel = 0; panel < panels; panel++)
    for (int row = 0; row < rows; row++) {
      const float *from_v = v + ((long)panel * rows + row) * PANEL;
      const float *from_phi = phi + ((long)panel * rows + row) * PANEL;
      const long chain = first + panel * PANEL;
      float *to_v = turned_speeds + ((long)(row / TILE_ROWS) * depth + chain) * TILE_ROWS +
                    row % TILE_ROWS;
      float *to_phi = turned_rates + ((long)(row / PANEL) * depth + chain) * PANEL + row % PANEL;
      for (int lane = 0; lane < PANEL; lane++) {
        to_v[lane * TILE_ROWS] = from_v[lane];
        to_phi[lane * PANEL] = from_phi[lane];
      }
    }
}

// statistics += weight·(Σ v φᵀ, Σ v) over `chains` turned chains, for one block of rows; the diagonal is
// left alone.
EXPORT void correlate(float *correlations, float *speed_sums, const float *turned_speeds,
                      const float *turned_rates, float weight, int units, int block, int chains,
                      int depth) {
  const float *v = turned_speeds + (long)block * depth * TILE_ROWS;
  float *target = correlations + (long)block * units * TILE_ROWS;
  for (int column = 0; column < units; column += PANEL) {
    Tile tile;
    product(tile, v, turned_rates + (long)column * depth, chains);
    for (int r = 0; r < TILE_ROWS; r++)
      for (int lane = 0; lane < PANEL && column + lane < units; lane++)
        if (column + lane != block * TILE_ROWS + r)
          target[(long)(column + lane) * TILE_ROWS + r] +=
              weight * tile[r][lane / LANES][lane % LANES];
  }
  for (int r = 0; r < TILE_ROWS; r++) {
    float sum = 0;
    for (int chain = 0; chain < chains; chain++) sum += v[chain * TILE_ROWS + r];
    speed_sums[block * TILE_ROWS + r] += weight * sum;
  }
}

// One optimiser step of `count` parameters; clears their statistics. `scale` is 1/T, the corrections
// are 1/(1 − βᵘ), and the shares are 1 − β, which a float32 β would not give exactly. With `adam` 0 it is
// plain gradient descent.
EXPORT void descend(float *restrict parameters, float *restrict statistics, float *restrict first,
                    float *restrict second, int count, int adam, float scale, float rate,
                    float decay, float beta1, float share1, float beta2, float share2,
                    float epsilon, float first_correction, float second_correction) {
  if (!adam) {
    for (int at = 0; at < count; at++) {
      parameters[at] -= rate * (statistics[at] * scale + decay * parameters[at]);
      statistics[at] = 0;
    }
    return;
  }
  int at = 0;
  for (; at + LANES <= count; at += LANES) {
    const Vector p = load(parameters + at);
    const Vector gradient = load(statistics + at) * scale + decay * p;
    const Vector m = beta1 * load(first + at) + share1 * gradient;
    const Vector v = beta2 * load(second + at) + share2 * gradient * gradient;
    const Vector spread = square_root(v * second_correction) + epsilon;
    store(parameters + at, p - rate * (m * first_correction) / spread);
    store(statistics + at, splat(0.0f));
    store(first + at, m);
    store(second + at, v);
  }
  for (; at < count; at++) {
    const float gradient = statistics[at] * scale + decay * parameters[at];
    statistics[at] = 0;
    first[at] = beta1 * first[at] + share1 * gradient;
    second[at] = beta2 * second[at] + share2 * gradient * gradient;
    parameters[at] -= rate * (first[at] * first_correction) /
                      (__builtin_sqrtf(second[at] * second_correction) + epsilon);
  }
}

// The same for one block of rows of J, whose diagonal and its moments stay as they are.
EXPORT void descend_block(float *couplings, float *statistics, float *first, float *second,
                          int units, int block, int adam, float scale, float rate, float decay,
                          float beta1, float share1, float beta2, float share2, float epsilon,
                          float first_correction, float second_correction) {
  const long origin = (long)block * units * TILE_ROWS;
  float kept[TILE_ROWS][3];
  for (int r = 0; r < TILE_ROWS && block * TILE_ROWS + r < units; r++) {
    const long at = origin + (long)(block * TILE_ROWS + r) * TILE_ROWS + r;
    kept[r][0] = couplings[at];
    kept[r][1] = first[at];
    kept[r][2] = second[at];
  }
  descend(couplings + origin, statistics + origin, first + origin, second + origin,
          units * TILE_ROWS, adam, scale, rate, decay, beta1, share1, beta2, share2, epsilon,
          first_correction, second_correction);
  for (int r = 0; r < TILE_ROWS && block * TILE_ROWS + r < units; r++) {
    const long at = origin + (long)(block * TILE_ROWS + r) * TILE_ROWS + r;
    couplings[at] = kept[r][0];
    first[at] = kept[r][1];
    second[at] = kept[r][2];
  }
}

// One block of rows of Jᵀ from J.
EXPORT void transpose(float *transposed, const float *couplings, int units, int block) {
  float *target = transposed + (long)block * units * TILE_ROWS;
  for (int r = 0; r < TILE_ROWS && block * TILE_ROWS + r < units; r++) {
    const int column = block * TILE_ROWS + r;
    for (int row = 0; row < units; row++)
      target[(long)row * TILE_ROWS + r] =
          couplings[((long)(row / TILE_ROWS) * units + column) * TILE_ROWS + row % TILE_ROWS];
  }
}

// The shape of this build, for whoever lays out memory: rows of a tile and lanes of a panel.
EXPORT int tile_rows(void) { return TILE_ROWS; }
EXPORT int panel_lanes(void) { return PANEL; }

// What only a native library needs to say: which source it was made from, and whether this processor
// has the instructions that it was made of.
#ifdef KERNEL_SOURCE
EXPORT const char *kernel_source(void) { return KERNEL_SOURCE; }
EXPORT int supported(void) {
#if defined(__AVX512F__)
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
         __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
#elif defined(__AVX2__)
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#else
  return 1;
#endif
}
#endif
