// A job file for Slurm: a training on several processes that stops in time and goes on when its turn comes again.

/** What a job asks of the cluster, and what it trains. */
export interface SlurmJob {
  readonly ranks: number;
  /** Processor cores of each rank. */
  readonly threads: number;
  /** The time limit, as Slurm writes it, for example 04:00:00. */
  readonly time: string;
  /** The file of settings. */
  readonly config: string;
  /** The folder of the run. */
  readonly out: string;
}

/** A text as one word of a shell. */
const word = (text: string): string =>
  /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;

/** The file, for `sbatch`. */
export function slurmJob({ ranks, threads, time, config, out }: SlurmJob): string {
  const train = `srun --kill-on-bad-exit=1 nlm train --ranks tcp --threads ${threads}`;
  return `#!/bin/bash
#SBATCH --job-name=nlm
#SBATCH --ntasks=${ranks}
#SBATCH --cpus-per-task=${threads}
#SBATCH --time=${time}
#SBATCH --requeue
#SBATCH --open-mode=append
# SIGTERM two minutes before the end, so that a checkpoint is written.
#SBATCH --signal=TERM@120

# What all ranks of this job know and nobody else.
NLM_RANKS_SECRET=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \\n')
export NLM_RANKS_SECRET

if [ -e ${word(`${out}/manifest.json`)} ]; then
  ${train} --resume ${word(out)}
else
  ${train} --config ${word(config)} --out ${word(out)}
fi
status=$?
# Stopped in time: the job waits for its next turn.
if [ $status = 143 ]; then scontrol requeue "$SLURM_JOB_ID"; fi
exit $status
`;
}
