// Machines in files, in Node.
import type { Backend, Machine } from "@neural-langevin/core";
import { decodeMachine, encodeMachine, type LoadMachineOptions } from "./machine-file.js";
import { readWhole, writeWhole } from "./whole-file.js";

/**
 * Writes a machine with its training to a safetensors file, whole.
 *
 * @throws exists, for a folder; invalid-value, not-found and unavailable, for what the system refuses
 */
export async function saveMachine(file: string, machine: Machine): Promise<void> {
  await writeWhole(file, await encodeMachine(machine));
}

/**
 * Puts the machine of a file on a backend: one that `saveMachine` wrote, a run's checkpoint, or a network. A saved
 * training goes on bit for bit.
 *
 * @throws not-found, and what `decodeMachine` throws (invalid-value, wrong-length, not-finite, bad-file, unsupported,
 *   unavailable)
 */
export async function loadMachine(
  backend: Backend,
  file: string,
  options: LoadMachineOptions = {},
): Promise<Machine> {
  return decodeMachine(backend, await readWhole(file), file, options);
}
