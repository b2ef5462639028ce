// The compute kernel: pure functions of a session, in memory that the caller lays out and owns (structures.h).
//
// A matrix stands in blocks of BLOCK rows, [block][column][row in block], once as J and once as Jᵀ. So a vector holds
// neighbouring units, and a product broadcasts the values of a few chains against it: any number of chains fills the
// lanes. What the products multiply are the `factors` of J, Jᵀ, φ and v: in a bf16 build their rounded copies,
// otherwise these arrays themselves.
//
// Every sum over units runs in one order, whatever the tile, the block or the thread, so results do
// not depend on how the work is cut.
#include "meeting.h"
#include "noise.h"
#include "product.h"

#define EXPORT __attribute__((visibility("default")))

// The states of a run: the arrays begin with its first one.
typedef struct {
  int N, B, identity;
  long rows, stride;
  float *x, *phi, *v, *xi, *pinned_sums;
  Factor *phi_factors, *v_factors;
} States;

static inline States states_of(const struct Session *session, const struct Run *run) {
  const long rows = session->rows, stride = stride_of(session->N, rows);
  return (States){
      .N = session->N,
      .B = run->B,
      .identity = session->identity,
      .rows = rows,
      .stride = stride,
      .x = (run->batch ? session->batch : session->x) + run->first * rows,
      .phi = session->phi + run->place * rows,
      .v = session->v + run->place * rows,
      .xi = session->xi + run->place * rows,
      .pinned_sums = session->pinned_sums + run->place * rows,
      .phi_factors = session->phi_factors + run->place * stride,
      .v_factors = session->v_factors + run->place * stride,
  };
}

static inline Blocks all_blocks(States s) {
  return (Blocks){0, ((int)s.rows + BLOCK - 1) / BLOCK, 0};
}

// φ(x) on the rows from `begin` to `end`.
static void firing_rates(States s, int begin, int end) {
  for (int chain = 0; chain < s.B; chain++)
    for (int i = begin; i < end; i += LANES) {
      const Vector x = load(s.x + chain * s.rows + i);
      const Vector phi = s.identity ? x : hyperbolic_tangent(x);
      store(s.phi + chain * s.rows + i, phi);
      store_factor(s.phi_factors + chain * s.stride + i, phi);
    }
}

// Σ_j J_ij φ_j over the pinned columns, on some blocks of rows: while a run lasts, these rates do not change.
static void sum_pinned(States s, const Factor *J, Blocks blocks, int pinned) {
  for (int block = blocks.from; block < blocks.to; block++)
    for (int share = 0; share < shares_of(s.B); share++) {
      const Place at = place_of(block, share, blocks, s.rows, s.B);
      Tile Jphi;
      product(Jphi, J, s.phi_factors, s.stride, s.N, (Columns){0, pinned}, at);
      for (int c = 0; c < at.chains; c++)
        for (int n = 0; n < at.vectors; n++)
          store(s.pinned_sums + (at.chain + c) * s.rows + at.row + n * LANES, Jphi[c][n]);
    }
}

// v = Jφ + b − x on some blocks of rows. The sums over the first `pinned` columns are there already.
static void speeds(States s, const Factor *J, const float *b, Blocks blocks, int pinned) {
  for (int block = blocks.from; block < blocks.to; block++)
    for (int share = 0; share < shares_of(s.B); share++) {
      const Place at = place_of(block, share, blocks, s.rows, s.B);
      Tile Jphi;
      if (pinned)
        for (int c = 0; c < at.chains; c++)
          for (int n = 0; n < at.vectors; n++)
            Jphi[c][n] = load(s.pinned_sums + (at.chain + c) * s.rows + at.row + n * LANES);
      product(Jphi, J, s.phi_factors, s.stride, s.N, (Columns){pinned, s.N}, at);
      for (int c = 0; c < at.chains; c++)
        for (int n = 0; n < at.vectors; n++) {
          const int i = at.row + n * LANES, chain = at.chain + c;
          const Vector v = Jphi[c][n] + load(b + i) - load(s.x + chain * s.rows + i);
          store(s.v + chain * s.rows + i, v);
          store_factor(s.v_factors + chain * s.stride + i, v);
        }
    }
}

// φ′(x) = 1 − φ².
INLINE Vector slope(Vector phi, int identity) {
  if (identity) return splat(1.0f);
  return 1.0f - phi * phi;
}

// Whether no unit of some rows is free, so that nothing of them changes.
static int all_pinned(const float *free, int rows) {
  Vector any = splat(0.0f);
  for (int n = 0; n < rows; n += LANES) any += load(free + n);
  for (int lane = 0; lane < LANES; lane++)
    if (any[lane] != 0) return 0;
  return 1;
}

// x += dt·F on the free units of some blocks of rows, F = v − φ′(x)·(Jᵀv).
static void drift(States s, const Factor *Jt, const float *free, Blocks blocks, float dt) {
  for (int block = blocks.from; block < blocks.to; block++)
    for (int share = 0; share < shares_of(s.B); share++) {
      const Place at = place_of(block, share, blocks, s.rows, s.B);
      if (all_pinned(free + at.row, at.vectors * LANES)) break;
      Tile Jtv;
      product(Jtv, Jt, s.v_factors, s.stride, s.N, (Columns){0, s.N}, at);
      for (int c = 0; c < at.chains; c++)
        for (int n = 0; n < at.vectors; n++) {
          const int i = at.row + n * LANES;
          const long xi = (at.chain + c) * s.rows + i;
          const Vector force = load(s.v + xi) - slope(load(s.phi + xi), s.identity) * Jtv[c][n];
          store(s.x + xi, multiply_add(dt * load(free + i), force, load(s.x + xi)));
        }
    }
}

// x += dt·v on the free units from `begin` to `end`.
static void drift_without_feedback(States s, const float *free, int begin, int end, float dt) {
  for (int chain = 0; chain < s.B; chain++)
    for (int i = begin; i < end; i += LANES) {
      const long at = chain * s.rows + i;
      store(s.x + at, multiply_add(dt * load(free + i), load(s.v + at), load(s.x + at)));
    }
}

// ξ of a step on the rows from `begin` to `end`, whose first chain has the number `first`; padded rows stay as they are.
static void noise_of_step(States s, float *xi, int begin, int end, Key key, uint32_t first,
                          uint64_t step) {
  for (int chain = 0; chain < s.B; chain++)
    for (int unit = begin; unit < end; unit += 4 * LANES) {
      Vector values[4];
      normals(key, unit, first + (uint32_t)chain, step, values);
      for (int n = 0, i = unit; n < 4 && i < end; n++, i += LANES) {
        float *to = xi + chain * s.rows + i;
        if (i + LANES <= s.N) store(to, values[n]);
        else
          for (int lane = 0; lane < s.N - i; lane++) to[lane] = values[n][lane];
      }
    }
}

// x += √(2T dt)·ξ on the free units from `begin` to `end`. With `midpoint`, Leimkuhler–Matthews takes (ξ + ξ′)/2 in
// place of ξ, where ξ is what was left for this step and ξ′ is the next one's, which is left in turn.
INLINE void diffuse(States s, const float *free, const float *amplitude, int midpoint, int begin,
                    int end, Key key, uint32_t first, uint64_t step) {
  for (int chain = 0; chain < s.B; chain++) {
    const Vector scale = splat(amplitude[chain]);
    for (int unit = begin; unit < end; unit += 4 * LANES) {
      Vector values[4];
      normals(key, unit, first + (uint32_t)chain, midpoint ? step + 1 : step, values);
      const int vectors = smaller(4, (end - unit) / LANES);
      for (int n = 0; n < vectors; n++) {
        const int i = unit + n * LANES;
        const long at = chain * s.rows + i;
        Vector xi = values[n];
        if (midpoint) {
          xi = 0.5f * (load(s.xi + at) + xi);
          store(s.xi + at, values[n]);
        }
        store(s.x + at, multiply_add(scale * load(free + i), xi, load(s.x + at)));
      }
    }
  }
}

// Langevin steps, on blocks of rows. Threads that share the states each take blocks of their own and meet twice a step.
EXPORT void advance(const struct Session *session, const struct Run *run) {
  const States s = states_of(session, run);
  const float *b = session->b, *free = session->free, *amplitude = session->amplitude + run->first;
  const Factor *J = session->J_factors, *Jt = session->Jt_factors;
  struct Meeting *meeting = session->meeting;
  const Key key = noise_key(session->seed, run->stream);
  const uint32_t first = session->first_chain + (uint32_t)run->first;
  const int threads = run->threads, steps = run->steps, without_feedback = run->without_feedback;
  const int noisy = run->noisy, midpoint = run->midpoint && noisy, pinned = run->pinned;
  const float dt = run->dt;
  Blocks blocks = {run->from, run->to, 0};
  const int first_row = smaller(blocks.from * BLOCK, session->rows);
  const int end = smaller(blocks.to * BLOCK, session->rows);
  const int begin = first_row < pinned ? smaller(pinned, end) : first_row;  // of what moves
  uint64_t step = run->step;
  firing_rates(s, first_row, end);
  if (midpoint) noise_of_step(s, s.xi, begin, end, key, first, step);
  if (pinned) {
    if (!meet(meeting, (uint32_t)threads)) return leave_tiles();
    sum_pinned(s, J, blocks, pinned);
  }
  for (int done = 0; done < steps; done++, step++) {
    // What a thread of several reads of the matrices may fit its cache: every other step begins with what the last
    // one left there.
    blocks.turned = threads > 1 && (step & 1);
    if (!meet(meeting, (uint32_t)threads)) break;
    speeds(s, J, b, blocks, pinned);
    if (!meet(meeting, (uint32_t)threads)) break;
    if (done < without_feedback) drift_without_feedback(s, free, begin, end, dt);
    else drift(s, Jt, free, blocks, dt);
    if (noisy) diffuse(s, free, amplitude, midpoint, begin, end, key, first, step);
    firing_rates(s, begin, end);
  }
  leave_tiles();
}

// x ← μ + σ·ξ with the ξ of a stream and step.
EXPORT void draw(const struct Session *session, const struct Run *run) {
  const States s = states_of(session, run);
  noise_of_step(s, s.x, 0, session->rows, noise_key(session->seed, run->stream),
                session->first_chain + (uint32_t)run->first, run->step);
  for (int chain = 0; chain < s.B; chain++)
    for (int unit = 0; unit < s.rows; unit += LANES) {
      float *x = s.x + (long)chain * s.rows + unit;
      store(x, load(session->mean + unit) + run->spread * load(x));
    }
}

// φ and v.
EXPORT void rates_and_speeds(const struct Session *session, const struct Run *run) {
  const States s = states_of(session, run);
  firing_rates(s, 0, session->rows);
  speeds(s, session->J_factors, session->b, all_blocks(s), 0);
  leave_tiles();
}

// result = E = ½‖v‖².
EXPORT void energy(const struct Session *session, const struct Run *run) {
  rates_and_speeds(session, run);
  const States s = states_of(session, run);
  float *result = session->result + run->first;
  for (int chain = 0; chain < s.B; chain++) {
    const float *v = s.v + chain * s.rows;
    double E = 0;
    for (int i = 0; i < s.N; i++) E += 0.5 * v[i] * v[i];
    result[chain] = (float)E;
  }
}

// result = x·∇E, ∇E = φ′(x)·(Jᵀv) − v.
EXPORT void virial(const struct Session *session, const struct Run *run) {
  rates_and_speeds(session, run);
  const States s = states_of(session, run);
  const Blocks blocks = all_blocks(s);
  for (int block = blocks.from; block < blocks.to; block++)
    for (int share = 0; share < shares_of(s.B); share++) {
      const Place at = place_of(block, share, blocks, s.rows, s.B);
      Tile Jtv;
      product(Jtv, session->Jt_factors, s.v_factors, s.stride, s.N, (Columns){0, s.N}, at);
      for (int c = 0; c < at.chains; c++)
        for (int n = 0; n < at.vectors; n++)
          store(s.xi + (at.chain + c) * s.rows + at.row + n * LANES, Jtv[c][n]);
    }
  leave_tiles();
  float *result = session->result + run->first;
  for (int chain = 0; chain < s.B; chain++) {
    const long at = chain * s.rows;
    const float *x = s.x + at, *phi = s.phi + at, *v = s.v + at, *Jtv = s.xi + at;
    double sum = 0;
    for (int i = 0; i < s.N; i++) {
      const double slope = s.identity ? 1.0 : 1.0 - (double)phi[i] * phi[i];
      sum += x[i] * (slope * Jtv[i] - (double)v[i]);
    }
    result[chain] = (float)sum;
  }
}

// Σ v φᵀ += weight·v φᵀ and Σ v += weight·v over states whose φ and v stand ready, for one block of rows; the diagonal
// is left alone.
EXPORT void correlate(const struct Session *session, const struct Run *run, int block) {
  const States s = states_of(session, run);
  const float weight = run->weight;
  const int row = block * BLOCK, width = smaller(BLOCK, session->rows - row);
  const int vectors = width / LANES;
  float *correlations = session->correlations + (long)row * s.N;
  float *speed_sums = session->speed_sums;
  for (int first = 0; first < s.N; first += TILE_CHAINS) {
    const int columns = smaller(TILE_CHAINS, s.N - first);
    Vector vphi[TILE_CHAINS][BLOCK_VECTORS];
    outer_product(vphi, s.v + row, s.phi + first, s.rows, s.B, vectors, columns);
    for (int c = 0; c < columns; c++) {
      float *sum = correlations + (long)(first + c) * width;
      const int diagonal = first + c - row;
      const float kept = diagonal >= 0 && diagonal < width ? sum[diagonal] : 0;
      for (int n = 0; n < vectors; n++)
        store(sum + n * LANES, load(sum + n * LANES) + weight * vphi[c][n]);
      if (diagonal >= 0 && diagonal < width) sum[diagonal] = kept;
    }
  }
  for (int i = row; i < row + width; i++) {
    float sum = 0;
    for (int chain = 0; chain < s.B; chain++) sum += s.v[chain * s.rows + i];
    speed_sums[i] += weight * sum;
  }
}

// One step of `count` parameters θ, whole vectors of them, down the gradient g = statistics/T + decay·θ; clears their
// statistics. Adam keeps the means m of g and s of g².
static void descend_gradient(float *restrict parameters, float *restrict statistics,
                             float *restrict first, float *restrict second, int count, float decay,
                             struct Update u) {
  for (int at = 0; at < count; at += LANES) {
    const Vector theta = load(parameters + at);
    const Vector g = load(statistics + at) * u.scale + decay * theta;
    store(statistics + at, splat(0.0f));
    if (u.adam) {
      const Vector m = u.beta1 * load(first + at) + u.share1 * g;
      const Vector s = u.beta2 * load(second + at) + u.share2 * g * g;
      const Vector spread = square_root(s * u.correction2) + u.epsilon;
      store(first + at, m);
      store(second + at, s);
      store(parameters + at, theta - u.rate * (m * u.correction1) / spread);
    } else store(parameters + at, theta - u.rate * g);
  }
}

// The same for one block of rows of J, whose diagonal and its moments stay as they are, and of b.
EXPORT void descend(const struct Session *session, const struct Update *update, int block) {
  const int N = session->N, row = block * BLOCK, width = smaller(BLOCK, session->rows - row);
  const long origin = (long)row * N;
  float *matrices[] = {session->J + origin, session->first_moments + origin,
                       session->second_moments + origin};
  float kept[3][BLOCK];
  for (int n = 0; n < 3; n++)
    for (int r = 0; r < width && row + r < N; r++)
      kept[n][r] = matrices[n][(long)(row + r) * width + r];
  descend_gradient(matrices[0], session->correlations + origin, matrices[1], matrices[2], N * width,
                   update->decay, *update);
  for (int n = 0; n < 3; n++)
    for (int r = 0; r < width && row + r < N; r++)
      matrices[n][(long)(row + r) * width + r] = kept[n][r];
  descend_gradient(session->b + row, session->speed_sums + row, session->first_bias_moments + row,
                   session->second_bias_moments + row, width, 0, *update);
}

// averages ← averages + weight·(θ − averages), of `count` parameters θ.
static void average_parameters(float *averages, const float *parameters, int count, float weight) {
  for (int at = 0; at < count; at += LANES) {
    const Vector before = load(averages + at);
    store(averages + at, before + weight * (load(parameters + at) - before));
  }
}

// The same for one block of rows of J, and of b.
EXPORT void average(const struct Session *session, const struct Run *run, int block) {
  const int row = block * BLOCK, width = smaller(BLOCK, session->rows - row);
  const long origin = (long)row * session->N;
  average_parameters(session->averages + origin, session->J + origin, session->N * width,
                     run->weight);
  average_parameters(session->bias_averages + row, session->b + row, width, run->weight);
}

#ifdef BF16
// One block of rows of the factors of J and Jᵀ. Of J, a pair of columns is zipped; of Jᵀ, a pair is two neighbours
// in a column of J.
EXPORT void factorise(const struct Session *session, int block) {
  const int N = session->N, rows = session->rows;
  const int row = block * BLOCK, width = smaller(BLOCK, rows - row);
  const int filled = smaller(width, N - row);
  const long origin = row * columns_of(N);
  const float *J = session->J, *columns = J + (long)row * N;
  Word *target = (Word *)(session->J_factors + origin);
  for (int column = 0; column < N; column += 2, columns += 2 * width, target += width)
    for (int r = 0; r < width; r += LANES) {
      const Vector right = column + 1 < N ? load(columns + width + r) : splat(0.0f);
      const Words low = (Words)_mm512_cvtepu16_epi32(rounded(load(columns + r)));
      *(Words *)(target + r) = low | (Words)_mm512_cvtepu16_epi32(rounded(right)) << 16;
    }
  target = (Word *)(session->Jt_factors + origin);
  for (int from = 0; from < rows; from += BLOCK) {
    const int stride = smaller(BLOCK, rows - from);
    const float *source = J + (long)from * N + (long)row * stride;
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
EXPORT void factorise(const struct Session *session, int block) {
  const int N = session->N, rows = session->rows;
  const int row = block * BLOCK, width = smaller(BLOCK, rows - row);
  const int filled = smaller(width, N - row);
  const float *J = session->J;
  float *Jt = session->Jt_factors + (long)row * N;
  for (int from = 0; from < N; from += BLOCK) {
    const int stride = smaller(BLOCK, rows - from), count = smaller(stride, N - from);
    const float *source = J + (long)from * N + (long)row * stride;
    for (int i = 0; i < count; i += LANES)
      for (int r = 0; r < width; r += LANES) {
        Vector tile[LANES];
        for (int n = 0; n < LANES; n++) {
          const float *rows_of_column = source + (long)(r + n) * stride + i;
          tile[n] = r + n < filled ? load(rows_of_column) : splat(0.0f);
        }
        transpose(tile);
        for (int n = 0; n < LANES && i + n < count; n++)
          store(Jt + (long)(from + i + n) * width + r, tile[n]);
      }
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
