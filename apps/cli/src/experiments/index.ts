// All experiments, in the order in which they are listed.
import { bias } from "./bias.js";
import { classes } from "./classes.js";
import type { Experiment } from "./experiment.js";
import { exploration } from "./exploration.js";
import { fixedPointsExperiment } from "./fixed-points.js";
import { memorisation } from "./memorisation.js";
import { regimes } from "./regimes.js";
import { spectrum } from "./spectrum.js";

export const experiments: readonly Experiment[] = [
  ...[regimes, memorisation, classes, exploration],
  ...[spectrum, fixedPointsExperiment, bias],
];
