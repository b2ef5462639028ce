// A training on several processes: who they are, what each computes with, and how they end together. Rank 0 speaks and
// writes; the others are silent unless they cannot reach it.
import { createRanksBackend, type Ranks, serveRank } from "@neural-langevin/backend-ranks";
import { joinRanks, rankOfEnvironment } from "@neural-langevin/backend-ranks/node";
import { isLangevinError } from "@neural-langevin/core";
import { ownVersion } from "../versions.js";
import { type OpenedBackend, openNamed } from "./table.js";

export type Job = Ranks;

/** What may carry messages between processes. */
export const transports = ["mpi", "tcp"] as const;
export type Transport = (typeof transports)[number];

/** What rank 0 chooses for all. */
interface Choice {
  readonly name: string;
  readonly threads: number | undefined;
}

/**
 * Joins the other processes of the job, if there are any: those that a launcher of MPI started, and those of Slurm,
 * Kubernetes or `NLM_RANK` where they are asked for.
 *
 * @param asked the transport; true leaves the choice to the launcher, and undefined asks for nothing
 */
export async function joinJob(asked: Transport | true | undefined): Promise<Job | undefined> {
  const place = rankOfEnvironment();
  const isMpi = place?.launcher === "Open MPI" || place?.launcher === "MPICH";
  if (!place || place.size === 1 || (asked === undefined && !isMpi)) return undefined;
  const agreement = {
    "the version of nlm": ownVersion(),
    "the command": process.argv.slice(2).join(" "),
  };
  return joinRanks({ place, transport: asked === true ? undefined : asked, agreement });
}

/** Computes for rank 0 until it is done. What rank 0 says itself, or notices as well, is not repeated. */
export async function serveJob(job: Job): Promise<void> {
  try {
    await serveRank(job, async ({ name, threads }: Choice) => {
      const { backend } = await openNamed(name, threads);
      return backend;
    });
    await job.close();
  } catch (error) {
    if (!isLangevinError(error, "device-failed") || /^Rank 0 at /.test(error.message)) throw error;
    process.exitCode = 1;
  }
}

/** Waits for what rank 0 does; the other processes end well with it, or are told why it failed. */
export async function endJob(job: Job | undefined, work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (error) {
    // A training that was stopped has come to an orderly end.
    if (!isLangevinError(error, "aborted")) job?.fail((error as Error).message);
    throw error;
  } finally {
    await job?.close();
  }
}

/**
 * A backend that computes in so many shards, on all processes of the job.
 *
 * @throws invalid-value (more processes than shards)
 */
export async function inShards(
  { name, backend }: OpenedBackend,
  shards: number,
  { threads, job }: { readonly threads?: number | undefined; readonly job?: Job | undefined },
): Promise<OpenedBackend> {
  if (shards === 1 && !job) return { name, backend };
  const choice: Choice = { name, threads };
  const create = async () => backend;
  try {
    return { name, backend: await createRanksBackend(create, { shards, ranks: job, choice }) };
  } catch (error) {
    await backend.close();
    throw error;
  }
}
