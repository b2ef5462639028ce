// The entry for Node: how a process finds out which rank it is, and reaches the others.

export { type RankPlace, rankOfEnvironment } from "./node/environment.js";
export { joinJob, joinRanks, type RanksOptions, type Transport, transports } from "./node/join.js";
export { type SlurmJob, slurmJob } from "./node/slurm-job.js";
