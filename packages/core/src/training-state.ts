// Everything that the rest of a training depends on, as plain arrays: what a checkpoint keeps.
import type { Session } from "./backend/contract.js";
import type { Companions } from "./companions.js";

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
  /** x of the hot chains of a tempered negative phase, shape [B · (R − 1)][N]; undefined without one. */
  readonly hot?: Float32Array | undefined;
  /** T of the rungs of a tempered negative phase as they lie by now, shape [R]; undefined without one. */
  readonly ladder?: Float64Array | undefined;
  /** x of the missing values as they are completed by now, one number for each, in the order of the data. */
  readonly missing?: Float32Array | undefined;
}

/** Reads the state of a training from its session and those beside it. */
export async function readTrainingState(
  session: Session,
  update: number,
  companions?: Companions,
): Promise<TrainingState> {
  const [couplings, bias, chains, moments, averages, hot] = await Promise.all([
    session.read("couplings"),
    session.read("bias"),
    session.read("chains"),
    session.read("moments"),
    session.hasAverages ? session.read("averages") : undefined,
    companions?.hot?.read("chains"),
  ]);
  const [missing, ladder] = [companions?.missing?.slice(), companions?.ladder?.slice()];
  return { update, couplings, bias, chains, moments, averages, hot, ladder, missing };
}

/**
 * Puts a training's state into a session of the same sizes, and into those beside it. Hot chains of another ladder, and
 * what was completed of other data, are left out: the training begins anew with them.
 *
 * @throws wrong-length, not-finite
 */
export function writeTrainingState(
  session: Session,
  state: TrainingState,
  companions?: Companions,
): void {
  session.write("couplings", state.couplings);
  session.write("bias", state.bias);
  session.write("chains", state.chains);
  session.write("moments", state.moments);
  if (state.averages) session.write("averages", state.averages);
  if (companions) writeCompanions(companions, state);
}

/** What the sessions beside a training go on with. */
export function writeCompanions(
  companions: Companions,
  { hot, ladder, missing }: Pick<TrainingState, "hot" | "ladder" | "missing">,
): void {
  const session = companions.hot;
  if (session && hot?.length === session.spec.chains * session.spec.units) {
    session.write("chains", hot);
  }
  companions.ladder = ladder?.slice();
  companions.missing = missing?.slice();
}
