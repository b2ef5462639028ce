// The log-likelihood of images, in words.
import type { Likelihood } from "@neural-langevin/analysis";
import { formatEstimate, wrapText } from "./format.js";

/** The likelihoods in lines for people; where both ways disagree, what lies between them. */
export function describeLikelihood(likelihood: Likelihood, units: number, width: number): string[] {
  const { anneals, steps, chains, both, images, trusted, summary } = likelihood;
  const error = (value: number, standardError: number) => formatEstimate({ value, standardError });
  const advice = trusted ? summary : `${summary} Use more --anneals or --anneal-steps.`;
  const ways = Object.entries({ forward: likelihood.forward, backward: likelihood.backward });
  return [
    "Log-likelihood −E/T − log Z of an image",
    `(log Z by ${chains} chains, ${anneals} × ${steps} steps forward and backward; errors are those over images)`,
    ...ways.map(
      ([name, way]) =>
        `  log Z ${name.padEnd(8)}  ${error(way.logZ, way.standardError)}, ` +
        `carried by ${way.effectiveChains.toFixed(1)} chains`,
    ),
    ...(trusted ? [`  log Z both      ${error(both.logZ, both.standardError)}`] : []),
    ...Object.entries(images).map(([name, { count, mean, standardError, bounds }]) => {
      const value = trusted
        ? `${error(mean, standardError)} nats an image (${count}), ${error(mean / units, standardError / units)} a unit`
        : `from ${bounds.map((bound) => error(bound, standardError)).join(" to ")} nats an image (${count})`;
      return `  ${name.padEnd(14)}  ${value}`;
    }),
    ...wrapText(advice, width - 2)
      .split("\n")
      .map((line) => `  ${line}`),
  ];
}
