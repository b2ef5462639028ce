// `nlm lab`: serves the browser lab on this machine, and a run or file for it to open.
import { serveLab } from "@neural-langevin/lab/server";
import { servedFiles } from "@neural-langevin/runs/node";
import type { Command } from "commander";
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
  const files = machine === undefined ? new Map<string, string>() : await servedFiles(machine);
  const server = await serveLab(files, port);
  const address = `http://localhost:${server.port}/${files.size > 0 ? "?run" : ""}`;
  terminal.result({ address }, `The lab is at ${address}`);
  terminal.print("Press Ctrl-C to stop.");
  await new Promise<void>((end) => {
    if (terminal.interrupted.aborted) end();
    else terminal.interrupted.addEventListener("abort", () => end(), { once: true });
  });
  await server.close();
}

/** Adds the command to the program. */
export function defineLab(program: Command, terminal: Terminal): void {
  const lab = program
    .command("lab")
    .description("serve the lab to a browser, with a machine to look into")
    .argument("[machine]", "a run folder or a safetensors file (default: ten digits)");
  addAmount(lab, "--port", "count", 0, "port on localhost, 0 for any that is free", 8000);
  lab
    .option("--json", "write one JSON object to stdout")
    .addHelpText("after", "\nExamples:\n  nlm lab\n  nlm lab runs/demo --port 0")
    .action((machine: string | undefined, { port }) => labCommand(terminal, { machine, port }));
}
