// Restored images in words.
import { meanEstimate } from "@neural-langevin/analysis";
import type { RestoredImage } from "@neural-langevin/experiments";
import { alignTable, formatEstimate, formatNumber } from "./format.js";

/** A restored image under its name. */
interface NamedImage extends RestoredImage {
  readonly image: string;
}

/** Images that are listed one by one. */
const LISTED = 20;

/** A table for people: every image, or the mean of many. */
export function describeRestored(images: readonly NamedImage[]): string[] {
  const knows = images.some(({ rmse }) => rmse);
  const columns: ((image: RestoredImage) => number)[] = [
    ({ energy }) => energy.before,
    ({ energy }) => energy.after,
    ...(knows
      ? [({ rmse }: RestoredImage) => rmse!.before, ({ rmse }: RestoredImage) => rmse!.after]
      : []),
  ];
  const rows =
    images.length > LISTED
      ? []
      : images.map((one) => [one.image, ...columns.map((column) => formatNumber(column(one)))]);
  if (images.length > 1) {
    const means = columns.map((column) => formatEstimate(meanEstimate(images.map(column))));
    rows.push([`mean of ${images.length}`, ...means]);
  }
  const head = ["image", "E before", "E after", ...(knows ? ["RMSE before", "RMSE after"] : [])];
  const spread = images.length > 1 ? "; ± is one standard error over the images" : "";
  return [...alignTable([head, ...rows]), `  (E = ½‖v‖²${spread})`];
}
