// `nlm lab`: serves the browser lab on this machine, and a run or file for it to open.
import { readdir, stat } from "node:fs/promises";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { LangevinError } from "@neural-langevin/core";
import { siteFolder } from "@neural-langevin/lab";
import { checkpointUpdate } from "@neural-langevin/runs";
import { isRun } from "@neural-langevin/runs/node";
import type { Command } from "commander";
import { serveLab } from "../files/lab-server.js";
import { addAmount } from "../options.js";
import type { Terminal } from "../terminal/terminal.js";

/** What is asked of `nlm lab`. */
interface LabOptions {
  /** A run folder, or a safetensors file. */
  readonly machine: string | undefined;
  /** 0 takes any port that is free. */
  readonly port: number;
}

/** Serves until Ctrl-C. */
async function labCommand(terminal: Terminal, options: LabOptions): Promise<void> {
  const { machine, port } = options;
  const files = machine === undefined ? new Map<string, string>() : await filesOf(machine);
  const server = await serveLab(siteFolder, files, port);
  const address = `http://localhost:${server.port}/${files.size > 0 ? "?run" : ""}`;
  terminal.result({ address }, `The lab is at ${address}`);
  terminal.print("Press Ctrl-C to stop.");
  await new Promise<void>((end) => {
    if (terminal.interrupted.aborted) end();
    else terminal.interrupted.addEventListener("abort", () => end(), { once: true });
  });
  await server.close();
}

/**
 * The files of a run, or the one file, by their paths for the page.
 *
 * @throws not-found
 */
async function filesOf(path: string): Promise<Map<string, string>> {
  const entry = await stat(path).catch(() => undefined);
  if (entry?.isFile()) return new Map([[basename(path), path]]);
  if (!entry || !(await isRun(path))) {
    throw new LangevinError(
      "not-found",
      entry
        ? `The folder ${path} is not a run: it has no manifest.json.`
        : `There is no run or file ${path}.`,
      "Name the folder of a run, or a safetensors file.",
    );
  }
  const folder = resolve(path);
  const above = dirname(folder);
  const names = await readdir(folder);
  const own = ["config.yaml", "manifest.json", "metrics.jsonl", "images.npy", "labels.npy"];
  const checkpoints = await readdir(join(folder, "checkpoints")).catch(() => []);
  const served = [
    ...own.filter((name) => names.includes(name)).map((name) => join(folder, name)),
    ...checkpoints
      .filter((name) => checkpointUpdate(name) !== undefined)
      .map((name) => join(folder, "checkpoints", name)),
  ];
  return new Map(served.map((file) => [relative(above, file).split(sep).join("/"), file]));
}

/** Adds the command to the program. */
export function defineLab(program: Command, terminal: Terminal): void {
  const lab = program
    .command("lab")
    .description("serve the lab to a browser, with a machine to look into")
    .argument("[machine]", "a run folder or a safetensors file (default: digits 1, 3, 6)");
  addAmount(lab, "--port", "count", 0, "port on localhost, 0 for any that is free", 8000);
  lab
    .option("--json", "write one JSON object to stdout")
    .addHelpText("after", "\nExamples:\n  nlm lab\n  nlm lab runs/demo --port 0")
    .action((machine: string | undefined, { port }) => labCommand(terminal, { machine, port }));
}
