// Everything that the rest of a training depends on, as plain arrays: what a checkpoint keeps.
import type { Session } from "./backend/contract.js";

/** A training between two updates. */
export interface TrainingState {
  /** Updates done so far. */
  readonly update: number;
  /** J, shape [N][N]. */
  readonly couplings: Float32Array;
  /** b, shape [N]. */
  readonly bias: Float32Array;
  /** x, shape [B][N]. */
  readonly chains: Float32Array;
  /** The optimiser's moments, shape [2(N² + N)]. */
  readonly moments: Float32Array;
  /** Averages of J and b, shape [N² + N], where the training takes them and has begun to. */
  readonly averages?: Float32Array | undefined;
}

/** Reads the state of a training from its session. */
export async function readTrainingState(session: Session, update: number): Promise<TrainingState> {
  const [couplings, bias, chains, moments, averages] = await Promise.all([
    session.read("couplings"),
    session.read("bias"),
    session.read("chains"),
    session.read("moments"),
    session.hasAverages ? session.read("averages") : undefined,
  ]);
  return { update, couplings, bias, chains, moments, averages };
}

/**
 * Puts a training's state into a session of the same sizes.
 *
 * @throws wrong-length, not-finite
 */
export function writeTrainingState(session: Session, state: TrainingState): void {
  session.write("couplings", state.couplings);
  session.write("bias", state.bias);
  session.write("chains", state.chains);
  session.write("moments", state.moments);
  if (state.averages) session.write("averages", state.averages);
}
