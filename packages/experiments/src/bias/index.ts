// The bias of a step size, for both integrators.
import type { Experiment } from "../experiment.js";
import { figures, tables } from "./figures.js";
import { findings } from "./findings.js";
import { type BiasResult, measure } from "./measure.js";
import { type BiasSettings, operations, scales } from "./settings.js";

/** The error of a step size, for both integrators. */
export const bias: Experiment<BiasSettings, BiasResult> = {
  name: "bias",
  description:
    "⟨x·∇E⟩/(NT), which is 1 without an error of the step size, and energies over dt for both integrators",
  scales,
  takesNumbers: true,
  operations,
  measure,
  tables,
  figures,
  findings,
};
