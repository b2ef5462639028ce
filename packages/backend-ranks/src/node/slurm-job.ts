// A job file for Slurm: work on several processes that stops in time and goes on when its turn comes again.

/** What a job asks of the cluster, and what it does. */
export interface SlurmJob {
  readonly name: string;
  readonly ranks: number;
  /** Processor cores of each rank. */
  readonly threads: number;
  /** The time limit, as Slurm writes it, for example 04:00:00. */
  readonly time: string;
  /** The command that every rank begins with, in words. */
  readonly begin: readonly string[];
  /** The command that goes on, and the file that is there once there is something to go on with. */
  readonly resume: { readonly command: readonly string[]; readonly where: string };
}

/** A text as one word of a shell. */
const word = (text: string): string =>
  /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;

/** Seconds before the end at which a job is told to stop, and the exit status of a program that SIGTERM stopped. */
const STOPPING = { seconds: 120, status: 143 };

/**
 * The file, for `sbatch`. Ranks meet by TCP with a secret of their job. SIGTERM comes before the time is over, and a job that
 * it stopped is queued again.
 */
export function slurmJob({ name, ranks, threads, time, begin, resume }: SlurmJob): string {
  const run = (command: readonly string[]) =>
    `srun --kill-on-bad-exit=1 ${command.map(word).join(" ")}`;
  return `#!/bin/bash
#SBATCH --job-name=${word(name)}
#SBATCH --ntasks=${ranks}
#SBATCH --cpus-per-task=${threads}
#SBATCH --time=${time}
#SBATCH --requeue
#SBATCH --open-mode=append
# SIGTERM two minutes before the end, so that a checkpoint is written.
#SBATCH --signal=TERM@${STOPPING.seconds}

# What all ranks of this job know and nobody else.
NLM_RANKS_SECRET=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \\n')
export NLM_RANKS_SECRET

if [ -e ${word(resume.where)} ]; then
  ${run(resume.command)}
else
  ${run(begin)}
fi
status=$?
# Stopped in time: the job waits for its next turn.
if [ $status = ${STOPPING.status} ]; then scontrol requeue "$SLURM_JOB_ID"; fi
exit $status
`;
}
