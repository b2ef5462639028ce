// How a process joins the other ranks of its job.
import { CONTRACT_VERSION, LangevinError } from "@neural-langevin/core";
import { requirePositive } from "@neural-langevin/core/backend";
import type { Link } from "../link.js";
import { receiveValue, sendValue } from "../message.js";
import { Ranks } from "../ranks.js";
import { firstHost, type RankPlace, rankOfEnvironment } from "./environment.js";
import { openMpi } from "./mpi-link.js";
import type { LastWords } from "./start-guard.js";
import { openTcp } from "./tcp.js";

/** What may carry messages between processes. */
export const transports = ["mpi", "tcp"] as const;
/** What carries messages between processes: `mpi`, a library of MPI, or `tcp`, sockets of Node. */
export type Transport = (typeof transports)[number];

/** How ranks reach each other. What is not given comes from variables of the launcher. */
export interface RanksOptions {
  /** `mpi` where a launcher of MPI started this process, `tcp` elsewhere, unless given. */
  readonly transport?: Transport | undefined;
  /** This process among the ranks; from the launcher's variables unless given. */
  readonly place?: Pick<RankPlace, "rank" | "size"> | undefined;
  /** TCP: where rank 0 listens, "host:port"; the variable NLM_RANKS_AT unless given. */
  readonly at?: string | undefined;
  /** TCP: what all ranks know and nobody else, at least 16 characters; the variable NLM_RANKS_SECRET unless given. */
  readonly secret?: string | undefined;
  /** TCP: the interface or address on which this rank listens; the one that leads to rank 0 unless given. */
  readonly interface?: string | undefined;
  /**
   * Seconds that ranks wait for each other at the start, and of silence after which a rank is lost (rank 0 after ten times
   * as many); the variable NLM_RANKS_PATIENCE or else 120 unless given.
   */
  readonly patience?: number | undefined;
  /** MPI: the file of its library, where it is not found by itself; the variable NLM_MPI unless given. */
  readonly library?: string | undefined;
  /**
   * MPI: what is written where a rank does not come in time, by rank 0, or the first that has come. The start cannot be told to
   * give up, so the process ends then and there; the error's sentences on stderr unless given.
   */
  readonly lastWords?: ((error: LangevinError) => LastWords) | undefined;
  /** What must be the same on all ranks, by name, for example the version of the program. */
  readonly agreement?: Readonly<Record<string, string>> | undefined;
}

/** The version of the messages between ranks. */
const PROTOCOL = 2;
const LEAST_SECRET = 16;

/**
 * Joins the other ranks of the job; every rank calls this. A process that no launcher started is alone.
 *
 * @throws invalid-value (no rank, no secret, another secret, ranks that do not agree), unavailable (no library of MPI, a
 *   rank that does not come, a rank 0 that is lost), device-failed (on other ranks, what rank 0 says as well)
 */
export async function joinRanks(options: RanksOptions = {}): Promise<Ranks> {
  const place = options.place ?? rankOfEnvironment();
  const transport = options.transport ?? (place && isMpi(place) ? "mpi" : "tcp");
  const patience = options.patience ?? Number(process.env.NLM_RANKS_PATIENCE || 120);
  requirePositive(options.patience === undefined ? "NLM_RANKS_PATIENCE" : "patience", patience);
  const link = await (transport === "mpi"
    ? openMpi(place ?? {}, options.library, patience, options.lastWords ?? sentences)
    : meet(place, patience, options));
  if (!link) return new Ranks();
  try {
    await agree(link, {
      "the version of the messages": String(PROTOCOL),
      "the version of the contract": String(CONTRACT_VERSION),
      "their patience": `${patience} seconds`,
      ...options.agreement,
    });
  } catch (error) {
    await link.close();
    if (link.lost !== 0) throw error;
    const { message, remedy } = error as LangevinError;
    throw new LangevinError("unavailable", message, remedy);
  }
  return new Ranks(link);
}

const sentences = ({ message, remedy }: LangevinError): LastWords => ({
  stderr: `${[message, remedy].filter(Boolean).join(" ")}\n`,
});

/** Whether a launcher of MPI started this process. */
const isMpi = (place: Partial<RankPlace>): boolean =>
  place.launcher === "Open MPI" || place.launcher === "MPICH";

/**
 * Which rank this process is among those that a launcher of MPI started, or undefined where there is only one.
 *
 * @throws invalid-value, for variables of a launcher that hold no rank
 */
export function rankOfMpi(): RankPlace | undefined {
  const place = rankOfEnvironment();
  return place && place.size > 1 && isMpi(place) ? place : undefined;
}

/** A link by TCP; undefined for a process that is alone. */
async function meet(
  place: Pick<RankPlace, "rank" | "size"> | undefined,
  patience: number,
  options: RanksOptions,
): Promise<Link | undefined> {
  if (!place || place.size === 1) return undefined;
  const { env } = process;
  const secret = options.secret ?? env.NLM_RANKS_SECRET ?? "";
  if (secret.length < LEAST_SECRET) {
    throw new LangevinError(
      "invalid-value",
      secret === ""
        ? "Ranks that meet by TCP need a secret, but none is set."
        : `The secret of the ranks has ${secret.length} characters; it needs ${LEAST_SECRET}.`,
      "Set NLM_RANKS_SECRET to the same random text for all ranks, for example of openssl rand -hex 16.",
    );
  }
  const at = options.at ?? env.NLM_RANKS_AT ?? addressInSlurm(env);
  const [, host, port] = /^(?:\[(.+)\]|([^:]+)):(\d+)$/.exec(at ?? "")?.filter(Boolean) ?? [];
  if (!host || !(Number(port) > 0 && Number(port) < 65_536)) {
    throw new LangevinError(
      "invalid-value",
      at === undefined
        ? "Nothing says where rank 0 listens."
        : `"${at}" is not an address of the form host:port.`,
      "Set NLM_RANKS_AT to its host and a free port, for example node01:23423.",
    );
  }
  const listenOn = options.interface ?? env.NLM_RANKS_INTERFACE;
  return openTcp({ ...place, secret, patience, host, port: Number(port), listenOn });
}

/** The first node of a step of Slurm, and a port that other jobs do not take. */
function addressInSlurm(env: NodeJS.ProcessEnv): string | undefined {
  const { SLURM_STEP_NODELIST: nodes, SLURM_JOB_ID: job } = env;
  if (!nodes || !job) return undefined;
  return `${firstHost(nodes)}:${20_000 + (Number(job) % 20_000)}`;
}

/** Compares what must be the same on all ranks; the first difference ends the job everywhere. */
async function agree(link: Link, mine: Readonly<Record<string, string>>): Promise<void> {
  if (link.rank > 0) {
    sendValue(link, 0, 0, mine);
    await receiveValue(link, 0, 0);
    return;
  }
  for (let rank = 1; rank < link.size; rank++) {
    const theirs = ((await receiveValue(link, rank, 0)) ?? {}) as Record<string, string>;
    for (const name of new Set([...Object.keys(mine), ...Object.keys(theirs)])) {
      if (mine[name] === theirs[name]) continue;
      const shown = (value: string | undefined) => (value === undefined ? "none" : `"${value}"`);
      const sentence = `Ranks 0 and ${rank} differ in ${name}: ${shown(mine[name])} and ${shown(theirs[name])}.`;
      link.fail(sentence);
      throw new LangevinError(
        "invalid-value",
        sentence,
        "Start all ranks with the same command and the same installation.",
      );
    }
  }
  for (let rank = 1; rank < link.size; rank++) sendValue(link, rank, 0, "agreed");
}
