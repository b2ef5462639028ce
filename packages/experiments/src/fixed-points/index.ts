// The fixed points of the noiseless network dx/dt = v, the zeros of the energy, along training.
import type { Experiment } from "../experiment.js";
import { figures, tables } from "./figures.js";
import { findings } from "./findings.js";
import { type FixedPointsResult, measure } from "./measure.js";
import { type FixedPointsSettings, operations, scales } from "./settings.js";

/** The fixed points of the noiseless network along training, and their stability. */
export const fixedPoints: Experiment<FixedPointsSettings, FixedPointsResult> = {
  name: "fixed-points",
  description:
    "how many fixed points are found from data, from samples and from noise along training, and how stable they are",
  scales,
  takesNumbers: true,
  operations,
  measure,
  tables,
  figures,
  findings,
};
