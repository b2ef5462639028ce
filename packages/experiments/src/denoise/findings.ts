// Whether energies fall and stored images come back, up to which damage, and what plainer methods restore.
import {
  type Estimate,
  formatEstimate,
  formatShare,
  meanEstimate,
  shareEstimate,
} from "@neural-langevin/analysis";
import { scaled } from "../estimates.js";
import type { Finding } from "../experiment.js";
import { percent } from "../format.js";
import { allOf, isAbove, isBelow, verdictOf } from "../verdict.js";
import { UNTOUCHED } from "./baselines.js";
import type { DamageLevel, DenoiseResult } from "./measure.js";

/** An image has come back when its distance is below this, an eighth of the range of rates. */
export const RESTORED = 0.25;
/** Levels count as restored up to the last one from which this share of the images comes back. */
const NEARLY_ALL = 0.9;

/** Share of the damaged images that have come back. */
export const restoredShare = (distances: Float64Array): Estimate =>
  shareEstimate(distances.filter((distance) => distance < RESTORED).length, distances.length);

/** What became of the images with the share of replaced units that is shown. */
export const shownLevel = ({ levels, shown }: Pick<DenoiseResult, "levels" | "shown">) =>
  levels.find(({ level }) => level === shown)!;

export function findings(result: Pick<DenoiseResult, "levels" | "shown" | "steps">): Finding[] {
  const { levels, shown, steps } = result;
  const { energies, distances, baselines } = shownLevel(result);
  const rises = risesIn(energies);
  const cases = energies[0]!.length * (energies.length - 1);
  const [before, after] = [meanEstimate(distances[0]!), meanEstimate(distances.at(-1)!)];
  const restored = restoredShare(distances.at(-1)!);
  const names = Object.keys(baselines).filter((name) => name !== UNTOUCHED);
  const limits = names.map(
    (name) => `${name}, ${restoredUpTo(levels, (level) => level.baselines[name]!)}`,
  );
  const others = names.map((name) => `${formatEstimate(meanEstimate(baselines[name]!))} (${name})`);
  return [
    {
      paper:
        "At T = 0 the energy falls and the stored digit returns from 25 % replaced units, in 450 steps.",
      found:
        `From ${percent(shown)} replaced units, the mean energy per unit falls from ` +
        `${formatEstimate(meanEstimate(energies[0]!))} to ${formatEstimate(meanEstimate(energies.at(-1)!))} in ${steps.at(-1)} steps. Between two ` +
        `measurements it rises in ${rises} of ${cases} cases. The root mean square distance of firing rates goes ` +
        `from ${formatEstimate(before)} to ${formatEstimate(after)}, and ${formatShare(restored)} of the images come back, to less ` +
        `than ${RESTORED}, an eighth of the range of rates.`,
      verdict: verdictOf(
        allOf(isAbove(restored, NEARLY_ALL), rises === 0),
        isBelow(after, scaled(before, 0.5)),
      ),
    },
    {
      paper: "Shows one share of replaced units, and makes no claim about where recovery ends.",
      found:
        `At least ${percent(NEARLY_ALL)} of the images come back at every share up to ` +
        `${restoredUpTo(levels, (level) => level.distances.at(-1)!)}.`,
      verdict: "not-claimed",
    },
    {
      paper: "Makes no comparison with plainer methods.",
      found:
        `With other methods as many images come back up to these shares of replaced units: ${limits.join("; ")}. ` +
        `At ${percent(shown)}, root mean square distances are ${others.join(", ")} and ${formatEstimate(after)} (machine).`,
      verdict: "not-claimed",
    },
  ];
}

/** How often an image's energy is higher than at the measurement before. */
const risesIn = (energies: readonly Float64Array[]): number =>
  energies
    .slice(1)
    .reduce(
      (sum, row, before) =>
        sum + row.filter((energy, image) => energy > energies[before]![image]!).length,
      0,
    );

/** The last level up to which nearly all images come back at every level, and how many do at the next one. */
function restoredUpTo(
  levels: readonly DamageLevel[],
  distances: (level: DamageLevel) => Float64Array,
): string {
  const failed = levels.findIndex((level) => restoredShare(distances(level)).value < NEARLY_ALL);
  const last = levels[failed < 0 ? levels.length - 1 : failed - 1];
  const reach = last ? percent(last.level) : "not even 0 %";
  if (failed < 0) return reach;
  const next = levels[failed]!;
  return `${reach} (${formatShare(restoredShare(distances(next)))} of them at ${percent(next.level)})`;
}
