// A link over MPI. All calls are made by the main thread and none of them waits: requests are looked after in turns of
// the event loop, one after the other while statistics travel, and with pauses while anything else does, which grow while
// a rank waits for what to do, so that its core is left to the threads that compute.
import { inspect } from "node:util";
import { LangevinError } from "@neural-langevin/core";
import type { Link } from "../link.js";
import { Mailbox } from "../mailbox.js";
import { Pulse } from "../pulse.js";
import type { RankPlace } from "./environment.js";
import { type Mpi, type MpiRequest, startMpi } from "./mpi-library.js";
import type { LastWords } from "./start-guard.js";

/** Tags below those of channels. */
const GOODBYE = 0;
const FAILURE = 1;
const BEAT = 2;
const FIRST_CHANNEL = 3;
/** The tag of requests, their answers and what they carry. */
const REQUESTS = FIRST_CHANNEL;
/**
 * Milliseconds between looks while nobody is in a hurry: the most while this rank computes, which a look keeps from it, and
 * otherwise a part of the time in which nothing moved.
 */
const PAUSE = { least: 1, part: 1 / 5, most: 20 };
/**
 * Milliseconds between the end of a process and that of the job: rank 0 lets the launcher read what it wrote, the others let
 * rank 0 say what is wrong.
 */
const LAST_WORDS = { first: 200, others: 2000 };
const none = new Uint8Array(0);

let started: Mpi | undefined;

/**
 * Links the ranks that a launcher of MPI started.
 *
 * @param place what the launcher's variables say
 * @param patience seconds that ranks wait for each other, at the start and later
 * @param lastWords what is written where they do not come in time
 * @throws unavailable (no library, one that does not belong to the launcher, a rank that does not come)
 */
export async function openMpi(
  place: Partial<RankPlace>,
  library: string | undefined,
  patience: number,
  lastWords: (error: LangevinError) => LastWords,
): Promise<Link> {
  if (started) {
    throw new LangevinError("unavailable", "MPI was started in this process before.");
  }
  const mpi = startMpi(place, library, patience, lastWords);
  started = mpi;
  if (place.size !== undefined && mpi.size !== place.size) {
    throw new LangevinError(
      "unavailable",
      `${mpi.label} sees ${mpi.size} ${mpi.size === 1 ? "rank" : "ranks"}, but ${place.size} were started.`,
      "The library and the launcher must belong together: name the library of the launcher by NLM_MPI.",
    );
  }
  return new MpiLink(mpi, patience);
}

/** A message that is under way. */
interface Moving {
  readonly tag: number;
  readonly bytes: Uint8Array;
  readonly request: MpiRequest;
}

/** A message that comes from a rank. */
interface Coming extends Moving {
  readonly from: number;
}

class MpiLink implements Link {
  readonly rank: number;
  readonly size: number;
  readonly label: string;
  readonly #mpi: Mpi;
  readonly #mailbox = new Mailbox();
  /** What is under way. Bytes are kept here so that they are not freed. */
  #sending: Moving[] = [];
  #receiving: Coming[] = [];
  readonly #pulse: Pulse;
  #lost: number | undefined;
  #isComputing = false;
  /** The next look; undefined where nobody waits. */
  #next: ReturnType<typeof setTimeout> | "at once" | undefined;
  /** When something came or was asked for. */
  #lastMove = 0;
  #isFinalized = false;
  readonly #onExit = (code: number) => this.#leave(code);

  constructor(mpi: Mpi, patience: number) {
    this.#mpi = mpi;
    this.rank = mpi.rank;
    this.size = mpi.size;
    this.label = mpi.label;
    this.#pulse = new Pulse({
      rank: mpi.rank,
      size: mpi.size,
      patience,
      beat: (to) => this.#post(to, BEAT, none),
      onSilent: (rank, error) => {
        if (!this.#mailbox.failure) this.#lost = rank;
        this.#fail(error, error.message);
      },
    });
    process.on("exit", this.#onExit);
    process.on("uncaughtExceptionMonitor", sayUncaught);
  }

  get isComputing(): boolean {
    return this.#isComputing;
  }

  set isComputing(isComputing: boolean) {
    this.#isComputing = isComputing;
    if (!isComputing) this.#look();
  }

  get lost(): number | undefined {
    return this.#lost;
  }

  send(to: number, channel: number, bytes: Uint8Array): void {
    if (!this.#mailbox.failure) this.#post(to, FIRST_CHANNEL + channel, bytes);
  }

  receive(
    from: number,
    channel: number,
    into?: Uint8Array,
    urgent?: Promise<unknown>,
  ): Promise<Uint8Array | undefined> {
    const bytes = this.#mailbox.take(from, channel, into, urgent);
    const look = () => this.#look();
    if (urgent) urgent.then(look, look);
    else look();
    return bytes;
  }

  forget(channel: number): void {
    this.#mailbox.forget(channel);
  }

  fail(reason: string): void {
    this.#fail(new LangevinError("device-failed", reason), `Rank ${this.rank}: ${reason}`);
  }

  /** Ends the work here and, with this reason, on the other ranks. */
  #fail(error: LangevinError, reason: string): void {
    if (this.#mailbox.failure) return;
    const words = new TextEncoder().encode(reason);
    for (let rank = 0; rank < this.size; rank++) {
      if (rank !== this.rank) this.#post(rank, FAILURE, words);
    }
    this.#mailbox.fail(error);
    this.#pulse.stop();
  }

  async close(): Promise<void> {
    // After a failure nobody can be sure that all ranks come to an orderly end; the exit ends the job.
    if (this.#isFinalized || this.#mailbox.failure) return;
    for (let rank = 0; rank < this.size; rank++) {
      if (rank !== this.rank) this.#post(rank, GOODBYE, none);
    }
    const others = Array.from({ length: this.size }, (_, rank) => rank);
    // What is on its way must have come before the library is put away.
    while (
      !this.#mailbox.failure &&
      (this.#sending.length > 0 ||
        others.some((rank) => rank !== this.rank && !this.#mailbox.hasLeft(rank)))
    ) {
      this.#progress();
      await new Promise((resolve) => setTimeout(resolve, PAUSE.least));
    }
    if (this.#mailbox.failure) return;
    this.#isFinalized = true;
    this.#pulse.stop();
    this.#mpi.finalize();
    process.off("exit", this.#onExit);
    process.off("uncaughtExceptionMonitor", sayUncaught);
  }

  #post(to: number, tag: number, bytes: Uint8Array): void {
    const request = this.#mpi.send(bytes, to, tag);
    if (this.#mpi.isDone(request)) return;
    this.#sending.push({ tag, bytes, request });
    this.#look();
  }

  /** Looks after requests, at once and then as long as there are any or somebody waits. */
  #look(): void {
    this.#lastMove = performance.now();
    if (this.#next === "at once") return;
    clearTimeout(this.#next);
    this.#next = "at once";
    setImmediate(() => this.#turn());
  }

  #turn(): void {
    this.#next = undefined;
    if (this.#isFinalized) return;
    try {
      this.#progress();
    } catch (error) {
      this.#mailbox.fail(error as Error);
    }
    const moving = [...this.#sending, ...this.#receiving];
    if (this.#mailbox.failure || !(moving.length > 0 || this.#mailbox.waits(() => true))) return;
    // Everybody waits for statistics; requests and data have the time of an update.
    if (
      moving.some(({ tag }) => tag > REQUESTS) ||
      this.#mailbox.waits((channel, isUrgent) => channel > 0 && isUrgent)
    ) {
      this.#look();
      return;
    }
    const { least, part, most } = PAUSE;
    const silence = moving.length > 0 ? 0 : performance.now() - this.#lastMove;
    const pause = this.#isComputing ? most : Math.min(Math.max(part * silence, least), most);
    this.#next = setTimeout(() => this.#turn(), pause);
  }

  #progress(): void {
    for (let next = this.#mpi.probe(); next; next = this.#mpi.probe()) {
      const { from, tag, length } = next;
      const before = this.#receiving.filter((one) => one.from === from && one.tag === tag).length;
      const place = this.#mailbox.place(from, tag - FIRST_CHANNEL, length, before);
      const bytes = place ?? new Uint8Array(length);
      this.#receiving.push({ from, tag, bytes, request: this.#mpi.receive(bytes, from, tag) });
    }
    // Of one rank and channel, a message is handed on after those before it, and a goodbye after everything: what is long
    // may still be coming when the short word that was sent after it is here.
    const coming: Coming[] = [];
    for (const one of this.#receiving) {
      const { from, tag, request } = one;
      const isLater = coming.some(
        (other) => other.from === from && (other.tag === tag || tag === GOODBYE),
      );
      if (!isLater && this.#mpi.isDone(request)) this.#deliver(one);
      else coming.push(one);
    }
    this.#receiving = coming;
    this.#sending = this.#sending.filter(({ request }) => !this.#mpi.isDone(request));
  }

  #deliver({ from, tag, bytes }: Coming): void {
    this.#pulse.heard(from);
    this.#lastMove = performance.now();
    if (tag >= FIRST_CHANNEL) this.#mailbox.deliver(from, tag - FIRST_CHANNEL, bytes);
    else if (tag === GOODBYE) this.#mailbox.goodbye(from);
    else if (tag === FAILURE)
      this.#mailbox.fail(new LangevinError("device-failed", new TextDecoder().decode(bytes)));
  }

  /** A process that ends before its link was closed ends the job; rank 0 does so first, for it tells people why. */
  #leave(code: number): void {
    if (this.#isFinalized) return;
    const pause = this.rank === 0 ? LAST_WORDS.first : LAST_WORDS.others;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pause);
    this.#mpi.abort(code || 1);
  }
}

/** Node says why it ends after its last event, in which the job was ended already. */
function sayUncaught(error: unknown): void {
  if (process.listenerCount("uncaughtException") === 0) {
    process.stderr.write(`${inspect(error)}\n`);
  }
}
