// What the initial couplings decide, in numbers; the paper compares none.
import { formatEstimate, formatShare } from "@neural-langevin/analysis";
import type { Finding } from "../experiment.js";
import { fixed } from "../format.js";
import { isBelow } from "../verdict.js";
import { SOFT, softness } from "./figures.js";
import type { StartCurve, StartResult } from "./measure.js";

/** The paper's statement on initial couplings. */
const PAPER =
  "Starts from Gaussian couplings with g = 2 and makes no claim about other initial couplings.";

const nameOf = ({ couplings, gain }: StartCurve): string => `${couplings} with g = ${gain}`;

export function findings({ curves }: Pick<StartResult, "curves">): Finding[] {
  const last = curves.map((curve) => ({ curve, point: curve.points.at(-1)! }));
  const best = last.reduce((a, b) => (b.point.legible.value > a.point.legible.value ? b : a));
  const alike = last.filter(
    (one) => one !== best && isBelow(one.point.legible, best.point.legible) === undefined,
  );
  const results = last.map(
    ({ curve, point }) =>
      `${nameOf(curve)} ${formatEstimate(point.legible)} ` +
      `(FID ${formatEstimate(point.frechetDistance)}, rarest digit ` +
      `${formatShare(point.rarest)})`,
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
        `${results.join("; ")}. The most legible start is ${nameOf(best.curve)}` +
        (alike.length > 0
          ? `, within the errors of ${alike.map(({ curve }) => nameOf(curve)).join(" and ")}.`
          : "."),
      verdict: "not-claimed",
    },
    {
      paper: PAPER,
      found: `The least eigenvalue of (1 − J)ᵀ(1 − J) before training, exact for these couplings: ${stiffness.join("; ")}.`,
      verdict: "not-claimed",
    },
  ];
}
