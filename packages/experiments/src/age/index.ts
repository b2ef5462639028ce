// Quality over the length of generation against the age to which training's chains live: the out-of-equilibrium regime
// of chains that begin at the mean of the data.
import type { Experiment } from "../experiment.js";
import { figures, tables } from "./figures.js";
import { findings } from "./findings.js";
import { type AgeResult, measure } from "./measure.js";
import { type AgeSettings, operations, scales } from "./settings.js";

/** Quality over the length of generation, by the age to which the chains of a training live. */
export const age: Experiment<AgeSettings, AgeResult> = {
  name: "age",
  description:
    "legibility over generation time, with training's chains that begin again at different ages",
  scales,
  parts: "restarts",
  chooses: ["data", "restart-every"],
  operations,
  measure,
  tables,
  figures,
  findings,
};
