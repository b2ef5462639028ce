// Restored images in words.
import { mean } from "@neural-langevin/analysis";
import type { RestoredImage } from "@neural-langevin/experiments";
import { alignTable, formatNumber } from "./format.js";

/** A restored image under its name. */
interface NamedImage extends RestoredImage {
  readonly image: string;
}

/** Images that are listed one by one. */
const LISTED = 20;

/** A table for people: every image, or the mean of many. */
export function describeRestored(images: readonly NamedImage[]): string[] {
  const knows = images.some(({ rmse }) => rmse);
  const average: NamedImage = {
    image: `mean of ${images.length}`,
    energy: {
      before: mean(images.map(({ energy }) => energy.before)),
      after: mean(images.map(({ energy }) => energy.after)),
    },
    rmse: knows
      ? {
          before: mean(images.map(({ rmse }) => rmse!.before)),
          after: mean(images.map(({ rmse }) => rmse!.after)),
        }
      : undefined,
  };
  const rows = [
    ...(images.length <= LISTED ? images : []),
    ...(images.length > 1 ? [average] : []),
  ].map(({ image, energy, rmse }) => [
    image,
    formatNumber(energy.before),
    formatNumber(energy.after),
    ...(rmse ? [rmse.before.toFixed(3), rmse.after.toFixed(3)] : []),
  ]);
  const head = ["image", "E before", "E after", ...(knows ? ["RMSE before", "RMSE after"] : [])];
  return alignTable([head, ...rows]);
}
