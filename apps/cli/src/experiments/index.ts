// All experiments, in the order in which they are listed.
import { bias } from "./bias.js";
import { denoise } from "./denoise.js";
import type { Experiment } from "./experiment.js";
import { oneChain } from "./one-chain.js";
import { oneSample } from "./one-sample.js";

export const experiments: readonly Experiment[] = [bias, denoise, oneSample, oneChain];
