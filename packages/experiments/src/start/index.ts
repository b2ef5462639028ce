// What a training makes of different initial couplings: the stiffness of the energy around x = 0, and how soon images
// can be read.
import type { Experiment } from "../experiment.js";
import { figures, tables } from "./figures.js";
import { findings } from "./findings.js";
import { measure, type StartResult } from "./measure.js";
import { operations, type StartSettings, scales } from "./settings.js";

/** What a training makes of different initial couplings. */
export const start: Experiment<StartSettings, StartResult> = {
  name: "start",
  description:
    "Gaussian, orthogonal and antisymmetric initial couplings: soft directions, and legibility along training",
  scales,
  parts: "starts",
  chooses: ["data", "couplings", "gain", "step-size"],
  operations,
  measure,
  tables,
  figures,
  findings,
};
