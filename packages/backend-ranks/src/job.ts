// The job of a program that runs on several processes: rank 0 does the work, speaks and writes; the others compute for it,
// and are silent unless they cannot reach it.
import { type Backend, isLangevinError } from "@neural-langevin/core";
import { createRanksBackend, type RanksBackendOptions } from "./backend.js";
import type { Ranks } from "./ranks.js";
import { serveRank } from "./serve.js";

/**
 * Does the work of rank 0, on whose end all processes go home; they are told why where it fails. Work that was stopped has
 * come to an orderly end.
 *
 * @param ranks those of the job; this process is alone unless given
 */
export async function leadJob<Result>(
  ranks: Ranks | undefined,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!isLangevinError(error, "aborted")) ranks?.fail((error as Error).message);
    throw error;
  } finally {
    await ranks?.close();
  }
}

/**
 * Computes for rank 0 until it is done, and goes home.
 *
 * @param create opens the inner backend, as on rank 0, by what rank 0 has chosen
 * @returns whether the job ended well; why it did not is what rank 0 says, or notices as well
 * @throws device-failed, where rank 0 is lost and can say nothing
 */
export async function serveJob<Choice = undefined>(
  ranks: Ranks,
  create: (choice: Choice) => Promise<Backend>,
): Promise<boolean> {
  try {
    await serveRank(ranks, create);
    await ranks.close();
    return true;
  } catch (error) {
    if (!isLangevinError(error, "device-failed") || ranks.link?.lost === 0) throw error;
    return false;
  }
}

/**
 * A backend that computes in shards on all processes of a job, around one that is open; itself for one shard in one
 * process. Where it cannot be made, the inner one is closed.
 *
 * @throws what `createRanksBackend` throws: invalid-value, device-failed
 */
export async function inShards<Choice>(
  backend: Backend,
  options: RanksBackendOptions<Choice> & { readonly shards: number },
): Promise<Backend> {
  if (options.shards === 1 && !options.ranks) return backend;
  try {
    return await createRanksBackend(async () => backend, options);
  } catch (error) {
    await backend.close();
    throw error;
  }
}
