// A job file for Slurm: work that stops in time and goes on when its turn comes again.
import { type ClusterJob, secondsOfLimit, shellCommand, shellWord } from "./cluster-job.js";

/** What Slurm is asked for besides. */
export interface SlurmOptions {
  /** Computers over which ranks are spread; as Slurm likes unless given. */
  readonly nodes?: number | undefined;
  /** Environment modules to load, for example `openmpi/4.1`. */
  readonly modules?: readonly string[] | undefined;
}

/** Seconds before the end at which a job is told to stop, and the exit status of a program that SIGTERM stopped. */
const STOPPING = { seconds: 120, status: 143 };

/**
 * The file, for `sbatch`. Ranks meet by TCP with a secret of their job; the tasks of an array know their shards by Slurm's
 * variables. SIGTERM comes before the time is over, and what it stopped is queued again.
 *
 * @throws invalid-value, for a time limit that is none
 */
export function slurmJob(
  { name, processes, threads, time, work }: ClusterJob,
  { nodes, modules = [] }: SlurmOptions = {},
): string {
  secondsOfLimit(time);
  // Since 22.05 srun does not take the cores of a task from the job.
  const run = (command: readonly string[]) =>
    `srun --cpus-per-task=${threads} --kill-on-bad-exit=1 ${shellCommand(command)}`;
  const size = work.kind === "ranks" ? `--ntasks=${processes}` : `--array=1-${processes}`;
  const commands =
    work.kind === "array"
      ? run(work.command)
      : `# What all ranks of this job know and nobody else.
NLM_RANKS_SECRET=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \\n')
export NLM_RANKS_SECRET

if [ -e ${shellWord(work.resume.where)} ]; then
  ${run(work.resume.command)}
else
  ${run(work.begin)}
fi`;
  return `#!/bin/bash
#SBATCH --job-name=${shellWord(name)}
#SBATCH ${size}
${nodes === undefined ? "" : `#SBATCH --nodes=${nodes}\n`}#SBATCH --cpus-per-task=${threads}
#SBATCH --time=${time}
#SBATCH --requeue
#SBATCH --open-mode=append
# SIGTERM two minutes before the end, so that a checkpoint is written.
#SBATCH --signal=TERM@${STOPPING.seconds}

${modules.length > 0 ? `module load ${shellCommand(modules)}\n\n` : ""}${commands}
status=$?
# Stopped in time: the job waits for its next turn.
if [ $status = ${STOPPING.status} ]; then scontrol requeue "$SLURM_JOB_ID"; fi
exit $status
`;
}
