// Work that goes on by itself until somebody stops it; there is never more than one at a time.

export class Loop {
  #stop: AbortController | undefined;
  #done: Promise<void> = Promise.resolve();

  /** Begins, unless it goes on already. */
  start(work: (signal: AbortSignal) => Promise<void>): void {
    if (this.#stop) return;
    const stop = new AbortController();
    this.#stop = stop;
    this.#done = work(stop.signal).finally(() => {
      this.#stop = undefined;
    });
  }

  /** Ends the work, and waits until it has ended. */
  async stop(): Promise<void> {
    this.#stop?.abort();
    await this.#done;
  }
}
