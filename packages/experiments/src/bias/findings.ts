// How large the bias is at the published step size, what energies it costs, and how it grows with the step size.
import { formatEstimate, slopeEstimate } from "@neural-langevin/analysis";
import type { Integrator } from "@neural-langevin/core";
import type { Finding } from "../experiment.js";
import type { BiasPoint, BiasResult } from "./measure.js";

/** The published step size; the nearest one that was computed is named. */
const PUBLISHED_DT = 0.01;
/** Standard errors from which a bias counts as seen, and points that a power of dt takes. */
const CLEAR = 3;
const LEAST_POINTS = 3;

export function findings({ points }: Pick<BiasResult, "points">): Finding[] {
  const stable = (integrator: Integrator) =>
    points.filter((point) => point.integrator === integrator && point.energies.length > 0);
  const euler = stable("euler-maruyama");
  const lm = stable("leimkuhler-matthews");
  if (euler.length === 0 || lm.length === 0) {
    return [
      {
        paper:
          "Samples with Euler–Maruyama at dt = 0.01, and does not discuss a bias of the step size.",
        found: `${euler.length === 0 ? "Euler–Maruyama" : "Leimkuhler–Matthews"} diverged at every step size.`,
        verdict: "not-claimed",
      },
    ];
  }
  const [published, publishedLm] = [nearest(euler), nearest(lm)];
  const [last, lastLm] = [euler.at(-1)!, lm.at(-1)!];
  return [
    {
      paper:
        "Samples with Euler–Maruyama at dt = 0.01, and does not discuss a bias of the step size.",
      found:
        `At dt = ${published.dt}, ⟨x·∇E⟩/(NT) is ${formatEstimate(published.ratio)} with Euler–Maruyama and ` +
        `${formatEstimate(publishedLm.ratio)} with Leimkuhler–Matthews; the exact dynamics has 1.`,
      verdict: "not-claimed",
    },
    {
      paper: "Makes no claim about how energies depend on dt.",
      found:
        `The mean energy per unit is ${formatEstimate(lm[0]!.energy)} at dt = ${lm[0]!.dt} with Leimkuhler–Matthews. ` +
        `At dt = ${last.dt} it is ${formatEstimate(last.energy)} with Euler–Maruyama, and ` +
        `${formatEstimate(lastLm.energy)} at dt = ${lastLm.dt} with Leimkuhler–Matthews.`,
      verdict: "not-claimed",
    },
    {
      paper: "Makes no claim about how the bias grows with dt.",
      found:
        `The distance from 1 ${growth(euler)} with Euler–Maruyama, and ${growth(lm)} with ` +
        `Leimkuhler–Matthews. ⟨x·∇E⟩/(NT) is ${formatEstimate(last.ratio)} at dt = ${last.dt} with Euler–Maruyama, and ` +
        `${formatEstimate(lastLm.ratio)} at dt = ${lastLm.dt} with Leimkuhler–Matthews.`,
      verdict: "not-claimed",
    },
  ];
}

/** The point whose step size is nearest to the published one. */
const nearest = (points: readonly BiasPoint[]): BiasPoint =>
  points.reduce((a, b) => (Math.abs(b.dt - PUBLISHED_DT) < Math.abs(a.dt - PUBLISHED_DT) ? b : a));

/** The power of dt with which the distance from 1 grows, by a line through the points whose bias is clear. */
function growth(points: readonly BiasPoint[]): string {
  const clear = points.filter(
    ({ ratio }) => Math.abs(ratio.value - 1) > CLEAR * ratio.standardError,
  );
  if (clear.length < LEAST_POINTS) return "is too small compared with its error for a power of dt";
  const power = slopeEstimate(
    clear.map(({ dt }) => Math.log(dt)),
    clear.map(({ ratio: { value, standardError } }) => {
      const distance = Math.abs(value - 1);
      return { value: Math.log(distance), standardError: standardError / distance };
    }),
  );
  return `grows as dt^p with p = ${formatEstimate(power)}`;
}
