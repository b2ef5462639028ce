// What restoring makes of images: where they start, how far they are from the originals, and how that is shown.
import { chainNoise, FRESH_CHAINS, streams } from "@neural-langevin/core";
import { decodeStates, replaceUnits } from "@neural-langevin/datasets";
import { curves, imageGrid, type Panel } from "@neural-langevin/figures";
import { mean } from "./mean.js";
import type { Course } from "./relaxation.js";
import { readable } from "./terminal.js";

/** The states that restoring starts from: the images with a share of units replaced, or a masked part of noise. */
export function damagedStates(
  states: Float32Array,
  units: number,
  damage: { corrupt: number | undefined; masked: Uint8Array | undefined; seed: number },
): Float32Array {
  const { corrupt, masked, seed } = damage;
  if (corrupt !== undefined) return replaceUnits(states, units, { fraction: corrupt, seed }).states;
  if (!masked) return states;
  const source = { seed, stream: streams.initialState, step: 0 };
  const result = states.slice();
  for (let row = 0; row < states.length; row += units) {
    const noise = chainNoise(source, FRESH_CHAINS + row / units, units);
    for (let i = 0; i < units; i++) if (masked[i]) result[row + i] = noise[i]!;
  }
  return result;
}

/**
 * Root mean square difference of grey levels (φ(x) + 1)/2 from 0 to 1, of every image.
 *
 * @param counted 1 for the units that count, shape [N]; all unless given
 */
export function rmse(
  a: Float32Array,
  b: Float32Array,
  units: number,
  counted: Uint8Array | undefined,
): number[] {
  return Array.from({ length: a.length / units }, (_, image) => {
    let [sum, count] = [0, 0];
    for (let i = 0; i < units; i++) {
      if (counted && !counted[i]) continue;
      const at = image * units + i;
      sum += ((Math.tanh(a[at]!) - Math.tanh(b[at]!)) / 2) ** 2;
      count++;
    }
    return Math.sqrt(sum / count);
  });
}

/** Images that a figure shows at most. */
const SHOWN = 64;

/** States as a panel, at least wide enough for its words. */
export function panelOf(
  title: string,
  caption: string,
  states: Float32Array,
  size: { width: number; height: number },
): Panel {
  const { width, height } = size;
  const count = Math.min(SHOWN, states.length / (width * height));
  const columns = Math.min(8, Math.ceil(Math.sqrt(count)));
  const scale = Math.max(1, Math.ceil(220 / (columns * width)));
  const pixels = decodeStates(states.subarray(0, count * width * height));
  return { title, caption, picture: imageGrid({ pixels, width, height, columns, scale }) };
}

/** The energies as CSV: a column of steps, then one of every image. */
export function courseAsCsv({ steps, energies }: Course, names: readonly string[]): string {
  const quote = (name: string) => (/[",\n]/.test(name) ? `"${name.replaceAll('"', '""')}"` : name);
  const rows = steps.map((step, point) => [step, ...energies[point]!].join(","));
  return `${[["step", ...names.map(quote)].join(","), ...rows].join("\n")}\n`;
}

/** The energies as SVG: a curve of every image, or of the mean and the extremes of many. */
export function courseAsSvg({ steps, energies }: Course, names: readonly string[]): string {
  const curve = (name: string, of: (values: Float32Array) => number) => ({
    name: name.length > 14 ? `${name.slice(0, 13)}…` : name,
    x: steps,
    y: energies.map(of),
  });
  const series =
    names.length <= 6
      ? names.map((name, image) => curve(name, (values) => values[image]!))
      : [
          curve("highest", (values) => values.reduce((a, b) => Math.max(a, b))),
          curve("mean", mean),
          curve("lowest", (values) => values.reduce((a, b) => Math.min(a, b))),
        ];
  return curves({ xTitle: "steps", plots: [{ title: "Energy E", series, logarithmic: true }] });
}

/** One restored image, in numbers. */
export interface RestoredImage {
  readonly image: string;
  readonly energy: { readonly before: number; readonly after: number };
  /** RMSE of grey levels against the original, where it is known. */
  readonly rmse: { readonly before: number; readonly after: number } | undefined;
}

/** Images that are listed one by one. */
const LISTED = 20;

/** A table for people: every image, or the mean of many. */
export function describeRestored(images: readonly RestoredImage[]): string[] {
  const knows = images.some(({ rmse }) => rmse);
  const average: RestoredImage = {
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
    readable(energy.before),
    readable(energy.after),
    ...(rmse ? [rmse.before.toFixed(3), rmse.after.toFixed(3)] : []),
  ]);
  const head = ["image", "E before", "E after", ...(knows ? ["RMSE before", "RMSE after"] : [])];
  const widths = head.map((_, column) =>
    Math.max(...[head, ...rows].map((row) => row[column]!.length)),
  );
  return [head, ...rows].map((row) => {
    const cells = row.map((cell, column) =>
      column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!),
    );
    return `  ${cells.join("  ")}`;
  });
}
