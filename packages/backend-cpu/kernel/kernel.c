// The compute kernel: pure functions on arrays that the caller lays out and owns.
//
// Layouts. States stand row by row, [chain][row], with rows padded to whole vectors (`rows` ≥ N); what is
// padded stays zero. A matrix stands in blocks of BLOCK rows, [block][column][row in block], the last
// block as narrow as it can be, once as J and once as Jᵀ. So a vector holds neighbouring units, and a
// product broadcasts the values of a few chains against it: any number of chains fills the lanes. What the products
// multiply are the `factors` of J, Jᵀ, φ and v: in a bf16 build their rounded copies, otherwise these arrays themselves.
//
// Every sum over units runs in one order, whatever the tile, the block or the thread, so results do
// not depend on how the work is cut.
#include "product.h"

#define EXPORT __attribute__((visibility("default")))

// Calls for every tile: blocks `from` to `to` of a matrix, the last one first if `turned`, and all chains in even
// shares. Within it stand `row`, `vectors`, `chain` and `some` (chains of this tile). Steps that take turns with
// `turned` begin with what the last one left in the cache.
#define EACH_TILE(from, to, turned, rows, chains)                                                  \
  for (int turn = (from), shares = ((chains) + PRODUCT_CHAINS - 1) / PRODUCT_CHAINS, row, vectors; \
       turn < (to) && (row = ((turned) ? (from) + (to) - 1 - turn : turn) * BLOCK,                 \
                       vectors = smaller(BLOCK, (rows) - row) / LANES, 1); turn++)                 \
    for (int share = 0, chain, some;                                                               \
         share < shares && (chain = (long)share * (chains) / shares,                               \
                           some = (long)(share + 1) * (chains) / shares - chain, 1);               \
         share++)

static inline Vector firing_rate(Vector x, int activation) {
  if (activation) return x;
  return hyperbolic_tangent(x);
}
static inline Vector slope(Vector phi, int activation) {
  if (activation) return splat(1.0f);
  return 1.0f - phi * phi;
}

// φ of the rows from `begin` to `end`.
static void firing_rates(const float *x, float *phi, Factor *phi_factors, int units, int begin, int end,
                         long rows, int chains, int activation) {
  const long stride = stride_of(units, rows);
  for (int chain = 0; chain < chains; chain++)
    for (int unit = begin; unit < end; unit += LANES) {
      const Vector rate = firing_rate(load(x + chain * rows + unit), activation);
      store(phi + chain * rows + unit, rate);
      store_factor(phi_factors + chain * stride + unit, rate);
    }
}

// v = Jφ + b − x of some blocks.
static void speeds(const Factor *couplings, const float *bias, const float *x,
                   const Factor *phi_factors, float *v, Factor *v_factors, int units, int rows,
                   int chains, int from, int to, int turned) {
  const long stride = stride_of(units, rows);
  EACH_TILE(from, to, turned, rows, chains) {
    Tile tile;
    product(tile, couplings + row * columns_of(units), phi_factors + chain * stride, stride, units,
            vectors, some);
    for (int c = 0; c < some; c++)
      for (int n = 0; n < vectors; n++) {
        const int unit = row + n * LANES;
        const long at = (long)(chain + c) * rows + unit;
        const Vector speed = tile[c][n] + load(bias + unit) - load(x + at);
        store(v + at, speed);
        store_factor(v_factors + (chain + c) * stride + unit, speed);
      }
  }
}

// x += dt·F on the free units of some blocks, F = v − φ′·(Jᵀv).
static void drift(const Factor *transposed, const float *free, float *x, const float *phi,
                  const float *v, const Factor *v_factors, int units, int rows, int chains, int from,
                  int to, int turned, float dt, int activation) {
  const long stride = stride_of(units, rows);
  EACH_TILE(from, to, turned, rows, chains) {
    Tile tile;
    product(tile, transposed + row * columns_of(units), v_factors + chain * stride, stride, units,
            vectors, some);
    for (int c = 0; c < some; c++)
      for (int n = 0; n < vectors; n++) {
        const int unit = row + n * LANES;
        const long at = (long)(chain + c) * rows + unit;
        const Vector force = load(v + at) - slope(load(phi + at), activation) * tile[c][n];
        store(x + at, multiply_add(dt * load(free + unit), force, load(x + at)));
      }
  }
}

static void drift_without_feedback(const float *free, float *x, const float *v, int begin, int end,
                                   long rows, int chains, float dt) {
  for (int chain = 0; chain < chains; chain++)
    for (int unit = begin; unit < end; unit += LANES) {
      const long at = chain * rows + unit;
      store(x + at, multiply_add(dt * load(free + unit), load(v + at), load(x + at)));
    }
}

// Writes ξ of a step into the rows from `begin` to `end`; padded rows stay as they are.
static void noise_of_step(float *noise, int units, int begin, int end, long rows, int chains, Key key,
                          uint32_t first, uint64_t step) {
  for (int chain = 0; chain < chains; chain++)
    for (int unit = begin; unit < end; unit += 4 * LANES) {
      Vector xi[4];
      normals(key, unit, first + chain, step, xi);
      for (int n = 0, at = unit; n < 4 && at < end; n++, at += LANES) {
        float *target = noise + chain * rows + at;
        if (at + LANES <= units) store(target, xi[n]);
        else
          for (int lane = 0; lane < units - at; lane++) target[lane] = xi[n][lane];
      }
    }
}

// x += amplitude·ξ on the free units. Leimkuhler–Matthews (`previous` given) takes the mean of this
// step's ξ, which stands in `previous`, and the next one's, which it leaves there.
static void diffuse(const float *free, const float *amplitude, float *x, float *previous, int begin,
                    int end, long rows, int chains, Key key, uint32_t first, uint64_t step) {
  for (int chain = 0; chain < chains; chain++) {
    const Vector scale = splat(amplitude[chain]);
    for (int unit = begin; unit < end; unit += 4 * LANES) {
      Vector xi[4];
      normals(key, unit, first + chain, previous ? step + 1 : step, xi);
      const int vectors = smaller(4, (end - unit) / LANES);
      for (int n = 0; n < vectors; n++) {
        const long at = chain * rows + unit + n * LANES;
        Vector noise = xi[n];
        if (previous) {
          noise = 0.5f * (load(previous + at) + noise);
          store(previous + at, xi[n]);
        }
        store(x + at, multiply_add(scale * load(free + unit + n * LANES), noise, load(x + at)));
      }
    }
  }
}

// Where threads that share the rows of the same chains meet: how many came, how often all did, and
// whether they are to give up because a thread is missing.
typedef struct {
  uint32_t arrived, round, stopped;
} Meeting;

static int meet(Meeting *meeting, uint32_t threads) {
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

// Langevin steps of some chains, on the blocks `from` to `to`. Threads that share the chains each take
// blocks of their own and meet twice a step; `threads` is 1 where a thread takes all of them. `phi`, `v`,
// their factors and `previous` are scratch of the chains' size; those who share chains share them.
//
// `amplitude` is √(2T dt) per chain, `noisy` 0 when all of them are 0, `gated` the number of first
// steps without feedback, `midpoint` 1 for Leimkuhler–Matthews.
EXPORT void advance(const Factor *couplings, const Factor *transposed, const float *bias,
                    const float *free, const float *amplitude, float *x, float *phi, float *v,
                    Factor *phi_factors, Factor *v_factors, float *previous, Meeting *meeting, int threads, int units, int rows, int chains,
                    int from, int to, int activation, uint32_t first, uint32_t seed_low,
                    uint32_t seed_high, uint32_t step_low, uint32_t step_high, int steps, int gated,
                    float dt, int midpoint, int noisy) {
  const int begin = smaller(from * BLOCK, rows), end = smaller(to * BLOCK, rows);
  const Key key = noise_key(seed_low, seed_high, 0);
  uint64_t step = (uint64_t)step_high << 32 | step_low;
  if (!(midpoint && noisy)) previous = 0;
  firing_rates(x, phi, phi_factors, units, begin, end, rows, chains, activation);
  if (previous) noise_of_step(previous, units, begin, end, rows, chains, key, first, step);
  for (int done = 0; done < steps; done++, step++) {
    // What a thread of several reads of the matrices may fit its cache.
    const int turned = threads > 1 && (step & 1);
    if (!meet(meeting, threads)) break;
    speeds(couplings, bias, x, phi_factors, v, v_factors, units, rows, chains, from, to, turned);
    if (!meet(meeting, threads)) break;
    if (done < gated) drift_without_feedback(free, x, v, begin, end, rows, chains, dt);
    else
      drift(transposed, free, x, phi, v, v_factors, units, rows, chains, from, to, turned, dt,
            activation);
    if (noisy) diffuse(free, amplitude, x, previous, begin, end, rows, chains, key, first, step);
    firing_rates(x, phi, phi_factors, units, begin, end, rows, chains, activation);
  }
  leave_tiles();
}

// x ← N(0, 1) of a stream and step.
EXPORT void restart(float *x, int units, int rows, int chains, uint32_t first, uint32_t seed_low,
                    uint32_t seed_high, uint32_t stream, uint32_t step_low, uint32_t step_high) {
  noise_of_step(x, units, 0, rows, rows, chains, noise_key(seed_low, seed_high, stream), first,
                (uint64_t)step_high << 32 | step_low);
}

// E = ½‖v‖² (what 0) or x·∇E (what 1) of some chains. `phi`, `v`, their factors and `back` are scratch of
// their size.
EXPORT void measure(const Factor *couplings, const Factor *transposed, const float *bias,
                    const float *x, float *result, float *phi, float *v, Factor *phi_factors,
                    Factor *v_factors, float *back, int units, int rows, int chains, int activation,
                    int what) {
  const int blocks = (rows + BLOCK - 1) / BLOCK;
  const long stride = stride_of(units, rows);
  firing_rates(x, phi, phi_factors, units, 0, rows, rows, chains, activation);
  speeds(couplings, bias, x, phi_factors, v, v_factors, units, rows, chains, 0, blocks, 0);
  if (what == 1) EACH_TILE(0, blocks, 0, rows, chains) {
      Tile tile;
      product(tile, transposed + row * columns_of(units), v_factors + chain * stride, stride, units,
              vectors, some);
      for (int c = 0; c < some; c++)
        for (int n = 0; n < vectors; n++)
          store(back + (long)(chain + c) * rows + row + n * LANES, tile[c][n]);
    }
  leave_tiles();
  for (int chain = 0; chain < chains; chain++) {
    double sum = 0;
    for (long at = (long)chain * rows; at < (long)chain * rows + units; at++) {
      const double speed = v[at], gain = activation ? 1.0 : 1.0 - (double)phi[at] * phi[at];
      sum += what == 0 ? 0.5 * speed * speed : x[at] * (gain * back[at] - speed);
    }
    result[chain] = (float)sum;
  }
}

// φ and v of some chains, whose factors are scratch of their size.
EXPORT void rates_and_speeds(const Factor *couplings, const float *bias, const float *x, float *phi,
                             float *v, Factor *phi_factors, Factor *v_factors, int units, int rows,
                             int chains, int activation) {
  firing_rates(x, phi, phi_factors, units, 0, rows, rows, chains, activation);
  speeds(couplings, bias, x, phi_factors, v, v_factors, units, rows, chains, 0,
         (rows + BLOCK - 1) / BLOCK, 0);
  leave_tiles();
}

// statistics += weight·(Σ v φᵀ, Σ v) over some chains, for one block of rows; the diagonal is left alone.
EXPORT void correlate(float *correlations, float *speed_sums, const float *v, const float *phi,
                      float weight, int units, int rows, int chains, int block) {
  const int row = block * BLOCK, width = smaller(BLOCK, rows - row), vectors = width / LANES;
  float *target = correlations + (long)row * units;
  for (int column = 0; column < units; column += TILE_CHAINS) {
    const int columns = smaller(TILE_CHAINS, units - column);
    Vector tile[TILE_CHAINS][BLOCK_VECTORS];
    outer_product(tile, v + row, phi + column, rows, chains, vectors, columns);
    for (int c = 0; c < columns; c++) {
      float *sum = target + (long)(column + c) * width;
      const int diagonal = column + c - row;
      const float kept = diagonal >= 0 && diagonal < width ? sum[diagonal] : 0;
      for (int n = 0; n < vectors; n++)
        store(sum + n * LANES, load(sum + n * LANES) + weight * tile[c][n]);
      if (diagonal >= 0 && diagonal < width) sum[diagonal] = kept;
    }
  }
  for (int r = row; r < row + width; r++) {
    float sum = 0;
    for (int chain = 0; chain < chains; chain++) sum += v[(long)chain * rows + r];
    speed_sums[r] += weight * sum;
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
                          int units, int rows, int block, int adam, float scale, float rate,
                          float decay, float beta1, float share1, float beta2, float share2,
                          float epsilon, float first_correction, float second_correction) {
  const int row = block * BLOCK, width = smaller(BLOCK, rows - row);
  const long origin = (long)row * units;
  float kept[BLOCK][3];
  for (int r = 0; r < width && row + r < units; r++) {
    const long at = origin + (long)(row + r) * width + r;
    kept[r][0] = couplings[at];
    kept[r][1] = first[at];
    kept[r][2] = second[at];
  }
  descend(couplings + origin, statistics + origin, first + origin, second + origin, units * width,
          adam, scale, rate, decay, beta1, share1, beta2, share2, epsilon, first_correction,
          second_correction);
  for (int r = 0; r < width && row + r < units; r++) {
    const long at = origin + (long)(row + r) * width + r;
    couplings[at] = kept[r][0];
    first[at] = kept[r][1];
    second[at] = kept[r][2];
  }
}

#ifdef BF16
// One block of rows of the factors of J and Jᵀ. Of J, a pair of columns is zipped; of Jᵀ, a pair is two neighbours
// in a column of J.
EXPORT void factorise(Factor *factors, Factor *transposed, const float *couplings, int units, int rows,
                      int block) {
  const int row = block * BLOCK, width = smaller(BLOCK, rows - row);
  const int filled = smaller(width, units - row);
  const long origin = row * columns_of(units);
  const float *columns = couplings + (long)row * units;
  Word *target = (Word *)(factors + origin);
  for (int column = 0; column < units; column += 2, columns += 2 * width, target += width)
    for (int r = 0; r < width; r += LANES) {
      const Vector right = column + 1 < units ? load(columns + width + r) : splat(0.0f);
      const Words low = (Words)_mm512_cvtepu16_epi32(rounded(load(columns + r)));
      *(Words *)(target + r) = low | (Words)_mm512_cvtepu16_epi32(rounded(right)) << 16;
    }
  target = (Word *)(transposed + origin);
  for (int from = 0; from < rows; from += BLOCK) {
    const int stride = smaller(BLOCK, rows - from);
    const float *source = couplings + (long)from * units + (long)row * stride;
    for (int i = 0; i < stride; i += LANES)
      for (int r = 0; r < filled; r++) {
        Word pairs[LANES / 2];
        _mm256_storeu_si256((__m256i *)pairs, rounded(load(source + (long)r * stride + i)));
        for (int pair = 0; pair < LANES / 2; pair++)
          target[((from + i) / 2 + pair) * (long)width + r] = pairs[pair];
      }
  }
}
#else
// One block of rows of Jᵀ from J, which is its own factor.
EXPORT void factorise(Factor *factors, Factor *transposed, const float *couplings, int units, int rows,
                      int block) {
  (void)factors;
  const int row = block * BLOCK, width = smaller(BLOCK, rows - row);
  const int filled = smaller(width, units - row);
  float *target = transposed + (long)row * units;
  for (int from = 0; from < units; from += BLOCK) {
    const int stride = smaller(BLOCK, rows - from), count = smaller(stride, units - from);
    const float *source = couplings + (long)from * units + (long)row * stride;
    for (int i = 0; i < count; i++)
      for (int r = 0; r < filled; r++)
        target[(long)(from + i) * width + r] = source[(long)r * stride + i];
  }
}
#endif

// The shape of this build, for whoever lays out memory.
EXPORT int block_rows(void) { return BLOCK; }
EXPORT int lanes(void) { return LANES; }

// What only a native library needs to say: which source it was made from, and whether this processor
// has the instructions that it was made of.
#ifdef KERNEL_SOURCE
#ifdef AMX
#include <sys/syscall.h>
#include <unistd.h>
// Tiles are a state of the processor that Linux gives to a process only when it asks.
static int given_tiles(void) {
  enum { ARCH_REQ_XCOMP_PERM = 0x1023, XFEATURE_XTILEDATA = 18 };
  unsigned a, b, c, d = 0;
  __asm__("cpuid" : "=a"(a), "=b"(b), "=c"(c), "=d"(d) : "0"(7), "2"(0));
  const int has = (d >> 22 & 1) && (d >> 24 & 1);  // AMX-BF16 and AMX-TILE
  return has && syscall(SYS_arch_prctl, ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA) == 0;
}
#endif
EXPORT const char *kernel_source(void) { return KERNEL_SOURCE; }
EXPORT int supported(void) {
#if defined(__AVX512F__)
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
         __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl")
#ifdef BF16
         && __builtin_cpu_supports("avx512bf16")
#endif
#ifdef AMX
         && given_tiles()
#endif
      ;
#elif defined(__AVX2__)
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#else
  return 1;
#endif
}
#endif
