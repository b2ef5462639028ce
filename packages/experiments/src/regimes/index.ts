// Quality over generation time: machines trained with restarts generate out of equilibrium, best at about the length
// of their training's chains, and leave the data beyond it; persistent chains learn the equilibrium and stay.
import type { Experiment } from "../experiment.js";
import { figures, tables } from "./figures.js";
import { findings } from "./findings.js";
import { measure, type RegimesResult } from "./measure.js";
import { operations, type RegimesSettings, scales } from "./settings.js";

/** Quality over generation time, with persistent chains and with restarts. */
export const regimes: Experiment<RegimesSettings, RegimesResult> = {
  name: "regimes",
  description:
    "AAI and E⁽²⁾ over generation time, with persistent chains and with restarts: the out-of-equilibrium regime",
  scales,
  takesNumbers: true,
  parts: "trainings",
  operations,
  measure,
  tables,
  figures,
  findings,
};
