// All experiments, in the order in which they are listed.
import { bias } from "./bias.js";
import { classes } from "./classes.js";
import { denoise } from "./denoise.js";
import type { Experiment } from "./experiment.js";
import { exploration } from "./exploration.js";
import { fixedPointsExperiment } from "./fixed-points.js";
import { latent } from "./latent.js";
import { memorisation } from "./memorisation.js";
import { oneChain } from "./one-chain.js";
import { oneSample } from "./one-sample.js";
import { regimes } from "./regimes.js";
import { spectrum } from "./spectrum.js";

export const experiments: readonly Experiment[] = [
  ...[regimes, memorisation, exploration, denoise],
  ...[oneSample, oneChain, latent, classes],
  ...[spectrum, fixedPointsExperiment, bias],
];
