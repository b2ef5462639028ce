// A share of work that several processes divide between them without talking to each other: every n-th piece, as the
// tasks of a job array take it.
import { LangevinError } from "@neural-langevin/core";

/** Which share of how many. */
export interface Shard {
  /** From 0 to count − 1. */
  readonly index: number;
  /** How many shares there are. */
  readonly count: number;
}

/** The pieces of a share: those at index, index + count, index + 2·count, … */
export const piecesOf = <T>(pieces: readonly T[], { index, count }: Shard): T[] =>
  pieces.filter((_, at) => at % count === index);

/**
 * The share that a process takes.
 *
 * A text `i/n` is the i-th of n, counted from 1; `n` alone is that of the pod of a Kubernetes Indexed Job with n
 * completions, by JOB_COMPLETION_INDEX. Without a text a task of a Slurm job array takes its own, by
 * SLURM_ARRAY_TASK_ID, SLURM_ARRAY_TASK_MIN, SLURM_ARRAY_TASK_STEP and SLURM_ARRAY_TASK_COUNT.
 *
 * @returns undefined for a process that is alone
 * @throws invalid-value (no share, a share that is not among them, a pod that does not know how many there are)
 */
export function readShard(
  text: string | undefined,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Shard | undefined {
  const { JOB_COMPLETION_INDEX: pod, SLURM_ARRAY_TASK_ID: task } = environment;
  if (text !== undefined) return shardOfText(text, pod);
  if (task) return shardOfTask(Number(task), environment);
  if (!pod) return undefined;
  throw new LangevinError(
    "invalid-value",
    `JOB_COMPLETION_INDEX says that this is pod ${pod}, but nothing says of how many.`,
    "Give --shard N with the number of completions of the job.",
  );
}

function shardOfText(text: string, pod: string | undefined): Shard {
  const [, first, second] = /^(\d+)(?:\/(\d+))?$/.exec(text) ?? [];
  const count = Number(second ?? first);
  const index = second === undefined ? Number(pod || Number.NaN) : Number(first) - 1;
  if (first !== undefined && second === undefined && !pod) {
    throw new LangevinError(
      "invalid-value",
      `--shard ${text} does not say which of ${text} shards this is, because JOB_COMPLETION_INDEX is not set.`,
      `For example, --shard 1/${text}.`,
    );
  }
  if (index >= 0 && index < count) return { index, count };
  throw new LangevinError(
    "invalid-value",
    second === undefined && first !== undefined
      ? `--shard ${text} is not above the JOB_COMPLETION_INDEX ${pod}.`
      : `--shard takes i/n with i from 1 to n, such as 2/8, not ${JSON.stringify(text)}.`,
    second === undefined && first !== undefined
      ? "Give the number of completions of the job."
      : undefined,
  );
}

function shardOfTask(
  task: number,
  environment: Readonly<Record<string, string | undefined>>,
): Shard {
  const { SLURM_ARRAY_TASK_COUNT: all, SLURM_ARRAY_TASK_MIN: least } = environment;
  const step = Number(environment.SLURM_ARRAY_TASK_STEP || 1);
  const count = Number(all);
  const index = (task - Number(least)) / step;
  if (Number.isSafeInteger(index) && index >= 0 && index < count) return { index, count };
  throw new LangevinError(
    "invalid-value",
    `The task ${task} of the job array is not among ${all} tasks from ${least} in steps of ${step}.`,
    "Submit an array without gaps, such as --array=1-8, or give --shard i/n.",
  );
}
