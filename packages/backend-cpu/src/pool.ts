// The workers of one backend, seen from the calling thread: operations go out in order, answers come
// back to those who wait for them, and one worker that fails ends all of them.
import { type ErrorCode, LangevinError } from "@neural-langevin/core";
import type { Answer, Answered, Operation, Start } from "./messages.js";
import type { Platform, WorkerHandle } from "./platform.js";
import { CONTROL_WORDS, stopMeeting, stopTeam } from "./team.js";

interface Waiting {
  resolve(values: Answered): void;
  reject(error: LangevinError): void;
}

export class WorkerPool {
  readonly threads: number;
  readonly #workers: WorkerHandle[] = [];
  readonly #control: Int32Array | undefined;
  /** Where the workers of each open session meet within a kernel. */
  readonly meetings = new Map<number, Int32Array>();
  readonly #waiting = new Map<number, Waiting>();
  #queue: Operation[] = [];
  #calls = 0;
  #failure: LangevinError | undefined;

  private constructor(threads: number, canShareMemory: boolean) {
    this.threads = threads;
    this.#control = canShareMemory
      ? new Int32Array(new SharedArrayBuffer(4 * CONTROL_WORDS))
      : undefined;
  }

  /**
   * Starts the workers.
   *
   * @throws unavailable
   */
  static async start(
    platform: Platform,
    threads: number,
    module: WebAssembly.Module | undefined,
  ): Promise<WorkerPool> {
    const pool = new WorkerPool(threads, platform.canShareMemory);
    try {
      // The first finds out how workers are started here.
      await pool.#startWorker(platform, 0, module);
      const others = Array.from({ length: threads - 1 }, (_, at) => at + 1);
      await Promise.all(others.map((rank) => pool.#startWorker(platform, rank, module)));
    } catch (error) {
      await pool.fail("closed", "This backend was never opened.");
      throw error;
    }
    return pool;
  }

  async #startWorker(
    platform: Platform,
    rank: number,
    module: WebAssembly.Module | undefined,
  ): Promise<void> {
    const worker = await platform.startWorker(
      (message) => this.#receive(message as Answer),
      (reason) => this.fail("device-failed", `A worker failed: ${reason}.`),
    );
    // Another of them may have failed meanwhile.
    if (this.#failure) return worker.release(false);
    this.#workers[rank] = worker;
    const start = { rank, threads: this.threads, module, control: this.#control };
    worker.post(start satisfies Start, []);
  }

  /** The number of a new call, to be put into the operation that it awaits. */
  nextCall(): number {
    return this.#calls++;
  }

  /** Enqueues an operation; all operations of one turn of the event loop travel together. */
  enqueue(operation: Operation): void {
    if (this.#failure) return;
    if (this.#queue.length === 0) queueMicrotask(() => this.#send());
    this.#queue.push(operation);
  }

  /** Enqueues an operation and waits for its answer. */
  async ask(operation: Operation & { call: number }): Promise<Answered> {
    if (this.#failure) throw this.#failure;
    const answer = new Promise<Answered>((resolve, reject) => {
      this.#waiting.set(operation.call, { resolve, reject });
    });
    this.#holdProcess();
    this.enqueue(operation);
    return answer;
  }

  /** Rejects a call that nobody will answer any more. */
  abandon(call: number, error: LangevinError): void {
    this.#waiting.get(call)?.reject(error);
    this.#waiting.delete(call);
    this.#holdProcess();
  }

  /** Lets all workers go; whatever waits, and every later call, is rejected. */
  async fail(code: ErrorCode, message: string): Promise<void> {
    if (this.#failure) return;
    this.#failure = new LangevinError(code, message);
    for (const { reject } of this.#waiting.values()) reject(this.#failure);
    this.#waiting.clear();
    for (const meeting of this.meetings.values()) stopMeeting(meeting);
    if (this.#control) stopTeam(this.#control);
    await Promise.all(this.#workers.map((worker) => worker.release(code !== "closed")));
  }

  #send(): void {
    const operations = this.#queue;
    this.#queue = [];
    if (this.#failure) return;
    // Worker 0 alone needs the values of a write.
    const transfer: ArrayBuffer[] = [];
    const others = operations.map((operation) => {
      if (operation.kind !== "write") return operation;
      transfer.push(operation.values!.buffer as ArrayBuffer);
      return { ...operation, values: undefined };
    });
    this.#workers.forEach((worker, rank) => {
      if (rank > 0) worker.post(others, []);
    });
    this.#workers[0]!.post(operations, transfer);
  }

  #receive(answer: Answer): void {
    const failed = "code" in answer;
    if (failed && answer.call === undefined) {
      void this.fail(answer.code, `A worker failed: ${answer.message}.`);
      return;
    }
    const call = answer.call!;
    const waiting = this.#waiting.get(call);
    this.#waiting.delete(call);
    this.#holdProcess();
    if (failed) waiting?.reject(new LangevinError(answer.code, answer.message, answer.remedy));
    else waiting?.resolve(answer.values);
  }

  #holdProcess(): void {
    for (const worker of this.#workers) worker.holdProcess(this.#waiting.size > 0);
  }
}
