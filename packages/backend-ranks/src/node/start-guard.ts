// Watches the start of MPI, which returns when all ranks have come and cannot be told to give up. Another thread ends the
// process in time. Who is late cannot be asked, so each rank leaves a file while it waits, where its computer keeps
// temporary files.
import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { LangevinError } from "@neural-langevin/core";
import type { RankPlace } from "./environment.js";

/** What a process writes as it ends. */
export interface LastWords {
  readonly stdout?: string | undefined;
  readonly stderr: string;
}

/** Seconds in which the ranks of other computers say who is late there, before the first process ends and with it the job. */
const LAST_SECOND = 1;

/** Milliseconds. */
const DAY = 86_400_000;

/** How the start came out. */
const [CAME, LATE] = [1, 2];

const UNKNOWN = "one of their processes hangs or is late";

/** The processes of the job on this computer, numbered in the order of their ranks. */
interface Neighbours {
  readonly own: number;
  readonly count: number;
  /** Where each leaves a file that is called by its number. */
  readonly folder: string;
}

/**
 * Calls what starts MPI. Where ranks do not come in time, rank 0 says so, with the numbers of those of its computer that
 * have not; where other computers wait for some, the first rank there names them as well. All processes then end.
 *
 * @param place what the launcher's variables say
 * @param patience seconds
 * @param lastWords what is written
 */
export function startInTime(
  start: () => void,
  { rank = 0, size, launcher }: Partial<RankPlace>,
  patience: number,
  lastWords: (error: LangevinError) => LastWords,
): void {
  const late = new LangevinError(
    "unavailable",
    `Not all ${size === undefined ? "ranks" : `${size} ranks`} have started MPI within ${patience} seconds: ${UNKNOWN}.`,
    "NLM_RANKS_PATIENCE=600 waits longer.",
  );
  const neighbours = signIn(launcher);
  // Either the ranks have come or it was said that they have not.
  const state = new Int32Array(new SharedArrayBuffer(4));
  const { stdout = "", stderr } = lastWords(late);
  const guard = new Worker(watch, {
    eval: true,
    workerData: {
      isFirst: rank === 0,
      // Where all are on one computer, one speaks alone, be it that rank 0 is late itself.
      stdout: rank === 0 || neighbours?.count === size ? stdout : "",
      stderr,
      state,
      neighbours,
      unknown: UNKNOWN,
      names: namesOf(neighbours, size),
      patience: 1000 * patience,
      lastSecond: 1000 * LAST_SECOND,
    },
  });
  try {
    start();
  } finally {
    // What was said holds: the other thread ends the process.
    if (Atomics.compareExchange(state, 0, 0, CAME) === LATE) Atomics.wait(state, 0, LATE);
    void guard.terminate();
    if (neighbours) signOut(neighbours);
  }
}

/** How those are named that are late, "#" being their numbers, and nobody of this computer. */
function namesOf(neighbours: Neighbours | undefined, size: number | undefined) {
  if (!neighbours) return undefined;
  if (neighbours.count === size) {
    return { none: UNKNOWN, one: "rank # hangs or is late", more: "ranks # hang or are late" };
  }
  const here = `of the ${neighbours.count} processes on ${hostname()}`;
  return {
    none: `all ${neighbours.count} processes on ${hostname()} have, one elsewhere hangs or is late`,
    one: `${here}, counted from 0, number # hangs or is late`,
    more: `${here}, counted from 0, numbers # hang or are late`,
  };
}

/** The thread's program. Sentences may be broken into lines. */
const watch = `
const { isFirst, stdout, stderr, state, neighbours, unknown, names, patience, lastSecond } = require("node:worker_threads").workerData;
const { readdirSync, rmSync, writeSync } = require("node:fs");
setTimeout(() => {
  if (Atomics.compareExchange(state, 0, 0, ${LATE}) !== 0) return;
  let [speaks, found] = [isFirst, unknown];
  try {
    const come = readdirSync(neighbours.folder).map(Number);
    const late = Array.from({ length: neighbours.count }, (_, at) => at).filter((at) => !come.includes(at));
    found = (late.length === 0 ? names.none : late.length === 1 ? names.one : names.more).replace("#", late.join(", "));
    speaks ||= late.length > 0 && neighbours.own === Math.min(...come);
  } catch {}
  if (speaks) {
    const sentence = new RegExp(unknown.replaceAll(" ", "\\\\s+"), "g");
    writeSync(1, stdout.replace(sentence, found));
    writeSync(2, stderr.replace(sentence, found));
  }
}, patience);
setTimeout(() => {
  if (Atomics.load(state, 0) !== ${LATE}) return;
  try {
    rmSync(neighbours.folder, { recursive: true, force: true });
  } catch {}
  process.kill(process.pid, "SIGKILL");
}, patience + lastSecond);
`;

/** Leaves the file of this process; undefined where it is not known who else is on this computer. */
function signIn(launcher: RankPlace["launcher"] | undefined): Neighbours | undefined {
  const { env } = process;
  const [own, count, job] =
    launcher === "Open MPI"
      ? [env.OMPI_COMM_WORLD_LOCAL_RANK, env.OMPI_COMM_WORLD_LOCAL_SIZE, env.PMIX_NAMESPACE]
      : launcher === "MPICH"
        ? [env.MPI_LOCALRANKID, env.MPI_LOCALNRANKS, ancestor("hydra_pmi_proxy")]
        : [];
  const user = process.getuid?.();
  if (!own || !count || !job || user === undefined) return undefined;
  const prefix = `nlm-start-${user}-`;
  const folder = join(tmpdir(), `${prefix}${job.replaceAll(/[^\w.-]/g, "-")}`);
  try {
    if (own === "0") sweep(prefix, user);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    // Everybody may have made something of this name.
    const made = lstatSync(folder);
    if (!made.isDirectory() || made.uid !== user) return undefined;
    writeFileSync(join(folder, own), "");
  } catch {
    return undefined;
  }
  return { own: Number(own), count: Number(count), folder };
}

/** Removes what jobs left that were killed as they started; no start takes a day. */
function sweep(prefix: string, user: number): void {
  for (const name of readdirSync(tmpdir())) {
    if (!name.startsWith(prefix)) continue;
    const path = join(tmpdir(), name);
    const left = lstatSync(path, { throwIfNoEntry: false });
    if (left?.uid === user && Date.now() - left.mtimeMs > DAY) {
      rmSync(path, { recursive: true, force: true });
    }
  }
}

function signOut({ own, folder }: Neighbours): void {
  rmSync(join(folder, String(own)), { force: true });
  try {
    rmdirSync(folder);
  } catch {
    // Others are still there.
  }
}

/** The number of the nearest process above this one that has this name, which its ranks on one computer share. */
function ancestor(name: string): string | undefined {
  try {
    for (let process = "self"; process !== "0"; ) {
      const [, command, parent] = /\((.*)\) \S (\d+)/s.exec(
        readFileSync(`/proc/${process}/stat`, "utf8"),
      )!;
      if (command === name && process !== "self") return process;
      process = parent!;
    }
  } catch {
    // Only Linux tells.
  }
  return undefined;
}
