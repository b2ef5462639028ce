// Learning online, from one image at a time and one model chain, whose first steps of every update are without feedback.
// The chain may persist between updates or restart from N(0, 1); both are computed.
import type { Experiment, Finding } from "./experiment.js";
import { type CourseSettings, courseWork, learningCourse } from "./learning-course.js";
import { judgeCourse } from "./learning-course-findings.js";
import { HALF, PUBLISHED, PUBLISHED_STEPS, QUICK } from "./published.js";

interface Settings extends CourseSettings {
  /** Negative phases, each of a training of its own. */
  readonly phases: readonly string[];
}

const ONLINE = { images: 1000, "held-out": 256, chains: 1, batch: 1, rate: 5e-4, decay: 5e-6 };

export const oneSample: Experiment<Settings> = {
  name: "one-sample",
  shows:
    "learning online from one image at a time and one chain, without feedback in its first steps",
  scales: {
    // As much time dt·k as published in an eighth of the steps.
    quick: {
      training: { ...QUICK, ...ONLINE, "feedback-off": 20, updates: 4000 },
      phases: ["pcd-80", "rdm-80"],
      at: [250, 1000],
      chains: 192,
      steps: 1000,
    },
    half: {
      training: { ...HALF, ...ONLINE, "feedback-off": 75, updates: 20_000 },
      phases: ["pcd-300", "rdm-300"],
      at: [500, 1500, 5000],
      chains: 256,
      steps: 4000,
    },
    // 120 epochs of 1000 images.
    paper: {
      training: { ...PUBLISHED, ...ONLINE, "feedback-off": 150, updates: 120_000 },
      phases: ["pcd-600", "rdm-600"],
      at: [1000, 4000, 12_000, 40_000],
      chains: 256,
      steps: PUBLISHED_STEPS.at(-1)!,
    },
  },

  work({ phases, ...settings }) {
    const all = phases.map((phase) => courseWork(withPhase(settings, phase)));
    return {
      backend: all.reduce((sum, { backend }) => sum + backend, 0),
      host: all.reduce((sum, { host }) => sum + host, 0),
    };
  },

  async run(bench, { phases, ...settings }) {
    const findings: Finding[] = [];
    for (const phase of phases) {
      const persists = phase.startsWith("pcd")
        ? "persists between updates"
        : "restarts at each update";
      const course = await learningCourse(bench, phase, withPhase(settings, phase));
      const paper =
        `The learning rule works online: one image and one chain, ${settings.training["feedback-off"]} steps ` +
        `without feedback. Here the chain ${persists} (${phase}).`;
      findings.push(...judgeCourse(course, paper));
    }
    return findings;
  },
};

const withPhase = (settings: CourseSettings, phase: string): CourseSettings => ({
  ...settings,
  training: { ...settings.training, "negative-phase": phase },
});
