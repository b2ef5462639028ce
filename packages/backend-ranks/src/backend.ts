// Opens a backend that computes on all ranks, or in shards within one process.
import { type Backend, type DeviceReport, LangevinError } from "@neural-langevin/core";
import { defineBackend, requireInteger } from "@neural-langevin/core/backend";
import { RanksEngine } from "./engine.js";
import { Host, type InnerDevice } from "./host.js";
import { Ranks } from "./ranks.js";
import { Team } from "./team.js";

/** How chains and data are spread. */
export interface RanksBackendOptions<Choice> {
  /**
   * Into how many shards chains and data are cut; 1 unless given. It belongs to the training: with as many shards the
   * bits are the same on any number of ranks.
   */
  readonly shards?: number | undefined;
  /** The ranks that compute; this process alone unless given. They stay open when the backend is closed. */
  readonly ranks?: Ranks | undefined;
  /** What rank 0 has chosen for all, for example the name of a backend; every rank's `create` gets it. */
  readonly choice?: Choice | undefined;
}

/**
 * Opens a backend whose sessions are spread over shards, and the shards over ranks. Each shard is a session of the
 * inner backend with a part of the chains and of the data and a copy of J, b and the moments. Before an update the
 * statistics of all shards are added in a fixed order; chains see the noise of their own number.
 *
 * @param create opens the inner backend of this rank; it is closed with this one
 * @throws invalid-value (more ranks than shards, ranks that compute differently, not on rank 0), device-failed (a rank
 *   is lost), and what `create` throws
 */
export async function createRanksBackend<Choice = undefined>(
  create: (choice: Choice) => Promise<Backend>,
  options: RanksBackendOptions<Choice> = {},
): Promise<Backend> {
  const { shards = 1, ranks = new Ranks() } = options;
  requireInteger("shards", shards, 1);
  if (ranks.rank > 0) {
    throw new LangevinError(
      "invalid-value",
      `Rank ${ranks.rank} does what rank 0 asks and opens no backend of its own.`,
      "Call serveRank.",
    );
  }
  if (ranks.size > shards) {
    throw refusal(
      ranks,
      `${ranks.size} ranks are more than the ${shards} ${shards === 1 ? "shard" : "shards"} of this training.`,
      `Start at most ${shards} ${shards === 1 ? "rank" : "ranks"}, or begin a training with shards: ${ranks.size}.`,
    );
  }
  const host = new Host(create as (choice: unknown) => Promise<Backend>, ranks);
  const team = new Team(host, ranks);
  const number = ranks.nextNumber();
  const dispose = async () => {
    await Promise.allSettled(team.askAll({ kind: "dispose", backend: number }));
  };
  let devices: InnerDevice[];
  try {
    devices = (await Promise.all(
      team.askAll({ kind: "create", backend: number, choice: options.choice }),
    )) as InnerDevice[];
    requireAlike(ranks, devices);
  } catch (error) {
    await dispose();
    throw error;
  }
  const inner = host.backend(number);
  return defineBackend({
    id: inner.id,
    device: () => report(inner.device, devices, shards, ranks),
    async open(spec) {
      const session = ranks.nextNumber();
      const answers = team.askAll({ kind: "open", backend: number, session, spec, shards });
      try {
        const orders = new Set(await Promise.all(answers));
        const inPlace = orders.size === 1 && !orders.has(null);
        return new RanksEngine(spec, shards, session, team, inPlace);
      } catch (error) {
        await Promise.allSettled(answers);
        await Promise.allSettled(team.askAll({ kind: "close", session }));
        throw error;
      }
    },
    close: dispose,
  });
}

function report(
  device: DeviceReport,
  devices: readonly InnerDevice[],
  shards: number,
  ranks: Ranks,
): DeviceReport {
  const others = devices.flatMap(({ label }, rank) =>
    label === device.label ? [] : [`rank ${rank}: ${label}`],
  );
  const places = ranks.size === 1 ? "one process" : `${ranks.size} ranks over ${ranks.label}`;
  return {
    ...device,
    threads: devices.reduce((sum, { threads }) => sum + threads, 0),
    limits: {
      units: Math.min(...devices.map(({ limits }) => limits.units)),
      chains: Math.min(...devices.map(({ limits }) => limits.chains)) * shards,
    },
    details: [
      ...device.details,
      `${shards} ${shards === 1 ? "shard" : "shards"} in ${places}`,
      ...others,
    ],
  };
}

/** Refuses ranks whose numbers would not be those of rank 0. */
function requireAlike(ranks: Ranks, [first, ...others]: readonly InnerDevice[]): void {
  const words = ({ id, precision, noise }: InnerDevice) =>
    `the backend ${id} in ${precision} with ${noise} noise`;
  others.forEach((other, at) => {
    if (words(other) === words(first!)) return;
    throw refusal(
      ranks,
      `Rank ${at + 1} computes with ${words(other)}, and rank 0 with ${words(first!)}.`,
      "Name the backend, so that all ranks take the same one.",
    );
  });
}

/** An error of the program that ends the work of all ranks. */
function refusal(ranks: Ranks, message: string, remedy: string): LangevinError {
  ranks.fail(message);
  return new LangevinError("invalid-value", message, remedy);
}
