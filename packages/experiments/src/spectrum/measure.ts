// Eigenvalues, norms and asymmetry of the couplings along training.
import {
  asymmetry,
  type Eigenvalues,
  eigenvalues,
  frobeniusNorm,
  spectralRadius,
} from "@neural-langevin/analysis";
import { completeSettings } from "@neural-langevin/runs";
import type { ExperimentContext } from "../context.js";
import type { SpectrumSettings } from "./settings.js";

/** The couplings at one update. */
export interface CouplingsPoint {
  readonly update: number;
  readonly spectrum: Eigenvalues;
  readonly radius: number;
  /** The largest real part; above 1, the noiseless network without bias leaves x = 0. */
  readonly largestReal: number;
  readonly norm: number;
  readonly biasNorm: number;
  /** η: 1 symmetric, 0 independent, −1 antisymmetric. */
  readonly reciprocity: number;
  /** ‖ΔJ − ΔJᵀ‖/‖ΔJ + ΔJᵀ‖ of what was learned, ΔJ = J − J₀; NaN before learning. */
  readonly learnedAsymmetry: number;
}

export interface SpectrumResult {
  /** In the order of updates, from 0. */
  readonly points: readonly CouplingsPoint[];
}

export async function measure(
  context: ExperimentContext,
  { training, at }: SpectrumSettings,
): Promise<SpectrumResult> {
  const data = await context.numbers(training);
  const machines = await context.train("machine", training, { at, data });
  const complete = completeSettings({ seed: context.seed, ...training });
  const start = await context.initialNetwork(complete, data);
  const points: CouplingsPoint[] = [];
  for (const { update, couplings, bias } of [{ update: 0, ...start }, ...machines]) {
    const spectrum = await context.arrays(`eigenvalues-${update}`, () => eigenvalues(couplings));
    context.progress("eigenvalues", points.length + 1, machines.length + 1, "matrices");
    const learned = couplings.map((value, place) => value - start.couplings[place]!);
    points.push({
      update,
      spectrum,
      radius: spectralRadius(spectrum),
      largestReal: spectrum.real.reduce((a, b) => Math.max(a, b)),
      norm: frobeniusNorm(couplings),
      biasNorm: frobeniusNorm(bias),
      reciprocity: asymmetry(couplings).reciprocity,
      learnedAsymmetry: update === 0 ? Number.NaN : asymmetry(learned).ratio,
    });
  }
  return { points };
}
