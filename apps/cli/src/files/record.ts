// What it takes to repeat a command on a machine: the machine by its hash, how chains were run, what computed, and what
// was called where.
import {
  type ComputedBy,
  computedBy,
  type Dynamics,
  type Origin,
  sha256,
} from "@neural-langevin/runs";
import { type LoadedNetwork, readWhole } from "@neural-langevin/runs/node";
import type { OpenedBackend } from "../backends/table.js";
import { origin, versions } from "../versions.js";

/** The record of a command; where chains begin is in the machine's file. */
export interface CommandRecord
  extends ComputedBy,
    Origin,
    Pick<Dynamics, "steps" | "temperature" | "dt" | "integrator"> {
  /** The file of the machine, and its SHA-256 in hexadecimal. */
  readonly machine: string;
  readonly machineSha256: string;
  /** The run that the machine belongs to. */
  readonly run: string | undefined;
  readonly seed: number;
  readonly versions: Readonly<Record<string, string>>;
  /** When it was made, ISO 8601. */
  readonly at: string;
}

/** The record of a command that samples a machine. */
export async function recordOf(
  { file, sha256: known, run }: LoadedNetwork,
  { name, backend }: OpenedBackend,
  dynamics: Dynamics,
  seed: number,
): Promise<CommandRecord> {
  const { steps, temperature, dt, integrator } = dynamics;
  return {
    machine: file,
    machineSha256: known ?? (await sha256(await readWhole(file))),
    run: run?.path,
    seed,
    steps,
    temperature,
    dt,
    integrator,
    ...computedBy(backend, name),
    versions: versions(),
    ...(await origin()),
    at: new Date().toISOString(),
  };
}
