// What differs between Node and a browser.
import type { NativeKernels } from "./native.js";

/** A worker as the pool sees it. */
export interface WorkerHandle {
  post(message: unknown, transfer: ArrayBuffer[]): void;
  /** Keeps the process alive while answers are awaited, and only then. */
  holdProcess(hold: boolean): void;
  /** Ends the worker, which has been told to stop; one that has not failed may wait for another backend instead. */
  release(failed: boolean): Promise<void>;
}

/** What a platform offers. */
export interface Platform {
  /** Whether workers can share memory here; a browser page must be cross-origin isolated. */
  readonly canShareMemory: boolean;
  /** Threads that this machine runs at once. */
  readonly parallelism: number;
  /** The processor in words, as far as the platform tells. */
  readonly processor: string;
  /** Switches on what the engine's WebAssembly has behind a flag. */
  prepareWasm(): void;
  /** The native kernels of an instruction set, or of the best one, or why there are none. */
  findNative(wanted?: string): NativeKernels;
  /**
   * Starts a worker, or takes one that waits.
   *
   * @throws unavailable where workers are forbidden or their program cannot be loaded
   */
  startWorker(
    onMessage: (message: unknown) => void,
    onFailure: (reason: string) => void,
  ): Promise<WorkerHandle>;
}
