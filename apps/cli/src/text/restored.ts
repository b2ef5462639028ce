// Restored images in words.
import { meanRestored, type RestoredImage } from "@neural-langevin/experiments";
import { alignTable, formatEstimate, formatNumber } from "./format.js";

/** A restored image under its name. */
interface NamedImage extends RestoredImage {
  readonly image: string;
}

/** Images that are listed one by one. */
const LISTED = 20;

/** A table for people: every image, or the mean of many. */
export function describeRestored(images: readonly NamedImage[]): string[] {
  const mean = meanRestored(images);
  const knows = images[0]!.rmse !== undefined;
  const cells = <T>({ energy, rmse }: RestoredImage<T>, format: (value: T) => string) =>
    [energy.before, energy.after, ...(rmse ? [rmse.before, rmse.after] : [])].map(format);
  const rows =
    images.length > LISTED ? [] : images.map((one) => [one.image, ...cells(one, formatNumber)]);
  if (mean) rows.push([`mean of ${images.length}`, ...cells(mean, formatEstimate)]);
  const head = ["image", "E before", "E after", ...(knows ? ["RMSE before", "RMSE after"] : [])];
  const spread = mean ? "; ± is one standard error over the images" : "";
  return [...alignTable([head, ...rows]), `  (E = ½‖v‖²${spread})`];
}
