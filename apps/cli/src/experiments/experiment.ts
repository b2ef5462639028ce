// What an experiment is: something that the paper (arXiv 2506.23546) shows, or should have asked, as a program whose
// every number can be computed again on any backend.
import type { Workbench } from "./workbench.js";

/** `quick`: minutes on two cores; `half`: about an hour; `paper`: the published settings. */
export const scaleNames = ["quick", "half", "paper"] as const;
export type Scale = (typeof scaleNames)[number];

/** One thing that was found, beside what the paper says of it. */
export interface Finding {
  /** What the paper says, or that it says nothing. */
  readonly paper: string;
  /** What was found here, in sentences made of the numbers that were computed. */
  readonly found: string;
  /**
   * Whether both agree, by a rule on the numbers; `silent` where the paper does not say, `absent` where
   * something is not here that it takes.
   */
  readonly agrees: "yes" | "partly" | "no" | "silent" | "absent";
}

/** What an experiment computes, in floating-point operations. */
interface Work {
  /** Matrix products of trainings and Langevin steps, on the backend. */
  readonly backend: number;
  /** Measures and linear algebra, in JavaScript. */
  readonly host: number;
}

/** An experiment, with settings of its own kind. */
export interface Experiment<Settings extends object = object> {
  readonly name: string;
  /** What it shows, in one line. */
  readonly shows: string;
  readonly scales: Readonly<Record<Scale, Settings>>;
  work(settings: Settings): Work;
  /**
   * Computes, draws and judges. All that takes long happens in stages of the workbench, which are read instead of
   * computed when the experiment goes on after an interruption; the rest depends on them alone.
   */
  run(bench: Workbench, settings: Settings): Promise<readonly Finding[]>;
}
