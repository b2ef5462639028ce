// Quality over the number of digit classes that one machine learns: {0, 1} … {0 … 9}.
import type { Experiment } from "../experiment.js";
import { figures, tables } from "./figures.js";
import { findings } from "./findings.js";
import { type ClassesResult, measure } from "./measure.js";
import { type ClassesSettings, operations, scales } from "./settings.js";

/** Quality over the number of digit classes that one machine learns. */
export const classes: Experiment<ClassesSettings, ClassesResult> = {
  name: "classes",
  description:
    "quality of images from noise over the number of digit classes that are learned, {0, 1} … {0 … 9}",
  scales,
  needsLabels: true,
  parts: "classes",
  chooses: ["labels"],
  operations,
  measure,
  tables,
  figures,
  findings,
};
