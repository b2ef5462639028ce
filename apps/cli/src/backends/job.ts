// The processes of a job: rank 0 does what a command says, and the others compute for it in silence.
import { inShards, type Ranks } from "@neural-langevin/backend-ranks";
import { rankOfMpi, runJob, type Transport, transports } from "@neural-langevin/backend-ranks/node";
import { LangevinError } from "@neural-langevin/core";
import type { NamedBackend } from "@neural-langevin/runs/node";
import { type Command, Option } from "commander";
import type { Terminal } from "../terminal/terminal.js";
import { describeFailure } from "../text/failure.js";
import { ownVersion } from "../versions.js";
import { openBackend } from "./default-backend.js";
import { openNamed } from "./table.js";

/** Adds `--ranks`. */
export const addRanks = (command: Command): Command =>
  command.addOption(
    new Option(
      "--ranks [transport]",
      "compute on all processes of the job, over mpi or tcp (default: where mpirun started them)",
    ).choices(transports),
  );

/** What rank 0 chooses for all ranks. */
interface BackendChoice {
  readonly name: string;
  readonly threads: number | undefined;
}

/** Refuses a command that all processes of an MPI job would do alike. Throws invalid-value on rank 0; the others end. */
export function requireShare(command: Command): void {
  const shares = command.opts().shard ?? command.options.find(({ long }) => long === "--ranks");
  const place = shares ? undefined : rankOfMpi();
  if (!place) return;
  if (place.rank > 0) process.exit(1);
  throw new LangevinError(
    "invalid-value",
    `nlm ${command.name()} runs in one process, and ${place.launcher} started ${place.size}.`,
    "Start it without mpirun; train, sample and evaluate share their work.",
  );
}

/** Does a command in this process, or on all processes of its job. */
export async function onRanks(
  transport: Transport | true | undefined,
  work: (job: Ranks | undefined) => Promise<void>,
): Promise<void> {
  const words = process.argv.slice(2);
  const agreement = { "the version of nlm": ownVersion(), "the command": words.join(" ") };
  const create = async ({ name, threads }: BackendChoice) =>
    (await openNamed(name, threads)).backend;
  const lastWords = (error: LangevinError) =>
    describeFailure({ json: words.includes("--json"), columns: 80 }, error);
  if (!(await runJob({ transport, agreement, lastWords, create, work }))) process.exitCode = 1;
}

/** What computes, where a command names it. */
export interface DeviceOptions {
  readonly backend?: string | undefined;
  readonly threads?: number | undefined;
  /** The processes that compute; this one alone unless given. */
  readonly job?: Ranks | undefined;
}

/** A backend in so many shards on all processes of the job; as many as there are processes unless given. */
export async function spread(
  { name, backend }: NamedBackend,
  { threads, job }: DeviceOptions,
  shards = job?.size ?? 1,
): Promise<NamedBackend> {
  const choice: BackendChoice = { name, threads };
  return { name, backend: await inShards(backend, { shards, ranks: job, choice }) };
}

/** Opens the backend that is named, or the default, in shards as `spread` does. */
export const openDevice = async (
  terminal: Terminal,
  device: DeviceOptions,
  shards?: number,
): Promise<NamedBackend> =>
  spread(await openBackend(terminal, device.backend, device.threads), device, shards);
