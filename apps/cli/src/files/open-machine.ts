// The machine that a command works with, and a word where its training went wrong.
import type { LoadedNetwork } from "@neural-langevin/runs/node";
import type { Terminal } from "../terminal/terminal.js";
import { loadNamedMachine } from "./named-machine.js";

/**
 * Loads the machine of a run, a file or a name, and says so where the training of the run diverged.
 *
 * @throws what `loadNamedMachine` throws
 */
export async function openMachine(
  terminal: Terminal,
  path: string,
  checkpoint?: number,
): Promise<LoadedNetwork> {
  const machine = await loadNamedMachine(path, checkpoint);
  const manifest = await machine.run?.readManifest();
  if (manifest?.state === "diverged") {
    terminal.print(`The training of ${machine.run!.path} diverged; this is a state from before.`);
  }
  return machine;
}
