// How the workers of a pool share one piece of work: whoever is free takes the next share, and nobody
// goes on before all shares are done. With one worker there is nothing to share and nothing to wait for.
import { structures } from "./kernel.generated.js";

/** One worker's view of its team. */
export interface Team {
  readonly rank: number;
  readonly threads: number;
  /** Calls `work` for some of 0 … shares − 1; the team has done all when it returns. Throws Stopped. */
  share(shares: number, work: (index: number) => void): void;
  /** Waits until every worker has come here. Throws Stopped. */
  finish(): void;
  /** Throws Stopped when the pool is being closed. */
  checkStop(): void;
}

/** What ends a worker's work when the pool is being closed. */
export class Stopped extends Error {}

/** Words that a team needs in its shared control array. */
export const CONTROL_WORDS = 4;
const NEXT = 0;
const ARRIVED = 1;
const ROUND = 2;
const STOP = 3;

/** Tells every worker of a team to stop at the next place where it can. */
export function stopTeam(control: Int32Array): void {
  Atomics.store(control, STOP, 1);
  Atomics.notify(control, ROUND);
}

/** Ends the waiting of workers that meet within a kernel. */
export const stopMeeting = (meeting: Int32Array): number =>
  Atomics.store(meeting, structures.Meeting.fields.stopped[1] / 4, 1);

/** A worker that works alone. */
export const alone: Team = {
  rank: 0,
  threads: 1,
  share(shares, work) {
    for (let index = 0; index < shares; index++) work(index);
  },
  finish() {},
  checkStop() {},
};

/** A worker among others. */
export function joinTeam(rank: number, threads: number, control: Int32Array): Team {
  const checkStop = () => {
    if (Atomics.load(control, STOP) === 1) throw new Stopped();
  };
  const finish = () => {
    const round = Atomics.load(control, ROUND);
    if (Atomics.add(control, ARRIVED, 1) === threads - 1) {
      Atomics.store(control, ARRIVED, 0);
      Atomics.store(control, NEXT, 0);
      Atomics.store(control, ROUND, (round + 1) | 0);
      Atomics.notify(control, ROUND);
      return;
    }
    while (Atomics.load(control, ROUND) === round) {
      checkStop();
      // The pause is bounded, because a stop may come between the check and the wait.
      Atomics.wait(control, ROUND, round, 100);
    }
  };
  return {
    rank,
    threads,
    share(shares, work) {
      for (;;) {
        const index = Atomics.add(control, NEXT, 1);
        if (index >= shares) break;
        checkStop();
        work(index);
      }
      finish();
    },
    finish,
    checkStop,
  };
}
