// All experiments, in the order in which they are listed.
import { age } from "./age/index.js";
import { bias } from "./bias/index.js";
import { classes } from "./classes/index.js";
import { denoise } from "./denoise/index.js";
import type { Experiment } from "./experiment.js";
import { exploration } from "./exploration/index.js";
import { fixedPoints } from "./fixed-points/index.js";
import { latent } from "./latent/index.js";
import { memorisation } from "./memorisation/index.js";
import { oneChain } from "./one-chain/index.js";
import { oneSample } from "./one-sample/index.js";
import { regimes } from "./regimes/index.js";
import { spectrum } from "./spectrum/index.js";
import { start } from "./start/index.js";

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
