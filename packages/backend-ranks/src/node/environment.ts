// Which rank a process is, by the variables that launchers set.
import { LangevinError } from "@neural-langevin/core";

/** A process among the ranks of a job. */
export interface RankPlace {
  /** Its number, from 0 to `size` − 1. */
  readonly rank: number;
  /** How many ranks there are. */
  readonly size: number;
  /** What started it. */
  readonly launcher: "Open MPI" | "MPICH" | "Slurm" | "Kubernetes" | "variables";
}

/** The variables of each launcher; the first that has set both counts. */
const launchers: readonly (readonly [RankPlace["launcher"], rank: string, size: string])[] = [
  ["variables", "NLM_RANK", "NLM_RANKS"],
  ["Open MPI", "OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE"],
  ["MPICH", "PMI_RANK", "PMI_SIZE"],
  ["Slurm", "SLURM_PROCID", "SLURM_STEP_NUM_TASKS"],
  ["Kubernetes", "JOB_COMPLETION_INDEX", "NLM_RANKS"],
];

/**
 * Which rank this process is, or undefined where nothing says so.
 *
 * Kubernetes tells a pod of an Indexed Job its number but not how many there are: NLM_RANKS does.
 *
 * @throws invalid-value (variables that are not a rank)
 */
export function rankOfEnvironment(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): RankPlace | undefined {
  for (const [launcher, rankName, sizeName] of launchers) {
    const [rankText, sizeText] = [environment[rankName], environment[sizeName]];
    if (!rankText || !sizeText) continue;
    const [rank, size] = [Number(rankText), Number(sizeText)];
    if (!Number.isSafeInteger(size) || size < 1 || size > 65_536) {
      throw new LangevinError(
        "invalid-value",
        `${sizeName} is not a number of ranks: "${sizeText}".`,
      );
    }
    if (!Number.isSafeInteger(rank) || rank < 0 || rank >= size) {
      throw new LangevinError(
        "invalid-value",
        `${rankName} is "${rankText}", which is not among the ranks 0 to ${size - 1} of ${sizeName}.`,
      );
    }
    return { rank, size, launcher };
  }
  return undefined;
}

/** The first host of Slurm's list, for example "node07" of "node[07-09,12]". */
export function firstHost(list: string): string {
  const [, name, inside, rest] = /^([^,[\]]+)(?:\[([^\]]+)\])?([^,[\]]*)/.exec(list) ?? [];
  return `${name ?? ""}${inside?.split(/[-,]/)[0] ?? ""}${rest ?? ""}`;
}
