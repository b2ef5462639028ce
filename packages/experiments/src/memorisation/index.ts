// From memorisation to generalisation: a machine that learned few images copies them, one that learned many does not.
import type { Experiment } from "../experiment.js";
import { figures, tables } from "./figures.js";
import { findings } from "./findings.js";
import { type MemorisationResult, measure } from "./measure.js";
import { type MemorisationSettings, operations, scales } from "./settings.js";

/** Copies among samples over the number of training images. */
export const memorisation: Experiment<MemorisationSettings, MemorisationResult> = {
  name: "memorisation",
  description:
    "how far samples are from what was learned, copies, A_S and A_T over the number P of training images: from memorisation to generalisation",
  scales,
  takesNumbers: true,
  parts: "images",
  chooses: ["images", "seed"],
  operations,
  measure,
  tables,
  figures,
  findings,
};
