// Whether images come close to fixed points, how many there are, and how stable they are.
import {
  type Estimate,
  formatEstimate,
  formatShare,
  meanEstimate,
  shareEstimate,
} from "@neural-langevin/analysis";
import { scaled } from "../estimates.js";
import type { Finding } from "../experiment.js";
import { allOf, isAbove, isBelow, verdictOf } from "../verdict.js";
import {
  distinct,
  type FixedPointsResult,
  NEAR,
  type OriginSearches,
  type PointSpectrum,
  type UpdateSearches,
} from "./measure.js";
import { type Origin, origins } from "./settings.js";

/** A descent has come to rest when its second half leaves more than this share of the energy. */
const REST = 0.99;
/** Images count as fixed points when their energy falls by this factor and this share of their descents ends in one. */
const FALLS = 10;
const NEARLY_ALL = 0.9;

/** Share of the searches of one origin that ended in a fixed point. */
export const convergedShare = ({ reached }: Pick<OriginSearches, "reached">): Estimate =>
  shareEstimate(reached.filter((point) => point >= 0).length, reached.length);

/** Descents of one origin that came to rest with an energy above that of a fixed point. */
export const minima = ({ energies }: Pick<OriginSearches, "energies">): number =>
  energies.after.filter((energy, start) => energy >= NEAR && energy > REST * energies.half[start]!)
    .length;

/** The known spectra of the points that one origin led to. */
export const spectraOf = (
  { byOrigin, spectra }: Pick<UpdateSearches, "byOrigin" | "spectra">,
  origin: Origin,
): PointSpectrum[] => distinct(byOrigin[origin]).flatMap((point) => spectra.get(point) ?? []);

export function findings({ searches }: Pick<FixedPointsResult, "searches">): Finding[] {
  const [first, last] = [searches[0]!, searches.at(-1)!];
  const starts = last.byOrigin.data.reached.length;
  const [before, after] = [first, last].map(({ byOrigin }) =>
    meanEstimate(byOrigin.data.energies.before),
  ) as [Estimate, Estimate];
  const ended = convergedShare(last.byOrigin.data);
  const counts = (one: UpdateSearches, of: (searches: OriginSearches) => number) =>
    origins.map((origin) => `${of(one.byOrigin[origin])} from ${origin}`).join(", ");
  const directions = searches.flatMap(({ spectra }) =>
    [...spectra.values()].map(({ unstableDirections }) => unstableDirections),
  );
  const unstable = directions.filter((count) => count > 0);
  return [
    {
      paper: "Learning lowers the energy at the data, so that images come close to fixed points.",
      found:
        `The energy of training images is ${formatEstimate(before)} per unit before training and ${formatEstimate(after)} after ` +
        `${last.update} updates, where ${formatShare(ended)} of the descents from them end in a fixed point.`,
      verdict: verdictOf(
        allOf(isBelow(after, scaled(before, 1 / FALLS)), isAbove(ended, NEARLY_ALL)),
        isBelow(after, before),
      ),
    },
    {
      paper: "Makes no claim about how many fixed points there are.",
      found:
        `Different fixed points that ${starts} searches from each origin reached: ` +
        `${searches.map((one) => `${counts(one, (own) => distinct(own).length)} at update ${one.update}`).join("; ")}.`,
      verdict: "not-claimed",
    },
    {
      paper: "Makes no claim about minima of the energy that are not fixed points.",
      found:
        `After ${last.update} updates ${counts(last, minima)} of ${starts} descents each came to rest where E > 0: ` +
        "minima of the energy, but not fixed points.",
      verdict: "not-claimed",
    },
    {
      paper: "Makes no claim about the stability of fixed points in the network without feedback.",
      found:
        `${directions.length - unstable.length} of the ${directions.length} fixed points that were examined along ` +
        "training are stable in dx/dt = v" +
        (unstable.length > 0
          ? `; the others have ${formatEstimate(meanEstimate(unstable))} unstable directions on average, and only the ` +
            "feedback term holds the chains there."
          : "."),
      verdict: "not-claimed",
    },
  ];
}
