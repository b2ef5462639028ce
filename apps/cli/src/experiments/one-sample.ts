// Learning online, from one image at a time and one model chain, whose first steps of every update are without feedback.
import type { Experiment } from "./experiment.js";
import { type CourseSettings, courseWork, learningCourse } from "./learning-course.js";
import { judgeCourse } from "./learning-course-findings.js";
import { HALF, PUBLISHED, PUBLISHED_STEPS, QUICK } from "./published.js";

const ONLINE = { images: 1000, "held-out": 256, chains: 1, batch: 1, rate: 5e-4, decay: 5e-6 };

export const oneSample: Experiment<CourseSettings> = {
  name: "one-sample",
  shows:
    "learning online from one image at a time and one chain, without feedback in its first steps",
  scales: {
    // As much time dt·k as published in a fifth of the steps.
    quick: {
      training: {
        ...{ ...QUICK, ...ONLINE, "negative-phase": "pcd-120", "feedback-off": 30 },
        ...{ updates: 5000, "checkpoint-every": 500 },
      },
      at: [250, 1000, 2500],
      chains: 192,
      steps: 1000,
    },
    half: {
      training: {
        ...{ ...HALF, ...ONLINE, "negative-phase": "pcd-300", "feedback-off": 75 },
        ...{ updates: 36_000, "checkpoint-every": 1000 },
      },
      at: [500, 1500, 4000, 12_000],
      chains: 256,
      steps: 4000,
    },
    // 120 epochs of 1000 images.
    paper: {
      training: {
        ...{ ...PUBLISHED, ...ONLINE, "negative-phase": "pcd-600", "feedback-off": 150 },
        updates: 120_000,
      },
      at: [1000, 4000, 12_000, 40_000],
      chains: 256,
      steps: PUBLISHED_STEPS.at(-1)!,
    },
  },
  work: courseWork,

  async run(bench, settings) {
    const { training } = settings;
    return judgeCourse(
      await learningCourse(bench, settings),
      `The learning rule works online: batch 1, one chain of ${training["negative-phase"]!.split("-")[1]} steps, ` +
        `the first ${training["feedback-off"]} without feedback.`,
    );
  },
};
