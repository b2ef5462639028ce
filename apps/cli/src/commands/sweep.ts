// `nlm sweep`: one training over a grid of settings, over seeds, or both.
import { basename, extname } from "node:path";
import { shellWord } from "@neural-langevin/backend-ranks/node";
import { drawTrainingCurve } from "@neural-langevin/experiments/node";
import { renderPng } from "@neural-langevin/figures/node";
import { piecesOf, readShard } from "@neural-langevin/runs";
import { readSweepFile, runSweep, type SweptMember, sweepStates } from "@neural-langevin/runs/node";
import type { Command } from "commander";
import { openTraining, runTraining } from "../files/training-run.js";
import { addDevice } from "../options.js";
import type { Terminal } from "../terminal/terminal.js";
import { counted } from "../text/format.js";
import { ownName } from "../versions.js";

interface SweepOptions {
  readonly out: string | undefined;
  readonly shard: string | undefined;
  readonly list: boolean;
  readonly backend: string | undefined;
  readonly threads: number | undefined;
}

/** The folder of a sweep's runs unless another is named. */
export const folderOfSweep = (file: string): string =>
  `runs/sweeps/${basename(file, extname(file))}`;

/** Trains the members of this process's share that are not finished. */
async function sweepCommand(
  terminal: Terminal,
  file: string,
  options: SweepOptions,
): Promise<void> {
  const all = await readSweepFile(file);
  const shard = readShard(options.shard);
  const members = shard ? piecesOf(all, shard) : all;
  const folder = options.out ?? folderOfSweep(file);
  const swept: SweptMember[] = [];
  if (!options.list) {
    const share = shard ? `, shard ${shard.index + 1} of ${shard.count}` : "";
    terminal.print(
      `${members.length} of ${counted(all.length, "training")}${share}, into ${folder}`,
    );
  }
  const again = [ownName(), ...process.argv.slice(2).map(shellWord)].join(" ");
  const outcomes = options.list
    ? sweepStates(folder, members)
    : runSweep(folder, members, async (place, { name }) => {
        terminal.print(`[${swept.length + 1} of ${members.length}] ${name}`);
        const training = await openTraining(terminal, place, options);
        await using _backend = training.backend;
        await using run = training.run;
        await runTraining(terminal, training, { resume: again });
        await drawTrainingCurve(run, "figures/training", renderPng);
      });
  for await (const outcome of outcomes) {
    swept.push(outcome);
    const { run, state, reason = "" } = outcome;
    if (options.list || state !== "finished")
      terminal.print(`  ${run}: ${state} ${reason}`.trimEnd());
  }
  const states = swept.map(({ state }) => state);
  const counts = [...new Set(states)].map(
    (state) => `${states.filter((one) => one === state).length} ${state}`,
  );
  terminal.result(
    { sweep: folder, members: swept.map(({ member, ...where }) => ({ ...where, ...member })) },
    `${counted(swept.length, "training")}: ${counts.join(", ") || "none in this shard"}.\n` +
      `Compare them with: ${ownName()} compare ${shellWord(folder)}`,
  );
}

/** Adds the command to the program. */
export function defineSweep(program: Command, terminal: Terminal): void {
  const command = program
    .command("sweep")
    .description("train over a grid of settings, over seeds, or both")
    .argument("<file>", "the sweep as YAML")
    .option("--out <folder>", "folder of the runs (default: runs/sweeps/ and the file's name)")
    .option("--shard <i/n>", "train every n-th member, from the i-th on")
    .option("--list", "list the members and where each stands, and train nothing", false);
  addDevice(command);
  command
    .addHelpText(
      "after",
      `
The file has three parts, each a few lines of YAML:
  settings:             what all members share, as in a settings file of nlm train
    labels: [1, 3, 6]
  grid:                 every combination of these values
    rate: [1e-3, 1e-4]
    negative-phase: [pcd-1, pcd-10]
  seeds: 5              each of them with seeds 1 to 5, or with a list of seeds

Every member is a run of its own. Called again, the command passes over those that
are finished and goes on with one that was stopped, from its last checkpoint. A task
of a Slurm array takes its own shard; in a Kubernetes job with N completions, write
--shard N. Several processes may share a folder: each run has one writer.

Examples:
  nlm sweep rates.yaml
  nlm sweep rates.yaml --shard 2/4
  nlm sweep rates.yaml --list`,
    )
    .action((file: string, options: SweepOptions) => sweepCommand(terminal, file, options));
}
