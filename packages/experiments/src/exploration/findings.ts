// Whether trajectories pass between classes, whether they explore where the data lie, and how long they stay.
import {
  type Estimate,
  formatEstimate,
  formatShare,
  jackknife,
  mean,
  meanEstimate,
  shareEstimate,
} from "@neural-langevin/analysis";
import { scaled } from "../estimates.js";
import type { Finding, Verdict } from "../experiment.js";
import { fixed } from "../format.js";
import { allOf, anyOf, isAbove, isBelow, verdictOf } from "../verdict.js";
import type { ExplorationResult, Trajectory } from "./measure.js";

/** Share of chains that must change class. */
const MOST = 0.5;
/** Standard deviations of chains over those of images that count as alike. */
const ALIKE = { least: 0.5, most: 1.5 };

export function findings(
  result: Pick<
    ExplorationResult,
    "trajectories" | "stays" | "images" | "frameTime" | "correlationTime" | "negativeShare"
  >,
): Finding[] {
  const { trajectories, stays, frameTime, correlationTime, negativeShare } = result;
  const span = trajectories[0]!.labels.length * frameTime;
  const shareOf = (is: (one: Trajectory) => boolean) =>
    shareEstimate(trajectories.filter(is).length, trajectories.length);
  const changing = shareOf(({ changes }) => changes > 0);
  const everywhere = shareOf(({ labels }) => new Set(labels).size === stays.length);
  const spreads = result.images.map((images, component) => {
    const spread = jackknife(trajectories, (chains) =>
      standardDeviation(chains.flatMap(({ along }) => [...along[component]!])),
    );
    return scaled(spread, 1 / standardDeviation(images));
  });
  const dwellTimes = stays.map(
    (stay) => `${formatEstimate(stay.dwellTime)} in class ${stay.label}`,
  );
  return [
    {
      paper: "One long trajectory passes between kinds of digits.",
      found:
        `Within ${fixed(span, 0)} units of time ${formatShare(changing)} of ${trajectories.length} chains change class, ` +
        `${formatEstimate(meanEstimate(trajectories.map(({ changes }) => changes)))} times on average, and ` +
        `${formatShare(everywhere)} visit all ${stays.length} classes. ` +
        `${formatShare(negativeShare)} of the images are negatives.`,
      verdict: verdictOf(
        allOf(stays.length > 1, isAbove(changing, MOST)),
        trajectories.some(({ changes }) => changes > 0),
      ),
    },
    {
      paper: "On the first three principal components trajectories explore where the data lie.",
      found:
        "The chains' standard deviation along the components is " +
        `${spreads.map(formatEstimate).join(", ")} times that of the training images.`,
      verdict: spreadVerdict(spreads),
    },
    {
      paper: "Makes no claim about how long a trajectory stays.",
      found:
        `Mean dwell times are ${dwellTimes.join(", ")} (units of time); the autocorrelation time of the first ` +
        `component is ${formatEstimate(correlationTime)}.`,
      verdict: "not-claimed",
    },
  ];
}

function spreadVerdict(spreads: readonly Estimate[]): Verdict {
  const alike = spreads.map((spread) =>
    allOf(isAbove(spread, ALIKE.least), isBelow(spread, ALIKE.most)),
  );
  return verdictOf(allOf(...alike), anyOf(...alike));
}

function standardDeviation(values: ArrayLike<number>): number {
  const centre = mean(values);
  return Math.sqrt(mean(Array.from(values, (value) => (value - centre) ** 2)));
}
