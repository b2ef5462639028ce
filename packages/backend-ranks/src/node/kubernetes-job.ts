// A manifest for Kubernetes: an Indexed Job whose pods are ranks or the tasks of an array, with what ranks need to meet.
import { LangevinError } from "@neural-langevin/core";
import { stringify } from "yaml";
import { type ClusterJob, secondsOfLimit, shellCommand, shellWord } from "./cluster-job.js";

/** What Kubernetes is asked for besides. */
export interface KubernetesOptions {
  /** The container image, which has `nlm`; there is none that could be meant. */
  readonly image: string | undefined;
  /** The PersistentVolumeClaim that holds settings, data and runs. */
  readonly claim: string;
  /** What all ranks know and nobody else, at least 16 characters. */
  readonly secret: string;
}

/** Where the volume is; paths of commands count from there. */
const VOLUME = "/nlm";
const PORT = 23_423;
/** Seconds from SIGTERM to SIGKILL, in which a checkpoint is written. */
const GRACE = 120;
/** Times that every process may be started again. */
const RESTARTS = 6;

/**
 * The manifest, for `kubectl apply`. A pod that is stopped or fails is started again and goes on from the last checkpoint;
 * the time limit counts for the job with all its restarts. Ranks meet by TCP at a headless Service, with a Secret of their
 * own; the tasks of an array know their shards by `JOB_COMPLETION_INDEX`, and their command says of how many.
 *
 * @throws invalid-value, for a time limit that is none, and no image
 */
export function kubernetesJob(
  { name, processes, threads, time, work }: ClusterJob,
  { image, claim, secret }: KubernetesOptions,
): string {
  if (image === undefined) {
    throw new LangevinError(
      "invalid-value",
      "A job of Kubernetes runs in an image, but none is named.",
      "Name one that has nlm with --image.",
    );
  }
  const isRanks = work.kind === "ranks";
  const command = isRanks
    ? `if [ -e ${shellWord(work.resume.where)} ]; then exec ${shellCommand(work.resume.command)}; ` +
      `else exec ${shellCommand(work.begin)}; fi`
    : `exec ${shellCommand(work.command)}`;
  const metadata = { name, labels: { app: name } };
  const container = {
    name: "nlm",
    image,
    workingDir: VOLUME,
    command: ["/bin/sh", "-c", command],
    env: isRanks
      ? [
          { name: "NLM_RANKS", value: String(processes) },
          { name: "NLM_RANKS_AT", value: `${name}-0.${name}:${PORT}` },
          { name: "NLM_RANKS_INTERFACE", valueFrom: { fieldRef: { fieldPath: "status.podIP" } } },
          { name: "NLM_RANKS_SECRET", valueFrom: { secretKeyRef: { name, key: "secret" } } },
        ]
      : undefined,
    resources: { requests: { cpu: String(threads) }, limits: { cpu: String(threads) } },
    volumeMounts: [{ name: "nlm", mountPath: VOLUME }],
  };
  const job = {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata,
    spec: {
      completionMode: "Indexed",
      completions: processes,
      parallelism: processes,
      backoffLimit: RESTARTS * processes,
      activeDeadlineSeconds: secondsOfLimit(time),
      template: {
        metadata: { labels: { app: name } },
        spec: {
          subdomain: isRanks ? name : undefined,
          restartPolicy: "OnFailure",
          terminationGracePeriodSeconds: GRACE,
          automountServiceAccountToken: false,
          containers: [container],
          volumes: [{ name: "nlm", persistentVolumeClaim: { claimName: claim } }],
        },
      },
    },
  };
  const meeting = [
    { apiVersion: "v1", kind: "Secret", metadata, type: "Opaque", stringData: { secret } },
    {
      apiVersion: "v1",
      kind: "Service",
      metadata,
      // Ranks look for each other before they are ready.
      spec: { clusterIP: "None", publishNotReadyAddresses: true, selector: { app: name } },
    },
  ];
  const documents = isRanks ? [...meeting, job] : [job];
  return documents.map((document) => stringify(document, { lineWidth: 0 })).join("---\n");
}
