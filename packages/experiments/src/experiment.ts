// What an experiment is: something that the paper (arXiv 2506.23546) shows, or leaves open, as a program whose every
// number can be computed again on any backend.
import type { TrainingSettings } from "@neural-langevin/runs";
import type { ExperimentContext } from "./context.js";

/** `quick`: minutes on two cores; `half`: about an hour; `paper`: the published settings. */
export const scaleNames = ["quick", "half", "paper"] as const;
/** One of these sizes. */
export type Scale = (typeof scaleNames)[number];

/**
 * Whether a result agrees with the paper, by a rule on the numbers. `unclear`: the errors leave it open; `not-claimed`: the
 * paper makes no claim about it; `not-run`: it was not computed, because something is missing here.
 */
export const verdicts = ["yes", "partly", "no", "unclear", "not-claimed", "not-run"] as const;
/** One of these answers. */
export type Verdict = (typeof verdicts)[number];

/** One result, beside what the paper says of it. */
export interface Finding {
  /** What the paper says, or that it says nothing; empty for an experiment that is not about it. */
  readonly paper: string;
  /** What was found here, in sentences made of the numbers that were computed. */
  readonly found: string;
  /** Whether both agree, by a rule on the numbers. */
  readonly verdict: Verdict;
}

/** A drawing as SVG, or a picture as PNG, such as an animation. */
export type Figure = { readonly name: string; readonly caption: string } & (
  | { readonly svg: string }
  | { readonly png: Uint8Array }
);

/** One row of a table, by column; a number that is not finite is an empty cell. */
export type Row = Readonly<Record<string, number | string>>;

/** Numbers that a report links as CSV, and shows where there are few. */
export interface Table {
  /** What its file is called, without an ending. */
  readonly name: string;
  /** What its rows are, in one sentence. */
  readonly caption: string;
  /** All of the same columns. */
  readonly rows: readonly Row[];
}

/** How much an experiment computes, in floating-point operations. */
export interface Operations {
  /** Matrix products of trainings and Langevin steps, on the backend. */
  readonly backend: number;
  /** Measures and linear algebra, in JavaScript. */
  readonly host: number;
}

/** An experiment, with settings and results of its own kind. */
export interface Experiment<Settings extends object = object, Result = unknown> {
  /** Lower-case letters, digits and hyphens; folders are called by it. */
  readonly name: string;
  /** What it shows, in one line. */
  readonly description: string;
  /** Settings at each size. */
  readonly scales: Readonly<Record<Scale, Settings>>;
  /**
   * The setting whose values are independent parts, where there is one: what `measure` keeps in stages for one of them is
   * the same whichever others are measured beside it, so that several processes may each measure some.
   */
  readonly parts?: string | undefined;
  /** Settings of its trainings that make the experiment what it is, so that nobody gives others. */
  readonly chooses?: readonly (keyof TrainingSettings)[] | undefined;
  /** Whether it also takes data that are not images; false unless given. */
  readonly takesNumbers?: boolean | undefined;
  /** Whether its data must have labels; false unless given. */
  readonly needsLabels?: boolean | undefined;
  /** An estimate of what it computes. */
  operations(settings: Settings): Operations;
  /**
   * Computes everything. What takes long happens in stages of the context, which are read instead of computed when
   * the experiment goes on after an interruption; the rest depends on them alone.
   */
  measure(context: ExperimentContext, settings: Settings): Promise<Result>;
  /** Numbers of the report, a pure function of the result. */
  tables(result: Result): readonly Table[];
  /** Drawings of the report, a pure function of the result. */
  figures(result: Result): readonly Figure[];
  /** Compares the result with the paper, by pure rules. */
  findings(result: Result): readonly Finding[];
}
