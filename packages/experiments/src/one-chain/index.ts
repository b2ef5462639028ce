// Learning with a single persistent chain: the average over many chains becomes one over its time.
import type { NegativePhase } from "@neural-langevin/core";
import { completeSettings, planOf } from "@neural-langevin/runs";
import { figures, tables } from "../along-training/figures.js";
import { findings } from "../along-training/findings.js";
import { type AlongTrainingResult, measure } from "../along-training/measure.js";
import { type AlongTrainingSettings, operations } from "../along-training/settings.js";
import type { Experiment } from "../experiment.js";
import { scales } from "./settings.js";

export interface OneChainResult extends AlongTrainingResult {
  readonly negativePhase: NegativePhase;
}

/** Learning from a single chain that is averaged over time. */
export const oneChain: Experiment<AlongTrainingSettings, OneChainResult> = {
  name: "one-chain",
  description:
    "learning from a single chain that is averaged over time, after a burn-in and with thinning",
  scales,
  operations,
  async measure(context, settings) {
    const { negativePhase } = planOf(completeSettings(settings.training));
    return { ...(await measure(context, "one-chain", settings)), negativePhase };
  },
  tables,
  figures,
  findings: (result) => findings(result, describePaper(result.negativePhase)),
};

function describePaper(phase: NegativePhase): string {
  if (phase.kind !== "time-average") return "One chain averaged over time is enough.";
  const states = Math.floor((phase.steps - phase.burnIn) / phase.every);
  return (
    `One chain averaged over time is enough. Here it is read ${states} times in ${phase.steps} steps, after a ` +
    `burn-in of ${phase.burnIn}.`
  );
}
