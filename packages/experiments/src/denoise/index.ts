// An associative memory: ten images, one of each digit, are stored by lowering their energies alone, and come back at
// T = 0 from damaged ones.
import type { Experiment } from "../experiment.js";
import { figures, tables } from "./figures.js";
import { findings } from "./findings.js";
import { type DenoiseResult, measure } from "./measure.js";
import { type DenoiseSettings, operations, scales } from "./settings.js";

/** An associative memory of ten images, and what comes back from damaged ones at T = 0. */
export const denoise: Experiment<DenoiseSettings, DenoiseResult> = {
  name: "denoise",
  description:
    "ten stored digits that come back at T = 0 from replaced units, over time and damage, beside Hopfield networks, " +
    "the nearest stored image and a median filter",
  scales,
  needsLabels: true,
  operations,
  measure,
  tables,
  figures,
  findings,
};
