// What the kernel is called with. The caller writes these structures into the memory that it shares with the kernel;
// tooling/build-kernel.mjs asks the compiler where their fields lie and writes that down for TypeScript.
#pragma once
#include <stdint.h>

// What products multiply: float32 as it is, or bf16.
#ifdef BF16
typedef uint16_t Factor __attribute__((may_alias));
#else
typedef float Factor;
#endif

// Where threads that share the rows of the same chains meet.
struct Meeting {
  uint32_t arrived;  // threads that wait here
  uint32_t round;    // how often all have arrived
  uint32_t stopped;  // whether to give up, because a thread is missing
};

// A session: where its arrays begin, and their sizes. `rows` is N, padded to whole vectors; what is padded stays zero.
struct Session {
  // Matrices of N × N, [block][column][row in block], the last block as narrow as it can be.
  float *J;              // couplings, J_ij from unit j to unit i
  Factor *J_factors;     // J as products multiply it: J itself, or its rounded copy
  Factor *Jt_factors;    // the same of Jᵀ
  float *correlations;   // Σ v φᵀ
  float *first_moments;  // Adam's, of J
  float *second_moments;
  float *averages;  // of J over updates; in a session without them there is no room
  // One value per row.
  float *b;           // bias
  float *speed_sums;  // Σ v
  float *first_bias_moments;
  float *second_bias_moments;
  float *bias_averages;
  float *mean;  // μ of a draw of chains
  float *free;  // 1, or 0 where a run holds the unit
  // States, [state][row].
  float *x;      // the chains
  float *batch;  // data
  // What is computed of the states of a run, from `place` on.
  float *phi;
  float *v;
  float *xi;
  float *pinned_sums;   // Σ_j J_ij φ_j over the pinned columns
  Factor *phi_factors;  // φ and v as products multiply them
  Factor *v_factors;
  // One value per state.
  float *amplitude;  // √(2T dt) of a chain
  float *result;     // E or x·∇E
  struct Meeting *meeting;
  uint64_t seed;
  uint32_t first_chain;  // number of the first chain in the noise
  int N;
  int rows;
  int identity;  // whether φ(x) = x, in place of tanh x
};

// Work on some states of a session, by one thread. Every function reads the first four fields, and says what else.
struct Run {
  int batch;  // whether the states are the batch's
  int first;  // the first state
  int B;      // how many
  int place;  // where φ, v and ξ of the first state are kept

  // advance
  int threads;  // how many share these states; each takes blocks of its own
  int from;     // the first block of rows
  int to;       // the one after the last
  int steps;
  int pinned;            // so many of the first columns belong to pinned units; a multiple of 32
  int without_feedback;  // of the steps, how many come first and have no feedback
  int midpoint;          // whether Leimkuhler–Matthews integrates, in place of Euler–Maruyama
  int noisy;             // whether any amplitude is above zero
  float dt;

  // advance, draw
  uint64_t step;    // the first one
  uint32_t stream;  // of the noise

  float spread;  // σ of a draw

  // correlate, average
  float weight;  // of each state, or of the parameters in their average
};

// A step of an optimiser.
struct Update {
  int adam;  // whether it is Adam's, in place of plain gradient descent
  float rate;
  float decay;  // of J
  float scale;  // 1/T
  float beta1;
  float beta2;
  float share1;  // 1 − β, which a float32 β would not give exactly
  float share2;
  float correction1;  // 1/(1 − βᵘ) at update u
  float correction2;
  float epsilon;
};
