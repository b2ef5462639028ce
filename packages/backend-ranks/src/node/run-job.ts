// A program that runs alone or on all processes of a job, whatever started them.
import { type Backend, isLangevinError } from "@neural-langevin/core";
import { leadJob, serveJob } from "../job.js";
import type { Ranks } from "../ranks.js";
import { rankOfEnvironment } from "./environment.js";
import { joinRanks, type RanksOptions, rankOfMpi, type Transport } from "./join.js";

/** What the processes of a job do. */
export interface Job<Choice> extends Pick<RanksOptions, "agreement" | "lastWords"> {
  /** What carries messages; true leaves the choice to the launcher. Unless given, only a launcher of MPI makes a job. */
  readonly transport?: Transport | true | undefined;
  /** Opens the inner backend of a rank other than 0, by what rank 0 has chosen. */
  create(choice: Choice): Promise<Backend>;
  /** What rank 0 does, or a process that is alone; it alone speaks and writes. */
  work(ranks: Ranks | undefined): Promise<void>;
}

/**
 * Does the work of a job in this process, or computes for rank 0 until its work is done. The others are told why rank 0
 * fails, and go home with it; work that was stopped has come to an orderly end.
 *
 * @returns whether the job ended well as far as this rank can tell; why it did not is what rank 0 says
 * @throws invalid-value, unavailable; what `joinRanks` and the work throw; device-failed where rank 0 is lost and can
 *   say nothing
 */
export async function runJob<Choice>(job: Job<Choice>): Promise<boolean> {
  const { transport, agreement, lastWords, create, work } = job;
  const place = rankOfEnvironment();
  const isJob = transport === undefined ? rankOfMpi() : place && place.size > 1;
  const named = transport === true ? undefined : transport;
  let ranks: Ranks | undefined;
  try {
    if (isJob) ranks = await joinRanks({ place, transport: named, agreement, lastWords });
  } catch (error) {
    if (place!.rank === 0 || !isLangevinError(error, "device-failed")) throw error;
    return false;
  }
  if (ranks && ranks.rank > 0) return serveJob(ranks, create);
  await leadJob(ranks, () => work(ranks));
  return true;
}
