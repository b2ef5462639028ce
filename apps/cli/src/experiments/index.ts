// All experiments, in the order in which they are listed.
import { bias } from "./bias.js";
import { classes } from "./classes.js";
import type { Experiment } from "./experiment.js";
import { regimes } from "./regimes.js";
import { spectrum } from "./spectrum.js";

export const experiments: readonly Experiment[] = [regimes, spectrum, classes, bias];
