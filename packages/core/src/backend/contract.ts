/// <reference lib="esnext.disposable" preserve="true" />
// The contract between a machine and what computes it. A session is one network with its chains,
// resident on one device; the set of operations is small and closed, so that a new backend is an
// afternoon's reading, and a new schedule, measure or negative phase needs no backend change.
//
// Order and waiting: methods that return nothing enqueue and keep their order. Their arguments are
// checked at the call, and a bad one throws there; what fails later, on the device, rejects the next
// awaited call. Nothing returns to the host unless it is asked for.
import type { Activation } from "../activation.js";
import type { Integrator } from "../integrator.js";
import type { Values } from "../network.js";
import type { UpdateStep } from "../optimizer.js";

/**
 * The version of this contract. It grows when a backend that held the contract before no longer does; a backend
 * states the version that it holds, and the testkit and `createMachine` refuse another one.
 */
export const CONTRACT_VERSION = 1;

/** What a session keeps, row-major float32. */
export type Slot =
  /** J, shape [N][N]. */
  | "couplings"
  /** b, shape [N]. */
  | "bias"
  /** Model chains x, shape [B][N]. */
  | "chains"
  /** Data states x, shape [rows][N] with at most `batch` rows. */
  | "batch"
  /** The optimiser's first and second moments, shape [2(N² + N)]. */
  | "moments"
  /** Weighted sums (⟨v φᵀ⟩, ⟨v⟩), shape [N² + N]. */
  | "statistics"
  /** Averages of J and b over updates, shape [N² + N]; only in a session opened with `averages`. */
  | "averages";

/** Which states an operation reads. */
export type Source = "chains" | "batch";

/** `energy`: E(x); `virial`: x·∇E. One number per state. */
export type Measure = "energy" | "virial";

/** The statistics of a session where they lie in the device's memory. */
export interface LentStatistics {
  /** The order of the numbers in words. Sessions of the same sizes and order have the same number at the same place. */
  readonly order: string;
  /**
   * Resolves to the statistics themselves, and whatever lies between them, once everything before is done. They may be
   * changed until the next operation of the session other than a write of a batch.
   */
  lend(): Promise<Float32Array>;
}

/** Norms of the statistics; over T they are those of the gradient ∂(−log L)/∂(J, b). */
export interface StatisticsNorms {
  /** ‖Σ v φᵀ‖, Frobenius. */
  readonly couplings: number;
  /** ‖Σ v‖. */
  readonly bias: number;
}

/** What a session is opened with. */
export interface SessionSpec {
  /** Number of units N. */
  readonly units: number;
  /** Number of chains B. */
  readonly chains: number;
  /** Global index of the first chain; it decides the noise that chains see. 0 unless given. */
  readonly firstChain?: number | undefined;
  /** Room for data states; 0 unless given. */
  readonly batch?: number | undefined;
  /** Whether the session has room for averages of J and b; false unless given. */
  readonly averages?: boolean | undefined;
  /** tanh unless given. */
  readonly activation?: Activation | undefined;
  /** Seed of all noise, a safe integer of at least 0. */
  readonly seed: number;
}

/** Some Langevin steps of all chains. */
export interface AdvanceRun {
  /** Number of the first step; noise is a function of it. */
  readonly firstStep: number;
  /** How many steps. */
  readonly steps: number;
  /** Time per step. */
  readonly dt: number;
  /** T of all chains, or of each, shape [B]. 0 is allowed. */
  readonly temperature: number | Values;
  /** How a step is taken. */
  readonly integrator: Integrator;
  /** The feedback term is left out before this step number: 0 (the default) never, Infinity always. */
  readonly feedbackFrom?: number | undefined;
  /** Nonzero marks a unit that keeps its value, shape [N]. */
  readonly pinned?: Uint8Array | undefined;
}

/**
 * A Gaussian from which chains are drawn, x = μ + Σ_k z_k·c_k + σ·ξ with unit normals z_k and ξ: it has the covariance
 * CᵀC + σ²·1.
 */
export interface ChainGaussian {
  /** μ, shape [N]; 0 unless given. */
  readonly mean?: Values | undefined;
  /** C, the directions c_k in which units vary together, shape [K][N]; none unless given. */
  readonly components?: Values | undefined;
  /** σ; 1 unless given. */
  readonly spread?: number | undefined;
}

/** Which draw the chains take. ξ and z are of the counter-based noise: ξ of the stream, z of `streams.components`. */
export interface ChainDraw extends ChainGaussian {
  /** One of `streams`, or another integer below 2³². */
  readonly stream: number;
  /** The step whose noise is drawn, a safe integer of at least 0. */
  readonly step: number;
  /** The chains that are drawn, `count` of them from the number `first` within the session; all unless given. */
  readonly only?: { readonly first: number; readonly count: number } | undefined;
}

/** What a session is opened with, defaults filled in. */
export type ResolvedSpec = {
  readonly [Name in keyof SessionSpec]-?: Exclude<SessionSpec[Name], undefined>;
};

/** What really computes. */
export interface DeviceReport {
  /** The device in words a user knows, for example "AMD EPYC 9654, AVX-512". */
  readonly label: string;
  /** Of states and products; `bf16` rounds what products multiply to bf16 and sums in float32. */
  readonly precision: "float64" | "float32" | "bf16";
  /** Threads of the processor that compute. */
  readonly threads: number;
  /** `shared`: the counter-based noise of this package; `native`: the device's own. */
  readonly noise: "shared" | "native";
  /** Largest sizes that a session may have. */
  readonly limits: { readonly units: number; readonly chains: number };
  /** Why this and nothing else runs, for people. */
  readonly details: readonly string[];
}

/** A device that can hold sessions. `await using backend = …` closes it at the end of the block. */
export interface Backend extends AsyncDisposable {
  /** The version of the contract that this backend holds: `CONTRACT_VERSION` of the core it was built with. */
  readonly contractVersion: number;
  /** Open set: "reference", "cpu", "webgpu", … */
  readonly id: string;
  /** What computes now; asked for anew each time it is read. */
  readonly device: DeviceReport;
  /**
   * Validates, compiles and allocates. Parameters, chains, moments and statistics start as zeros.
   *
   * @throws invalid-value, unsupported (too large), closed, device-failed
   */
  open(spec: SessionSpec): Promise<Session>;
  /** Closes every session and frees the device. Closing twice does nothing. */
  close(): Promise<void>;
}

/** One network with its chains, on one device. */
export interface Session extends AsyncDisposable {
  /** What it was opened with. */
  readonly spec: ResolvedSpec;
  /** The number of the step after the last one that was taken; 0 in a new session. The runner goes on there. */
  readonly nextStep: number;
  /** Whether the chains were drawn, written or moved since the session was opened; until then they are zeros. */
  readonly hasChains: boolean;
  /** Whether averages were taken or written since the session was opened; until then they are zeros. */
  readonly hasAverages: boolean;
  /** The statistics in place, for who adds up those of several sessions; absent where the host cannot reach them. */
  readonly statistics?: LentStatistics | undefined;
  /**
   * Replaces a slot; the values are copied before the call returns. `batch` takes any number of rows up
   * to the room it has.
   *
   * @param values a Float32Array; finite, but for `statistics`, which may be the sum over sessions of a training that
   *   diverges
   * @throws invalid-value (another kind of array), wrong-length, not-finite, closed
   */
  write(slot: Slot, values: Float32Array): void;
  /**
   * A copy of a slot, in the shape that `write` takes, once everything before it is done.
   *
   * @throws invalid-value (at the call); closed, device-failed, device-lost, and what went wrong before
   */
  read(slot: Slot): Promise<Float32Array>;
  /**
   * chains ← μ + Σ_k z_k·c_k + σ·ξ from the noise of a stream and step, all of them or some.
   *
   * @throws invalid-value, wrong-length, not-finite, closed
   */
  drawChains(draw: ChainDraw): void;
  /**
   * Langevin steps x ← x + dt·F + √(2T dt)·ξ of all chains. One call of k steps does what k calls of one step do.
   *
   * @throws invalid-value, wrong-length, not-finite, closed
   */
  advance(run: AdvanceRun): void;
  /**
   * statistics += weight·(⟨v φᵀ⟩, ⟨v⟩), means over the chains or the batch.
   *
   * @throws invalid-value, not-finite (the weight), closed
   */
  accumulate(source: Source, weight: number): void;
  /**
   * One optimiser step from the statistics, which are then cleared; see `optimizerStep`.
   *
   * @throws invalid-value, closed
   */
  update(step: UpdateStep): void;
  /**
   * averages ← averages + weight·((J, b) − averages). With weight 1/n at the n-th call they are the mean of n
   * parameters, with a constant weight an exponential moving average.
   *
   * @param weight in (0, 1]
   * @throws invalid-value (also in a session without room for averages), closed
   */
  average(weight: number): void;
  /**
   * E(x) or x·∇E of every chain or batch state, shape [B] or [rows], once everything before is done.
   *
   * @throws invalid-value (at the call); closed, device-failed, device-lost, and what went wrong before
   */
  measure(what: Measure, source: Source): Promise<Float32Array>;
  /**
   * Norms of the statistics in float64, once everything before is done. Some devices need not copy N² numbers for them.
   *
   * @throws closed, device-failed, device-lost, and what went wrong before
   */
  norms(): Promise<StatisticsNorms>;
  /** Resolves when everything enqueued is done, or rejects with what went wrong. */
  synchronize(): Promise<void>;
  /** Frees the device's memory; pending calls reject with `closed`. Closing twice does nothing. */
  close(): Promise<void>;
}
