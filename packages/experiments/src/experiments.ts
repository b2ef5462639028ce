// All experiments, in the order in which they are listed.
import { LangevinError } from "@neural-langevin/core";
import { age } from "./age/index.js";
import { bias } from "./bias/index.js";
import { classes } from "./classes/index.js";
import { denoise } from "./denoise/index.js";
import { type Experiment, type Operations, type Scale, scaleNames } from "./experiment.js";
import { exploration } from "./exploration/index.js";
import { fixedPoints } from "./fixed-points/index.js";
import { latent } from "./latent/index.js";
import { memorisation } from "./memorisation/index.js";
import { oneChain } from "./one-chain/index.js";
import { oneSample } from "./one-sample/index.js";
import { regimes } from "./regimes/index.js";
import { spectrum } from "./spectrum/index.js";
import { start } from "./start/index.js";

/** All experiments, in the order of the paper and beyond it. */
export const experiments: readonly Experiment[] = [
  regimes,
  memorisation,
  exploration,
  denoise,
  oneSample,
  oneChain,
  latent,
  classes,
  spectrum,
  fixedPoints,
  bias,
  start,
  age,
];

/**
 * The experiment of a name.
 *
 * @throws invalid-value, with all names
 */
export function experimentNamed(name: string): Experiment {
  const found = experiments.find((experiment) => experiment.name === name);
  if (found) return found;
  throw new LangevinError(
    "invalid-value",
    `There is no experiment "${name}".`,
    `Choose one of ${experiments.map((experiment) => experiment.name).join(", ")}.`,
  );
}

/** Operations per second that JavaScript reaches in measures. */
const HOST_SPEED = 1e9;

/** About how long an experiment takes at a scale, on a backend that does so many operations per second. */
export function estimateSeconds(
  { operations, scales }: Experiment,
  scale: Scale,
  flopPerSecond: number,
): number {
  const { backend, host } = operations(scales[scale]);
  return backend / flopPerSecond + host / HOST_SPEED;
}

/** What an experiment takes at every scale, with about how many seconds. */
export const costsOf = (
  experiment: Experiment,
  flopPerSecond: number,
): Record<Scale, Operations & { readonly seconds: number }> =>
  Object.fromEntries(
    scaleNames.map((scale) => [
      scale,
      {
        ...experiment.operations(experiment.scales[scale]),
        seconds: estimateSeconds(experiment, scale, flopPerSecond),
      },
    ]),
  ) as Record<Scale, Operations & { readonly seconds: number }>;
