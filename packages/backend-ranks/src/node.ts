// The entry for Node: how a process finds out which rank it is, and reaches the others.

export {
  type ArrayWork,
  type ClusterJob,
  jobName,
  type RanksWork,
  shellWord,
} from "./node/cluster-job.js";
export { type RankPlace, rankOfEnvironment } from "./node/environment.js";
export {
  joinRanks,
  type RanksOptions,
  rankOfMpi,
  type Transport,
  transports,
} from "./node/join.js";
export { type KubernetesOptions, kubernetesJob } from "./node/kubernetes-job.js";
export { type Job, runJob } from "./node/run-job.js";
export { type SlurmOptions, slurmJob } from "./node/slurm-job.js";
export type { LastWords } from "./node/start-guard.js";
