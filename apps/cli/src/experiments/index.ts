// All experiments, in the order in which they are listed.
import { bias } from "./bias.js";
import type { Experiment } from "./experiment.js";

export const experiments: readonly Experiment[] = [bias];
