// How far two backends agree, in words.
import type { ParityPlan, ParityReport } from "@neural-langevin/backend-testkit";
import type { DeviceReport } from "@neural-langevin/core";
import { formatEstimate, wrapText } from "./format.js";

/** A report with what was compared. */
export interface BackendComparison extends ParityReport, Omit<ParityPlan, "network" | "steps"> {
  readonly backends: readonly { readonly name: string; readonly device: DeviceReport }[];
  readonly units: number;
}

/** The comparison in lines for people. */
export function describeParity(comparison: BackendComparison, width: number): string {
  const { backends, units, chains, seed, dt, temperature, integrator, bits, statistics } =
    comparison;
  const { steps, energy, unitVariance, agree } = statistics;
  const mild = comparison.sharesNoise
    ? " Both backends see the same noise, so the test is a mild one."
    : "";
  const pad = (text: string | number, length: number) => String(text).padStart(length);
  return [
    ...backends.map(
      ({ name, device }, index) =>
        `${"AB"[index]}  ${name.padEnd(16)} ${device.label}, ${device.precision}`,
    ),
    `${units} units, ${chains} chains, seed ${seed}, dt ${dt}, T ${temperature}, ${integrator}`,
    "",
    "  steps   equal values   agreeing bits of 24: median   worst",
    ...bits.map(
      ({ steps: count, equal, median, worst }) =>
        `${pad(count, 7)}   ${pad(`${(100 * equal).toFixed(2)} %`, 12)}` +
        `   ${pad(median, 27)}   ${pad(worst, 5)}`,
    ),
    "",
    `After ${steps} steps, over ${chains} independent chains:`,
    `  mean energy A  ${formatEstimate({ value: energy.a.mean, standardError: energy.a.error })}`,
    `  mean energy B  ${formatEstimate({ value: energy.b.mean, standardError: energy.b.error })}` +
      `   z ${energy.z.toFixed(2)} (limit ${energy.limit.toFixed(1)})`,
    `  unit variance  largest |z| ${unitVariance.largestZ.toFixed(2)} of ${units} units` +
      ` (limit ${unitVariance.limit.toFixed(1)}), rms ${unitVariance.rootMeanSquareZ.toFixed(2)}`,
    "",
    wrapText(`${describeBits(comparison)} The statistics ${agree ? "agree" : "DISAGREE"}.`, width),
    wrapText(
      "Backends round differently, and chaos amplifies rounding: single steps agree to rounding; over long " +
        "trajectories only statistics are promised to agree, even where the bits above stay close. Standard errors " +
        `are between chains, which are independent.${mild}`,
      width,
    ),
  ].join("\n");
}

function describeBits({ bits, sharesNoise }: ParityReport): string {
  const exact = bits.filter(({ equal }) => equal === 1).at(-1);
  if (exact) return `Every bit agrees up to step ${exact.steps}.`;
  return sharesNoise
    ? "Values agree to rounding at first."
    : "The backends draw different noise, so values cannot agree.";
}
