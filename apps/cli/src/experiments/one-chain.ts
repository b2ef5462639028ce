// Learning with a single persistent chain: the average over many chains becomes one over its time.
import { completeSettings, planOf } from "@neural-langevin/runs";
import type { Experiment } from "./experiment.js";
import { type CourseSettings, courseWork, learningCourse } from "./learning-course.js";
import { judgeCourse } from "./learning-course-findings.js";
import { HALF, PUBLISHED, PUBLISHED_STEPS, QUICK } from "./published.js";

const SINGLE = { chains: 1, batch: 100, "held-out": 256 };

export const oneChain: Experiment<CourseSettings> = {
  name: "one-chain",
  shows: "learning from a single chain that is averaged over time, after a burn-in and thinned",
  scales: {
    // As much time dt·k as published in an eighth of the steps, and 30 states in place of 100.
    quick: {
      training: {
        ...{ ...QUICK, ...SINGLE, "negative-phase": "time-average-320", "burn-in": 80, thin: 8 },
        ...{ updates: 2000, "checkpoint-every": 100 },
      },
      at: [100, 300, 1000],
      chains: 192,
      steps: 1000,
    },
    half: {
      training: {
        ...{ ...HALF, ...SINGLE, "negative-phase": "time-average-1300", "burn-in": 300, thin: 10 },
        ...{ updates: 7000, "checkpoint-every": 250 },
      },
      at: [250, 750, 2000],
      chains: 256,
      steps: 4000,
    },
    // The number of updates is not published; it is that of PCD-10 here.
    paper: {
      training: {
        ...{ ...PUBLISHED, ...SINGLE, "negative-phase": "time-average-2600" },
        ...{ "burn-in": 600, thin: 20 },
      },
      at: [1000, 4000, 12_000, 40_000],
      chains: 256,
      steps: PUBLISHED_STEPS.at(-1)!,
    },
  },
  work: courseWork,

  async run(bench, settings) {
    const phase = planOf(completeSettings(settings.training)).negativePhase;
    if (phase.kind !== "time-average") throw new TypeError("One chain is averaged over time.");
    const states = Math.floor((phase.steps - phase.burnIn) / phase.every);
    return judgeCourse(
      await learningCourse(bench, "one-chain", settings),
      `One chain averaged over time is enough: ${states} states in ${phase.steps} steps, after a burn-in of ` +
        `${phase.burnIn}.`,
    );
  },
};
