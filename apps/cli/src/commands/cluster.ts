// `nlm cluster`: a job file for a cluster.
import { randomBytes } from "node:crypto";
import {
  type ClusterJob,
  jobName,
  kubernetesJob,
  slurmJob,
} from "@neural-langevin/backend-ranks/node";
import { readSettingsFile, readSweepFile } from "@neural-langevin/runs/node";
import { Argument, type Command, Option } from "commander";
import { addAmount, refusal } from "../options.js";
import type { Terminal } from "../terminal/terminal.js";
import { folderOfSweep } from "./sweep.js";

/** What is trained, and what it asks of the cluster. */
interface ClusterOptions extends Pick<ClusterJob, "threads" | "time"> {
  readonly ranks: number;
  readonly config?: string;
  readonly sweep?: string;
  readonly out: string;
  readonly nodes?: number;
  readonly modules?: string;
  readonly image?: string;
  readonly claim: string;
}

/** The training on ranks, or the sweep in shards; settings are refused here and not when the job's turn has come. */
async function workOf(system: string, options: ClusterOptions): Promise<ClusterJob["work"]> {
  const { ranks, threads, config, sweep, out } = options;
  if ((config === undefined) === (sweep === undefined)) {
    throw refusal("A job runs one training or one sweep", "Give --config or --sweep.");
  }
  const device = ["--threads", String(threads), "--out", out];
  if (sweep !== undefined) {
    await readSweepFile(sweep);
    const shard = system === "kubernetes" ? ["--shard", String(ranks)] : [];
    return { kind: "array", command: ["nlm", "sweep", sweep, ...shard, ...device] };
  }
  const { shards } = await readSettingsFile(config!);
  if (shards !== undefined && shards < ranks) {
    throw refusal(
      `${ranks} ranks are more than the ${shards} shards in ${config}`,
      "Take fewer ranks, or more shards.",
    );
  }
  const train = ["nlm", "train", "--ranks", "tcp", "--threads", String(threads)];
  return {
    kind: "ranks",
    begin: [...train, "--config", config!, "--out", out],
    resume: { command: [...train, "--resume", out], where: `${out}/manifest.json` },
  };
}

/** Prints the file. */
async function clusterCommand(
  terminal: Terminal,
  system: string,
  options: ClusterOptions,
): Promise<void> {
  const { ranks: processes, threads, time, out, nodes, modules, image, claim } = options;
  const work = await workOf(system, options);
  const job = { name: jobName(out), processes, threads, time, work };
  const text =
    system === "slurm"
      ? slurmJob(job, { nodes, modules: modules?.split(",") })
      : kubernetesJob(job, { image, claim, secret: randomBytes(16).toString("hex") });
  terminal.result({ system, job: text }, text.trimEnd());
}

/** Adds the command to the program. */
export function defineCluster(program: Command, terminal: Terminal): void {
  const command = program
    .command("cluster")
    .description("print a job file that trains on several processes of a cluster")
    .addArgument(new Argument("<system>", "what runs it").choices(["slurm", "kubernetes"]))
    .option("--config <file>", "settings of a training as YAML, which all processes share")
    .option("--sweep <file>", "a sweep as YAML, of which every process takes a shard")
    .option("--out <folder>", "folder (default: runs/train, or that of the sweep)")
    .option("--time <limit>", "time limit of a turn; of the whole job in Kubernetes", "04:00:00");
  addAmount(command, "--ranks", "count", 1, "processes", 2);
  addAmount(command, "--threads", "count", 1, "threads of each process", 8);
  addAmount(command, "--nodes", "count", 1, "slurm: computers (default: Slurm chooses)");
  command
    .option("--modules <list>", "slurm: environment modules to load, with commas between them")
    .option("--image <name>", "kubernetes: container image that has nlm")
    .option("--claim <name>", "kubernetes: volume claim for settings, data and runs", "nlm-runs")
    .addOption(new Option("--json", "write one JSON object to stdout"))
    .addHelpText(
      "after",
      `
A job of Slurm writes a checkpoint before its time is over and waits for its next turn,
until the training is done. A pod of Kubernetes that is stopped starts again and goes on;
paths count from the volume, and the manifest holds a new secret of the ranks.

Examples:
  nlm cluster slurm --config settings.yaml --ranks 8 --threads 16 > job.sh && sbatch job.sh
  nlm cluster slurm --sweep rates.yaml --ranks 20 --out runs/rates > job.sh
  nlm cluster kubernetes --config settings.yaml --image nlm:1 | kubectl apply -f -`,
    )
    .action((system: string, options: Omit<ClusterOptions, "out"> & { out?: string }) => {
      const out = options.sweep ? folderOfSweep(options.sweep) : "runs/train";
      return clusterCommand(terminal, system, { out, ...options });
    });
}
