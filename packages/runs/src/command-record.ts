// What it takes to repeat a command on a machine: the machine by its hash, how chains were run, what computed, and what
// was called where.
import type { Dynamics } from "./dynamics.js";
import type { LoadedNetwork } from "./load-network.js";
import type { NamedBackend } from "./open-training.js";
import { type ComputedBy, computedBy, type Manifest, type Origin } from "./provenance.js";
import { sha256 } from "./training-data.js";
import { readWhole } from "./whole-file.js";

/** The record of a command; where chains begin is in the machine's file. */
export interface CommandRecord
  extends ComputedBy,
    Origin,
    Pick<Dynamics, "steps" | "temperature" | "dt" | "integrator"> {
  /** The file of the machine. */
  readonly machine: string;
  /** Its SHA-256, in hexadecimal. */
  readonly machineSha256: string;
  /** The run that the machine belongs to. */
  readonly run: string | undefined;
  /** Of all noise. */
  readonly seed: number;
  /** Packages and platform by name, with their versions. */
  readonly versions: Readonly<Record<string, string>>;
  /** When it was made, ISO 8601. */
  readonly at: string;
}

/**
 * The record of a command that ran chains of a machine.
 *
 * @param by.versions packages and platform with their versions
 * @throws not-found, unavailable, for a file that is gone; bad-file
 */
export async function commandRecord(
  { file, sha256: known, run }: LoadedNetwork,
  { name, backend }: NamedBackend,
  { steps, temperature, dt, integrator }: Dynamics,
  seed: number,
  by: { readonly versions: Manifest["versions"]; readonly origin?: Origin | undefined },
): Promise<CommandRecord> {
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
    versions: by.versions,
    ...by.origin,
    at: new Date().toISOString(),
  };
}
