// The couplings along training: eigenvalues in the complex plane, norms, and how far from symmetric they are.
import type { Experiment } from "../experiment.js";
import { figures, tables } from "./figures.js";
import { findings } from "./findings.js";
import { measure, type SpectrumResult } from "./measure.js";
import { operations, type SpectrumSettings, scales } from "./settings.js";

/** Eigenvalues, norms and asymmetry of the couplings along training. */
export const spectrum: Experiment<SpectrumSettings, SpectrumResult> = {
  name: "spectrum",
  description:
    "eigenvalues of the couplings J in the complex plane, norms and asymmetry along training",
  scales,
  takesNumbers: true,
  operations,
  measure,
  tables,
  figures,
  findings,
};
