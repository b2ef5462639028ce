// Generating states: chains that run through a few stages of temperature.
import type { Session } from "./backend.js";
import type { Integrator } from "./integrator.js";
import { streams } from "./noise.js";

/** Some steps at one temperature. */
export interface SamplingStage {
  readonly steps: number;
  /** T of all chains; 0 lets them fall to fixed points. */
  readonly temperature: number;
}

/** How chains are run. */
export interface SamplingPlan {
  readonly dt: number;
  readonly integrator: Integrator;
  readonly stages: readonly SamplingStage[];
  /** Number of the first step, when chains go on; at 0, the default, they restart from N(0, 1). */
  readonly firstStep?: number;
  /** Nonzero marks a unit that keeps its value, shape [N]. */
  readonly pinned?: Uint8Array;
}

/**
 * Runs the session's chains through all stages and returns them.
 *
 * Chains of a session opened with `firstChain: FRESH_CHAINS` see noise that no training saw.
 *
 * @returns x, shape [B][N]
 */
export async function sample(session: Session, plan: SamplingPlan): Promise<Float32Array> {
  let firstStep = plan.firstStep ?? 0;
  if (firstStep === 0) session.restart(streams.initialState, 0);
  for (const { steps, temperature } of plan.stages) {
    session.advance({
      firstStep,
      steps,
      dt: plan.dt,
      temperature,
      integrator: plan.integrator,
      ...(plan.pinned && { pinned: plan.pinned }),
    });
    firstStep += steps;
  }
  return session.read("chains");
}
