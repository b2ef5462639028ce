// Learning online, from one image at a time and one model chain, whose first steps of every update are without
// feedback. The chain may persist between updates or restart from N(0, 1); both are computed.
import { figures, tables } from "../along-training/figures.js";
import { findings } from "../along-training/findings.js";
import { type AlongTrainingResult, measure } from "../along-training/measure.js";
import type { Experiment } from "../experiment.js";
import { type OneSampleSettings, operations, scales, withPhase } from "./settings.js";

export interface OneSampleResult {
  /** First steps of every negative phase without feedback. */
  readonly feedbackOff: number;
  /** One training for each negative phase. */
  readonly trainings: readonly AlongTrainingResult[];
}

/** Learning online from one image and one chain. */
export const oneSample: Experiment<OneSampleSettings, OneSampleResult> = {
  name: "one-sample",
  description:
    "learning online from one image at a time and one chain, without feedback in its first steps",
  scales,
  parts: "phases",
  chooses: ["negative-phase"],
  operations,
  async measure(context, { phases, ...settings }) {
    const trainings: AlongTrainingResult[] = [];
    for (const phase of phases) {
      trainings.push(await measure(context, phase, withPhase(settings, phase)));
    }
    return { feedbackOff: settings.training["feedback-off"] ?? 0, trainings };
  },
  tables: ({ trainings }) => trainings.flatMap(tables),
  figures: ({ trainings }) => trainings.flatMap(figures),
  findings: ({ trainings, feedbackOff }) =>
    trainings.flatMap((training) => findings(training, describePaper(training.name, feedbackOff))),
};

const describePaper = (phase: string, feedbackOff: number): string =>
  `The learning rule works online: one image and one chain, ${feedbackOff} steps without feedback. Here the chain ` +
  `${phase.startsWith("pcd") ? "persists between updates" : "restarts at each update"} (${phase}).`;
