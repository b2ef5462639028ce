// Whether what was learned is asymmetric, and how the spectrum changed.
import type { Finding } from "../experiment.js";
import { fixed } from "../format.js";
import type { SpectrumResult } from "./measure.js";

/** Below this ratio of antisymmetric to symmetric part, what was learned counts as symmetric. */
const SYMMETRIC = 0.05;
/** Eigenvalues further out than this factor of the radius before learning count as outside its disc. */
const OUTSIDE = 1.05;

export function findings({ points }: SpectrumResult): Finding[] {
  const [first, last] = [points[0]!, points.at(-1)!];
  const { real, imaginary } = last.spectrum;
  const outside = real.filter(
    (value, at) => Math.hypot(value, imaginary[at]!) > OUTSIDE * first.radius,
  );
  return [
    {
      paper: "The learning rule is asymmetric.",
      found:
        `These numbers are exact for the one machine that was trained. After ${last.update} updates, what was learned has ‖ΔJ − ΔJᵀ‖/‖ΔJ + ΔJᵀ‖ = ` +
        `${fixed(last.learnedAsymmetry, 2)}, where a symmetric matrix has 0 and independent entries have 1; the ` +
        `reciprocity η of all couplings goes from ${fixed(first.reciprocity, 3)} to ${fixed(last.reciprocity, 3)}.`,
      verdict: last.learnedAsymmetry > SYMMETRIC ? "yes" : "no",
    },
    {
      paper: "Shows eigenvalues of J in the complex plane along training.",
      found:
        `The norm ‖J‖ goes from ${fixed(first.norm, 1)} to ${fixed(last.norm, 1)}, the spectral radius from ` +
        `${fixed(first.radius, 2)} to ${fixed(last.radius, 2)}. ${outside.length} of ${real.length} eigenvalues lie ` +
        `more than 5 % outside the first disc, and the largest real part is ${fixed(last.largestReal, 2)}.`,
      verdict: "not-claimed",
    },
  ];
}
