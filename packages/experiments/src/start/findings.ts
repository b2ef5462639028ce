// What the initial couplings decide, in numbers; the paper compares none.
import type { Finding } from "../experiment.js";
import { fixed, percent } from "../format.js";
import { SOFT, softness } from "./figures.js";
import type { StartCurve, StartResult } from "./measure.js";

/** The paper's statement on initial couplings. */
const PAPER =
  "Starts from Gaussian couplings with g = 2 and makes no claim about other initial couplings.";

const nameOf = ({ couplings, gain }: StartCurve): string => `${couplings} with g = ${gain}`;

export function findings({ curves }: Pick<StartResult, "curves">): Finding[] {
  const last = curves.map((curve) => ({ curve, point: curve.points.at(-1)! }));
  const best = last.reduce((a, b) => (b.point.legible > a.point.legible ? b : a));
  const results = last.map(
    ({ curve, point }) =>
      `${nameOf(curve)} ${fixed(point.legible, 2)} ± ${fixed(point.legibleError, 2)} ` +
      `(FID ${fixed(point.frechetDistance, 1)} ± ${fixed(point.frechetError, 1)}, rarest digit ` +
      `${percent(point.rarest)})`,
  );
  const stiffness = curves.map((curve) => {
    const { softest, soft } = softness(curve.before);
    return `${nameOf(curve)} ${Number(softest.toPrecision(2))} (${soft} below ${SOFT})`;
  });
  return [
    {
      paper: PAPER,
      found:
        `Of images after ${fixed(best.point.flop / 1e12, 1)} TFLOP of training these shares are legible: ` +
        `${results.join("; ")}. The most legible start is ${nameOf(best.curve)}.`,
      verdict: "not-claimed",
    },
    {
      paper: PAPER,
      found: `The least eigenvalue of (1 − J)ᵀ(1 − J) before training: ${stiffness.join("; ")}.`,
      verdict: "not-claimed",
    },
  ];
}
