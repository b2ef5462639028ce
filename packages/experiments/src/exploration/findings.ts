// Whether trajectories pass between classes, whether they explore where the data lie, and how long they stay.
import { mean } from "@neural-langevin/analysis";
import type { Finding, Verdict } from "../experiment.js";
import { fixed, percent } from "../format.js";
import type { ExplorationResult } from "./measure.js";

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
  const changing = trajectories.filter(({ changes }) => changes > 0).length / trajectories.length;
  const everywhere =
    trajectories.filter(({ labels }) => new Set(labels).size === stays.length).length /
    trajectories.length;
  const spreads = result.images.map((images, component) => {
    const chains = trajectories.flatMap(({ along }) => [...along[component]!]);
    return standardDeviation(chains) / standardDeviation(images);
  });
  const dwellTimes = stays.map((stay) => `${fixed(stay.dwellTime, 1)} in class ${stay.label}`);
  return [
    {
      paper: "One long trajectory passes between kinds of digits.",
      found:
        `Within ${fixed(span, 0)} units of time ${percent(changing)} of ${trajectories.length} chains change class, ` +
        `${fixed(mean(trajectories.map(({ changes }) => changes)), 1)} times on average, and ` +
        `${percent(everywhere)} visit all ${stays.length} classes. ` +
        `${percent(negativeShare)} of the images are negatives.`,
      verdict: stays.length > 1 && changing > MOST ? "yes" : changing > 0 ? "partly" : "no",
    },
    {
      paper: "On the first three principal components trajectories explore where the data lie.",
      found:
        "The chains' standard deviation along the components is " +
        `${spreads.map((value) => fixed(value, 2)).join(", ")} times that of the training images.`,
      verdict: spreadVerdict(spreads),
    },
    {
      paper: "Makes no claim about how long a trajectory stays.",
      found:
        `Mean dwell times are ${dwellTimes.join(", ")} (units of time); the autocorrelation time of the first ` +
        `component is ${fixed(correlationTime, 1)}.`,
      verdict: "not-claimed",
    },
  ];
}

function spreadVerdict(spreads: readonly number[]): Verdict {
  const alike = spreads.filter((value) => value > ALIKE.least && value < ALIKE.most).length;
  return alike === spreads.length ? "yes" : alike > 0 ? "partly" : "no";
}

function standardDeviation(values: ArrayLike<number>): number {
  const centre = mean(values);
  return Math.sqrt(mean(Array.from(values, (value) => (value - centre) ** 2)));
}
