// `nlm cluster`: a job file for a cluster.
import { slurmJob } from "@neural-langevin/backend-ranks/node";
import { LangevinError } from "@neural-langevin/core";
import { readSettingsFile } from "@neural-langevin/runs/node";
import { type Command, Option } from "commander";
import { addAmount } from "../options.js";
import type { Terminal } from "../terminal/terminal.js";

/** What is trained, and what it asks of the cluster. */
interface ClusterOptions {
  readonly ranks: number;
  /** Processor cores of each rank. */
  readonly threads: number;
  readonly time: string;
  readonly config: string;
  readonly out: string;
}

/** Prints the file; settings that cannot be trained with are refused here and not when the job's turn has come. */
async function clusterCommand(terminal: Terminal, options: ClusterOptions): Promise<void> {
  const { ranks, threads, time, config, out } = options;
  if (!/^(\d+-)?\d+(:\d\d){0,2}$/.test(time)) {
    throw new LangevinError(
      "invalid-value",
      `--time takes a time limit such as 04:00:00 or 2-00:00:00, not ${JSON.stringify(time)}.`,
    );
  }
  const { shards } = await readSettingsFile(config);
  if (shards !== undefined && shards < ranks) {
    throw new LangevinError(
      "invalid-value",
      `${ranks} ranks are more than the ${shards} shards in ${config}.`,
      "Take fewer ranks, or more shards.",
    );
  }
  const train = ["nlm", "train", "--ranks", "tcp", "--threads", String(threads)];
  const text = slurmJob({
    name: "nlm",
    ranks,
    threads,
    time,
    begin: [...train, "--config", config, "--out", out],
    resume: { command: [...train, "--resume", out], where: `${out}/manifest.json` },
  });
  terminal.result({ system: "slurm", job: text }, text.trimEnd());
}

/** Adds the command to the program. */
export function defineCluster(program: Command, terminal: Terminal): void {
  const command = program
    .command("cluster")
    .description("print a job file that trains on several processes of a cluster")
    .argument("<system>", "slurm")
    .requiredOption("--config <file>", "settings of the training as YAML")
    .option("--out <folder>", "folder of the run", "runs/train")
    .option("--time <limit>", "time limit of a turn", "04:00:00");
  addAmount(command, "--ranks", "count", 1, "processes", 2);
  addAmount(command, "--threads", "count", 1, "threads of each process", 8);
  command
    .addOption(new Option("--json", "write one JSON object to stdout"))
    .addHelpText(
      "after",
      `
The job writes a checkpoint before its time is over and waits for its next turn, until the training is done.

Example:
  nlm cluster slurm --config settings.yaml --ranks 8 --threads 16 > job.sh && sbatch job.sh`,
    )
    .action((system: string, { config, out, time, ranks, threads }) => {
      if (system !== "slurm") {
        throw new LangevinError(
          "invalid-value",
          `There are job files for slurm, not for ${JSON.stringify(system)}.`,
        );
      }
      return clusterCommand(terminal, { config, out, time, ranks, threads });
    });
}
