// One machine's chains over a long time: they pass between kinds of digits, as one sees in images, in the plane of the
// data's principal components, and in the classes of their nearest labelled images.
import type { Experiment } from "../experiment.js";
import { figures, tables } from "./figures.js";
import { findings } from "./findings.js";
import { type ExplorationResult, measure } from "./measure.js";
import { type ExplorationSettings, operations, scales } from "./settings.js";

/** Long trajectories of one machine between kinds of images. */
export const exploration: Experiment<ExplorationSettings, ExplorationResult> = {
  name: "exploration",
  description:
    "long trajectories that pass between kinds of digits: images, principal components, dwell times and transitions",
  scales,
  needsLabels: true,
  operations,
  measure,
  tables,
  figures,
  findings,
};
