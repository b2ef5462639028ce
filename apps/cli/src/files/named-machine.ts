// A machine by what a command is given: a run, a file, or a machine that comes with the command line.
import { readMachine } from "@neural-langevin/machines";
import { type LoadedNetwork, loadNetwork } from "@neural-langevin/runs/node";
import { refusal } from "../options.js";

/** What the names of machines that are included begin with. */
export const ZOO = "zoo:";

/**
 * Loads the machine of a run, a file or a name such as zoo:ten-digits.
 *
 * @throws not-found, bad-file, unsupported; invalid-value, for a checkpoint of what is not a run
 */
export async function loadNamedMachine(name: string, checkpoint?: number): Promise<LoadedNetwork> {
  if (!name.startsWith(ZOO)) return loadNetwork(name, checkpoint);
  if (checkpoint !== undefined) {
    throw refusal(
      `--checkpoint names an update of a run, but ${name} is a finished machine`,
      "Leave --checkpoint out.",
    );
  }
  const { card, ...machine } = await readMachine(name.slice(ZOO.length));
  return { ...machine, file: name, sha256: card.sha256, run: undefined };
}
