// `nlm gather`: the shards of an experiment as one, with its report.
import { gatherExperiment } from "@neural-langevin/experiments/node";
import type { Command } from "commander";
import { addDevice } from "../options.js";
import type { Terminal } from "../terminal/terminal.js";
import { resumeExperiment } from "./experiment.js";

/** Adds the command to the program. */
export function defineGather(program: Command, terminal: Terminal): void {
  const command = program
    .command("gather")
    .description("put the shards of an experiment together, and write its report")
    .argument("<shards...>", "the folders of all shards")
    .requiredOption("--out <folder>", "folder of the whole experiment")
    .option("--overwrite", "replace an existing experiment", false);
  addDevice(command);
  command
    .addHelpText(
      "after",
      `
The folders are those that nlm experiment NAME --shard i/n wrote, on one computer or copied
from several. They are copied and stay as they are. The shards of a sweep need no gathering:
nlm compare takes the folders of all of them.

Example:
  nlm gather runs/experiments/classes-quick-shard-* --out runs/experiments/classes-quick`,
    )
    .action(async (shards: string[], { out, overwrite, ...device }) => {
      await gatherExperiment(shards, out, { overwrite });
      await resumeExperiment(terminal, undefined, out, device);
    });
}
