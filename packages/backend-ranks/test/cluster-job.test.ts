// Job files: manifests that fit Kubernetes' own schema, and shells that take every word as it was given.
import { execFileSync } from "node:child_process";
import { Job } from "kubernetes-models/batch/v1/Job";
import { Secret } from "kubernetes-models/v1/Secret";
import { Service } from "kubernetes-models/v1/Service";
import { describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { secondsOfLimit } from "../src/node/cluster-job.js";
import {
  type ClusterJob,
  jobName,
  kubernetesJob,
  rankOfEnvironment,
  shellWord,
  slurmJob,
} from "../src/node.js";

const train: ClusterJob = {
  name: "nlm-wide",
  processes: 4,
  threads: 8,
  time: "2-01:00:00",
  work: {
    kind: "ranks",
    begin: ["nlm", "train", "--config", "it's.yaml"],
    resume: { command: ["nlm", "train", "--resume", "a run"], where: "a run/manifest.json" },
  },
};
const sweep: ClusterJob = {
  ...train,
  work: { kind: "array", command: ["nlm", "sweep", "rates.yaml", "--shard", "4"] },
};
const options = { image: "nlm:1", claim: "shared", secret: "a secret of the tests" };

/** What a manifest holds, each checked against the schema of its kind. */
function documentsOf(manifest: string) {
  const kinds = { Job, Secret, Service };
  return parseAllDocuments(manifest).map((document) => {
    const content = document.toJS();
    new kinds[content.kind as keyof typeof kinds](content).validate();
    return content;
  });
}

describe("a manifest for Kubernetes", () => {
  it("fits the published schema, which knows a mistake when it sees one", () => {
    expect(documentsOf(kubernetesJob(train, options)).map(({ kind }) => kind)).toEqual([
      "Secret",
      "Service",
      "Job",
    ]);
    const [job] = documentsOf(kubernetesJob(sweep, options));
    expect(() => new Job({ ...job, spec: { ...job.spec, completions: "4" } }).validate()).toThrow();
    const { template: _, ...spec } = job.spec;
    expect(() => new Job({ ...job, spec }).validate()).toThrow();
  });

  it("gives ranks what they need to meet, and time to write a checkpoint", () => {
    const [secret, service, job] = documentsOf(kubernetesJob(train, options));
    const { template, ...spec } = job.spec;
    expect(spec).toMatchObject({
      completionMode: "Indexed",
      completions: 4,
      parallelism: 4,
      activeDeadlineSeconds: 49 * 3600,
    });
    const { containers, subdomain, restartPolicy, volumes } = template.spec;
    expect(template.spec.terminationGracePeriodSeconds).toBeGreaterThan(60);
    // What computes has no business with the cluster's own interface.
    expect(template.spec.automountServiceAccountToken).toBe(false);
    expect(restartPolicy).toBe("OnFailure");
    expect(volumes[0].persistentVolumeClaim.claimName).toBe("shared");
    // The Service and the pods find each other by the name and the label.
    expect(subdomain).toBe(service.metadata.name);
    expect(template.metadata.labels).toMatchObject(service.spec.selector);
    const variables = Object.fromEntries(
      containers[0].env.map(({ name, ...value }: { name: string }) => [name, value]),
    );
    const environment = { NLM_RANKS: variables.NLM_RANKS.value, JOB_COMPLETION_INDEX: "3" };
    expect(rankOfEnvironment(environment)).toMatchObject({ rank: 3, size: 4 });
    expect(variables.NLM_RANKS_AT.value).toMatch(/^nlm-wide-0\.nlm-wide:\d+$/);
    const { name, key } = variables.NLM_RANKS_SECRET.valueFrom.secretKeyRef;
    expect([name, secret.stringData[key]]).toEqual([secret.metadata.name, options.secret]);
  });

  it("needs an image", () => {
    const none = () => kubernetesJob(train, { ...options, image: undefined });
    expect(none).toThrow("A job of Kubernetes runs in an image, but none is named.");
  });

  it("names no meeting to the tasks of an array", () => {
    const [job] = documentsOf(kubernetesJob(sweep, options));
    const { containers, subdomain } = job.spec.template.spec;
    expect(containers[0].env).toBeUndefined();
    expect(subdomain).toBeUndefined();
    expect(containers[0].command.at(-1)).toBe("exec nlm sweep rates.yaml --shard 4");
  });
});

describe("a job file for Slurm", () => {
  it("is a script that a shell takes, for ranks and for an array", () => {
    const check = (script: string) => execFileSync("bash", ["-n"], { input: script });
    const ranks = slurmJob(train, { nodes: 2, modules: ["node/22", "open mpi"] });
    check(ranks);
    expect(ranks).toContain("#SBATCH --ntasks=4\n#SBATCH --nodes=2\n#SBATCH --cpus-per-task=8\n");
    expect(ranks).toContain("\nmodule load node/22 'open mpi'\n");
    const array = slurmJob(sweep);
    check(array);
    expect(array).toContain("#SBATCH --array=1-4\n#SBATCH --cpus-per-task=8\n");
    expect(array).not.toContain("SECRET");
  });

  it("takes Slurm's time limits", () => {
    const limits = ["90", "1:30", "04:00:00", "2-3", "2-03:30", "1-00:00:01"];
    expect(limits.map(secondsOfLimit)).toEqual([5400, 90, 14_400, 183_600, 185_400, 86_401]);
    for (const time of ["soon", "", "0", "1:2:3", "1-"]) {
      expect(() => slurmJob({ ...train, time })).toThrow("is not a time limit");
    }
  });
});

it("a shell gets back every word as it was given", () => {
  const words = ["plain-1.5/x", "", "a b", "it's", "$HOME", "`id`", "a=1,b", "*", "\\", "é\n"];
  const printed = execFileSync("sh", ["-c", `printf '%s\\0' ${words.map(shellWord).join(" ")}`]);
  expect(printed.toString().split("\0").slice(0, -1)).toEqual(words);
  // What needs no quotes has none.
  expect(["runs/first-1", "rate=0.1,seed=2", "lauf № 1"].map(shellWord)).toEqual([
    "runs/first-1",
    "rate=0.1,seed=2",
    "'lauf № 1'",
  ]);
});

it("a job is called by its folder, as DNS takes names", () => {
  expect(jobName("runs/Wide net_2/")).toBe("nlm-wide-net-2");
  expect(jobName(`runs/${"x".repeat(99)}`)).toMatch(/^nlm-x{36}$/);
  expect(jobName("runs/é")).toBe("nlm");
});
